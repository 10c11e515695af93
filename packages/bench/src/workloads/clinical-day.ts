import type { Actor } from '../load/population.js';
import { zipfSampler, type Random } from '../load/random.js';
import { duties, handoverDuties, hospital, workShares, type Duties } from './hospital.js';
import { defineWorkload, type WorkloadOperation } from './workload.js';

const patients = 200;
const wards = 6;
const beds = 100_000;
const clinics = 4;
const slotsPerClinic = 250;
/** Of ten things that nurses and physicians do, how many are for patients of their own ward. */
const OWN_WARD = 0.8;

function pickDuty(parts: Duties, random: Random): string {
    const names = Object.keys(parts);
    return names[random.weighted(Object.values(parts))] ?? 'chart';
}

/** Somebody of the hospital, by the share of the day's work, when a load does not say who acts. */
function anybody(random: Random): Actor {
    const role = hospital.roles[random.weighted(workShares)]?.name ?? 'nurse';
    const number = random.below(20);
    return { person: `${role}${number}`, role, number };
}

/** Patients by how often they are looked after; a clinician's are mostly those of the own ward. */
function patientSampler(random: Random): (actor: Actor) => string {
    const anyPatient = zipfSampler(patients, 0.8);
    return ({ role, number }) => {
        const drawn = anyPatient(random);
        const clinician = role === 'nurse' || role === 'physician';
        if (!clinician || random.next() >= OWN_WARD) return `p${drawn}`;
        return `p${(drawn - (drawn % wards) + (number % wards)) % patients}`;
    };
}

/**
 * A day in a hospital, with the natural keys a team would first choose: vitals stream in, orders count on
 * their patient, appointments are rushed for, everybody bills to a few accounts and every ward has a census.
 */
export const clinicalDay = defineWorkload({
    name: 'clinical-day',
    title: 'a hospital: nurses, physicians, clerks and billing, with changes of shift',
    population: hospital,
    setup: () =>
        Array.from({ length: patients }, (_, patient) => ({
            name: 'admit',
            args: [`p${patient}`, `w${patient % wards}`, String(beds)],
        })),
    operations: (random) => {
        const patientOf = patientSampler(random);
        const anySlot = zipfSampler(slotsPerClinic, 0.6);
        const below = (count: number): string => String(random.below(count));
        const duty: Readonly<
            Record<string, (index: number, actor: Actor, patient: string) => string[]>
        > = {
            vital: (index, _, patient) => [
                patient,
                'pulse',
                `t${index}`,
                String(55 + random.below(60)),
            ],
            order: (index, _, patient) => [patient, `o${index}`, `drug${below(50)}`],
            book: (_, __, patient) => [`clinic${below(clinics)}`, `s${anySlot(random)}`, patient],
            charge: () => [`account${below(3)}`, String(1 + random.below(500))],
            admit: (index) => [`n${index}`, `w${below(wards)}`, String(beds)],
            audit: (index, { person }, patient) => [`a${index}`, person, patient],
            chart: (_, __, patient) => [patient],
            discharge: (_, __, patient) => [patient],
        };
        return (index, actor = anybody(random)): WorkloadOperation => {
            const { role, handover } = actor;
            // Only those who care for patients hand them over.
            const hands = handover !== undefined && (role === 'nurse' || role === 'physician');
            const parts = hands ? handoverDuties[handover] : (duties[role] ?? { chart: 1 });
            const name = pickDuty(parts, random);
            return { name, args: duty[name]?.(index, actor, patientOf(actor)) ?? [] };
        };
    },
    keys: ({ name, args: [first = '', second = '', third = ''] }) => {
        switch (name) {
            case 'vital':
                return [`vital:${first}:${second}:${third}`];
            case 'order':
                return [`patient:${first}:orders`, `order:${first}:${second}`];
            case 'book':
                return [`slot:${first}:${second}`];
            case 'charge':
                return [`account:${first}`];
            case 'admit':
                return [`ward:${second}:census`, `patient:${first}:ward`];
            case 'audit':
                return [`audit:${first}`];
            default:
                // A discharge writes the census of whichever ward it is; a chart is a range of vitals.
                return undefined;
        }
    },
});
