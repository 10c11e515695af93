import type { Population } from '../load/population.js';

/** People of a hospital over a day; the run is as long as the day, the hospital as large as the load asks. */
export const hospital: Population = {
    handoverMinutes: 30,
    handoverPace: 4,
    roles: [
        {
            name: 'nurse',
            headcount: 60,
            thinkMinutes: 6,
            shifts: [
                { fromHour: 7, toHour: 15, share: 4 },
                { fromHour: 15, toHour: 23, share: 3 },
                { fromHour: 23, toHour: 7, share: 2 },
            ],
        },
        {
            name: 'physician',
            headcount: 20,
            thinkMinutes: 8,
            shifts: [
                { fromHour: 8, toHour: 20, share: 3 },
                { fromHour: 20, toHour: 8, share: 1 },
            ],
        },
        {
            name: 'clerk',
            headcount: 12,
            thinkMinutes: 4,
            shifts: [
                { fromHour: 7, toHour: 15, share: 2 },
                { fromHour: 12, toHour: 20, share: 1 },
            ],
        },
        {
            name: 'biller',
            headcount: 8,
            thinkMinutes: 5,
            shifts: [{ fromHour: 8, toHour: 17, share: 1 }],
        },
    ],
};

/** What the people of a role do, in parts. */
export type Duties = Readonly<Record<string, number>>;

/** Who does what, in parts. */
export const duties: Readonly<Record<string, Duties>> = {
    nurse: { vital: 14, chart: 3, audit: 1 },
    physician: { order: 9, chart: 8, vital: 1, audit: 1 },
    clerk: { book: 10, admit: 7, discharge: 4 },
    biller: { charge: 14, chart: 1, audit: 1 },
};

/** At a change of shift those who come read up on their patients, those who go write down what is left. */
export const handoverDuties: Readonly<Record<'arriving' | 'leaving', Duties>> = {
    arriving: { chart: 8, audit: 1 },
    leaving: { vital: 3, order: 2, audit: 2 },
};

/** Roles by how much of a day's work they do, for a load that knows no persons. */
export const workShares: readonly number[] = hospital.roles.map(
    ({ headcount, thinkMinutes, shifts }) => {
        const people = shifts.reduce((sum, { share }) => sum + share, 0);
        const hours = shifts.reduce(
            (sum, { fromHour, toHour, share }) =>
                sum + (share / people) * ((toHour - fromHour + 24) % 24),
            0,
        );
        return (headcount * hours) / thinkMinutes;
    },
);
