import { expect } from 'chai';
import fc from 'fast-check';
import { hospital } from '../workloads/hospital.js';
import { callersOf, planDay, type Act, type Population, type Shift } from './population.js';
import { seededRandom } from './random.js';

const HOUR_MS = 1000;
const day = { ratePerSecond: 300, durationMs: 24 * HOUR_MS };

const shift: fc.Arbitrary<Shift> = fc
    .record({
        fromHour: fc.integer({ min: 0, max: 23 }),
        length: fc.integer({ min: 4, max: 12 }),
        share: fc.integer({ min: 1, max: 4 }),
    })
    .map(({ fromHour, length, share }) => ({
        fromHour,
        toHour: (fromHour + length) % 24,
        share,
    }));

const population: fc.Arbitrary<Population> = fc.record({
    handoverMinutes: fc.integer({ min: 0, max: 60 }),
    handoverPace: fc.integer({ min: 1, max: 6 }),
    roles: fc
        .array(
            fc.record({
                headcount: fc.integer({ min: 1, max: 20 }),
                thinkMinutes: fc.integer({ min: 1, max: 30 }),
                shifts: fc.array(shift, { minLength: 1, maxLength: 3 }),
            }),
            { minLength: 1, maxLength: 4 },
        )
        .map((roles) => roles.map((role, index) => ({ name: `role${index}-`, ...role }))),
});

/** Whether an hour of the clock lies in a shift, or in the handover after it. */
function isThere({ fromHour, toHour }: Shift, hour: number, handoverMinutes: number): boolean {
    const length = (toHour - fromHour + 24) % 24 || 24;
    return (hour - fromHour + 24) % 24 <= length + handoverMinutes / 60;
}

function perHour(acts: readonly Act[], from: number, to: number): number {
    const within = acts.filter(({ atMs }) => atMs >= from * HOUR_MS && atMs < to * HOUR_MS);
    return within.length / (to - from);
}

describe('a day of persons', () => {
    it('is ascending, within the run, as busy as asked, and everybody keeps to a shift', () => {
        fc.assert(
            fc.property(population, fc.integer({ min: 1, max: 200 }), (people, ratePerSecond) => {
                const { acts } = planDay(people, { ...day, ratePerSecond }, seededRandom('x'));
                const wanted = ratePerSecond * 24;
                // Six standard deviations of a Poisson count.
                expect(Math.abs(acts.length - wanted)).to.be.at.most(6 * Math.sqrt(wanted) + 1);
                // One assertion for all: thousands of them would take seconds.
                const wrong = acts.filter(({ atMs, role }, index) => {
                    const { shifts } = people.roles.find(({ name }) => name === role)!;
                    const hour = atMs / HOUR_MS;
                    const present = shifts.some((each) =>
                        isThere(each, hour, people.handoverMinutes),
                    );
                    const inOrder = atMs >= (acts[index - 1]?.atMs ?? 0);
                    return !(present && inOrder && atMs <= day.durationMs);
                });
                expect(wrong).to.deep.equal([]);
            }),
            { numRuns: 40 },
        );
    });

    it('is the same for the same seed, another for another', () => {
        const plan = (seed: string) => planDay(hospital, day, seededRandom(seed));
        expect(plan('a')).to.deep.equal(plan('a'));
        expect(plan('a').acts).to.not.deep.equal(plan('b').acts);
    });

    it('bursts when a shift changes, because those who leave and those who come are both there', () => {
        const { acts } = planDay(hospital, day, seededRandom('x'));
        const nurses = acts.filter(({ role }) => role === 'nurse');
        // From three to half past three; against the hours before and after.
        expect(perHour(nurses, 15, 15.5)).to.be.greaterThan(3 * perHour(nurses, 11, 14));
        expect(perHour(nurses, 15, 15.5)).to.be.greaterThan(3 * perHour(nurses, 17, 20));
        const changing = nurses.filter(({ atMs }) => atMs > 15e3 && atMs < 15.5e3);
        const of = (what: string | undefined): Set<string> =>
            new Set(
                changing.filter(({ handover }) => handover === what).map(({ person }) => person),
            );
        const [leaving, arriving] = [of('leaving'), of('arriving')];
        expect(leaving.size).to.be.greaterThan(1);
        expect(arriving.size).to.be.greaterThan(1);
        expect([...leaving].filter((person) => arriving.has(person))).to.deep.equal([]);
        const after = nurses.filter(({ atMs }) => atMs > 15.5e3 && atMs < 22e3);
        expect(after.some(({ person }) => leaving.has(person))).to.equal(false);
        expect(after.some(({ person }) => arriving.has(person))).to.equal(true);
    });

    it('has people who think as long as their role does', () => {
        const { acts } = planDay(hospital, day, seededRandom('x'));
        const gaps = (role: string): number => {
            const working = acts.filter((act) => act.role === role && act.handover === undefined);
            const last = new Map<string, number>();
            const pauses = working.flatMap(({ person, atMs }) => {
                const before = last.get(person);
                last.set(person, atMs);
                // A pause over a night off is none.
                return before === undefined || atMs - before > HOUR_MS ? [] : [atMs - before];
            });
            return pauses.reduce((sum, each) => sum + each, 0) / pauses.length;
        };
        expect(gaps('physician') / gaps('clerk')).to.be.closeTo(2, 0.3);
    });

    it('is refused when nobody could live it', () => {
        const [role] = hospital.roles;
        const bad: [Population, Partial<typeof day>][] = [
            [{ ...hospital, roles: [] }, {}],
            [{ ...hospital, handoverPace: 0.5 }, {}],
            [{ ...hospital, handoverMinutes: 300 }, {}],
            [{ ...hospital, roles: [{ ...role!, thinkMinutes: 0 }] }, {}],
            [{ ...hospital, roles: [{ ...role!, shifts: [] }] }, {}],
            [
                {
                    ...hospital,
                    roles: [{ ...role!, shifts: [{ fromHour: 7, toHour: 25, share: 1 }] }],
                },
                {},
            ],
            [hospital, { ratePerSecond: 0 }],
            [hospital, { ratePerSecond: 1_000_000, durationMs: 60_000 }],
        ];
        for (const [people, load] of bad) {
            expect(() => planDay(people, { ...day, ...load }, seededRandom('x')))
                .to.throw()
                .with.property('code', 'BENCH_SCHEDULE_INVALID');
        }
    });
});

describe('callers as persons', () => {
    it('are shared out by headcount, and pause as long as their role on average', () => {
        const callers = callersOf(hospital, 100);
        const count = (name: string): number => callers.filter(({ role }) => role === name).length;
        expect(['nurse', 'physician', 'clerk', 'biller'].map(count)).to.deep.equal([60, 20, 12, 8]);
        const mean = callers.reduce((sum, each) => sum + each.relativeThinkTime, 0) / 100;
        expect(mean).to.be.closeTo(1, 1e-9);
        expect(new Set(callers.map(({ person }) => person)).size).to.equal(100);
        expect(callersOf(hospital, 1)[0]?.role).to.equal('nurse');
    });
});
