import { zipfSampler } from '../load/random.js';
import { defineWorkload, type WorkloadOperation } from './workload.js';

const patients = 200;
const wards = 6;
const beds = 100_000;
const clinics = 4;
const slotsPerClinic = 250;

/** Who does what, in parts; the nurse's vitals make up most of a day. */
const roles = [
    { name: 'vital', weight: 40 },
    { name: 'order', weight: 12 },
    { name: 'chart', weight: 15 },
    { name: 'book', weight: 8 },
    { name: 'charge', weight: 10 },
    { name: 'admit', weight: 6 },
    { name: 'discharge', weight: 4 },
    { name: 'audit', weight: 5 },
] as const;

/**
 * A day in a hospital, with the natural keys a team would first choose: vitals stream in, orders count on
 * their patient, appointments are rushed for, everybody bills to a few accounts and every ward has a census.
 */
export const clinicalDay = defineWorkload({
    name: 'clinical-day',
    title: 'a hospital: vitals, orders, chart reads, an appointment rush, billing, census, audit',
    setup: () =>
        Array.from({ length: patients }, (_, patient) => ({
            name: 'admit',
            args: [`p${patient}`, `w${patient % wards}`, String(beds)],
        })),
    operations: (random) => {
        const anyPatient = zipfSampler(patients, 0.8);
        const anySlot = zipfSampler(slotsPerClinic, 0.6);
        const weights = roles.map(({ weight }) => weight);
        return (index): WorkloadOperation => {
            const name = roles[random.weighted(weights)]?.name ?? 'chart';
            const patient = `p${anyPatient(random)}`;
            switch (name) {
                case 'vital':
                    return {
                        name,
                        args: [patient, 'pulse', `t${index}`, String(55 + random.below(60))],
                    };
                case 'order':
                    return { name, args: [patient, `o${index}`, `drug${random.below(50)}`] };
                case 'book':
                    return {
                        name,
                        args: [`clinic${random.below(clinics)}`, `s${anySlot(random)}`, patient],
                    };
                case 'charge':
                    return {
                        name,
                        args: [`account${random.below(3)}`, String(1 + random.below(500))],
                    };
                case 'admit':
                    return { name, args: [`n${index}`, `w${random.below(wards)}`, String(beds)] };
                case 'audit':
                    return { name, args: [`a${index}`, `nurse${random.below(30)}`, patient] };
                default:
                    return { name, args: [patient] };
            }
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
