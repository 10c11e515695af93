import { expect } from 'chai';
import { callersOf, planDay } from '../load/population.js';
import { seededRandom } from '../load/random.js';
import { replaySerially } from '../verify/replay.js';
import { workloads } from './built-in.js';
import { clinicalDay } from './clinical-day.js';
import { hospital } from './hospital.js';
import type { Workload } from './workload.js';

const COUNT = 1000;

function drawn(workload: Workload, seed: string, count = COUNT) {
    const next = workload.operations(seededRandom(seed));
    return Array.from({ length: count }, (_, index) => next(index));
}

function named(name: string): Workload {
    return workloads.find((each) => each.name === name)!;
}

describe('the built-in workloads', () => {
    for (const workload of workloads) {
        it(`${workload.name}: the same operations for the same seed, each of which the contract knows`, async () => {
            const operations = drawn(workload, 'a');
            expect(operations).to.deep.equal(drawn(workload, 'a'));
            // One counter leaves nothing to draw.
            if (!workload.name.startsWith('hot-counter')) {
                expect(operations).to.not.deep.equal(drawn(workload, 'b'));
            }
            const all = [
                ...workload.setup(seededRandom('a')),
                ...operations.slice(0, 300),
                ...(workload.closing?.() ?? []),
            ].map((operation, index) => ({ id: `r/${index}`, ...operation, accepted: true }));
            const { state, disagreements } = await replaySerially(all, workload.replay ?? {});
            expect(state.size).to.be.greaterThan(0);
            // A full house, an empty shelf or a step too early may be refused; nothing may be unknown.
            expect(
                disagreements.filter((each) => /does not say|missing|whole number/.test(each)),
            ).to.deep.equal([]);
        });

        it(`${workload.name}: declares exactly the keys that an operation reads and writes`, async () => {
            const state = new Map<string, string>();
            const all = [...workload.setup(seededRandom('a')), ...drawn(workload, 'a', 400)];
            for (const operation of all) {
                const [reads, writes] = [new Set<string>(), new Set<string>()];
                const perform = workload.replay?.[operation.name];
                const effects = new Map<string, string | undefined>();
                const accepted = await perform!(
                    {
                        get: (key) => {
                            reads.add(key);
                            return Promise.resolve(state.get(key));
                        },
                        put: (key, value) => {
                            writes.add(key);
                            effects.set(key, value);
                            return Promise.resolve();
                        },
                        delete: (key) => {
                            writes.add(key);
                            effects.set(key, undefined);
                            return Promise.resolve();
                        },
                        range: (start, end) => {
                            const keys = [...state.keys()].filter(
                                (key) => key >= start && key < end,
                            );
                            for (const key of keys) reads.add(key);
                            return Promise.resolve(keys.sort().map((key) => state.get(key)!));
                        },
                        // A row of the transaction's own: there is nothing to declare.
                        increase: () => Promise.resolve(),
                        sum: () => Promise.resolve(0n),
                    },
                    operation.args,
                ).then(
                    () => true,
                    () => false,
                );
                const declared = workload.keys?.(operation);
                if (declared !== undefined && accepted) {
                    const plain: readonly string[] = Array.isArray(declared) ? declared : [];
                    const parts = declared as { reads?: string[]; writes?: string[] };
                    const told = new Set([
                        ...plain,
                        ...(parts.reads ?? []),
                        ...(parts.writes ?? []),
                    ]);
                    const written = new Set([...plain, ...(parts.writes ?? [])]);
                    const text = JSON.stringify(operation);
                    expect(
                        [...reads, ...writes].filter((key) => !told.has(key)),
                        text,
                    ).to.deep.equal([]);
                    expect(
                        [...writes].filter((key) => !written.has(key)),
                        text,
                    ).to.deep.equal([]);
                }
                if (!accepted) continue;
                for (const [key, value] of effects) {
                    if (value === undefined) state.delete(key);
                    else state.set(key, value);
                }
            }
        });
    }

    const shareOf = (workload: string, ...functions: string[]): number =>
        drawn(named(workload), 's', 20_000).filter(({ name }) => functions.includes(name)).length /
        20_000;

    it('have the shares that the literature gives them', () => {
        expect(shareOf('genchain-update-heavy', 'updateTwo')).to.be.closeTo(10 / 16, 0.02);
        expect(shareOf('genchain-insert-heavy', 'insertTwo')).to.be.closeTo(10 / 16, 0.02);
        expect(shareOf('genchain-range-heavy', 'rangeTwo')).to.be.closeTo(10 / 19, 0.02);
        expect(shareOf('genchain-80-delete', 'deleteTwo')).to.be.closeTo(0.8, 0.02);
        expect(shareOf('genchain-80-delete', 'readTwo')).to.be.closeTo(0.05, 0.01);
        expect(shareOf('drm', 'play')).to.be.closeTo(0.7, 0.02);
        expect(shareOf('smallbank', 'balance')).to.be.closeTo(0.05, 0.01);
        expect(shareOf('voting', 'parties')).to.be.closeTo(100 / 1100, 0.01);
        expect(shareOf('ehr', 'viewEhr', 'readProfile', 'viewPartialProfile')).to.be.closeTo(
            3 / 8,
            0.02,
        );
        expect(shareOf('ycsb-f', 'read')).to.be.closeTo(0.5, 0.02);
    });

    it('custom-hot touches four rows to read and four to write, as hot as it says', () => {
        const operations = drawn(named('custom-hot'), 's', 5000);
        const share = (at: number): number => {
            const rows = operations.flatMap(({ args }) => args[at]!.split(',').map(Number));
            expect(rows).to.have.length(20_000);
            return rows.filter((row) => row < 100).length / rows.length;
        };
        expect(share(0)).to.be.closeTo(0.4, 0.02);
        expect(share(1)).to.be.closeTo(0.1, 0.02);
    });
});

describe('the clinical day', () => {
    it('has every role do what is its own', () => {
        const next = clinicalDay.operations(seededRandom('x'));
        const { acts } = planDay(
            hospital,
            { ratePerSecond: 300, durationMs: 24_000 },
            seededRandom('x'),
        );
        const done = acts.map((act, index) => ({ act, name: next(index, act).name }));
        const working = (role: string): Set<string> =>
            new Set(
                done
                    .filter(({ act }) => act.role === role && act.handover === undefined)
                    .map(({ name }) => name),
            );
        expect([...working('nurse')].sort()).to.deep.equal(['audit', 'chart', 'vital']);
        expect([...working('physician')].sort()).to.deep.equal([
            'audit',
            'chart',
            'order',
            'vital',
        ]);
        expect([...working('clerk')].sort()).to.deep.equal(['admit', 'book', 'discharge']);
        expect([...working('biller')].sort()).to.deep.equal(['audit', 'charge', 'chart']);
    });

    it('has a change of shift in which charts are read and the last things written down', () => {
        const next = clinicalDay.operations(seededRandom('x'));
        const [nurse] = callersOf(hospital, 1);
        const share = (handover: 'arriving' | 'leaving', name: string): number => {
            const operations = Array.from({ length: 2000 }, (_, index) =>
                next(index, { ...nurse!, handover }),
            );
            return operations.filter((each) => each.name === name).length / 2000;
        };
        expect(share('arriving', 'chart')).to.be.closeTo(8 / 9, 0.03);
        expect(share('leaving', 'chart')).to.equal(0);
        expect(share('leaving', 'audit')).to.be.closeTo(2 / 7, 0.03);
    });
});
