import { expect } from 'chai';
import fc from 'fast-check';
import type { AccessSet } from './access.js';
import { MemoryState } from './memory-state.js';
import { orderAccesses, orderTransactions } from './order.js';
import { ReadWriteSetBuilder } from './read-write-set-builder.js';
import { customWorkload } from './test-support/workloads.js';
import { validateBlock } from './validate.js';
import { VALIDATION_CODES } from './validation-code.js';

const keyOf = fc.integer({ min: 0, max: 5 }).map((k) => `k${k}`);
const access = fc.record({
    reads: fc.array(keyOf, { maxLength: 3 }),
    writes: fc.array(keyOf, { maxLength: 3 }),
});
const accesses = (maxLength: number): fc.Arbitrary<AccessSet[]> => fc.array(access, { maxLength });

/** How many survive in a given order. */
function survivors(sets: readonly AccessSet[], order: readonly number[]): number {
    const written = new Set<string>();
    let count = 0;
    for (const index of order) {
        const { reads, writes } = sets[index]!;
        if (reads.some((key) => written.has(key))) continue;
        count++;
        for (const key of writes) written.add(key);
    }
    return count;
}

/** The most that can survive: every order is tried, cut off where it repeats a set of survivors. */
function optimum(sets: readonly AccessSet[]): number {
    let best = 0;
    const tried = new Set<number>();
    const extend = (taken: number, written: ReadonlySet<string>, count: number): void => {
        if (tried.has(taken)) return;
        tried.add(taken);
        best = Math.max(best, count);
        for (const [i, { reads, writes }] of sets.entries()) {
            if ((taken & (1 << i)) !== 0 || reads.some((key) => written.has(key))) continue;
            extend(taken | (1 << i), new Set([...written, ...writes]), count + 1);
        }
    };
    extend(0, new Set(), 0);
    return best;
}

const arrival = (sets: readonly AccessSet[]): number =>
    survivors(
        sets,
        sets.map((_, index) => index),
    );

describe('Ordering endorsed transactions', () => {
    it('schedules nobody who does not survive, and forgets nobody', () => {
        fc.assert(
            fc.property(accesses(30), (sets) => {
                const { order, victims } = orderAccesses(sets);
                expect(survivors(sets, order)).to.equal(order.length);
                expect(
                    [...order, ...victims.map(({ index }) => index)].sort((a, b) => a - b),
                ).to.deep.equal(sets.map((_, index) => index));
            }),
            { numRuns: 3000 },
        );
    });

    it('never does worse than arrival order', () => {
        fc.assert(
            fc.property(accesses(40), (sets) => {
                expect(orderAccesses(sets).order.length).to.be.at.least(arrival(sets));
            }),
            { numRuns: 3000 },
        );
    });

    it('finds the optimum on small inputs', () => {
        fc.assert(
            fc.property(accesses(9), (sets) => {
                expect(orderAccesses(sets).order.length).to.equal(optimum(sets));
            }),
            { numRuns: 2000 },
        );
    });

    it('stays within 5% of the optimum where it can no longer try everything', () => {
        let best = 0;
        let ours = 0;
        fc.assert(
            fc.property(fc.array(access, { minLength: 13, maxLength: 16 }), (sets) => {
                best += optimum(sets);
                ours += orderAccesses(sets).order.length;
            }),
            { numRuns: 150, seed: 7 },
        );
        expect(ours / best).to.be.at.least(0.95);
    });

    it('names for every victim a survivor before and one after which it cannot stand', () => {
        fc.assert(
            fc.property(accesses(30), (sets) => {
                const { order, victims } = orderAccesses(sets);
                const place = new Map(order.map((tx, i) => [tx, i]));
                for (const victim of victims) {
                    if (victim.reason !== 'cycle') throw new Error('no state was given');
                    const { readKey, writer, writtenKey, reader } = victim.bond;
                    expect(sets[victim.index]!.reads).to.include(readKey);
                    expect(sets[writer]!.writes).to.include(readKey);
                    expect(sets[victim.index]!.writes).to.include(writtenKey);
                    expect(sets[reader]!.reads).to.include(writtenKey);
                    expect(place.get(writer)! <= place.get(reader)!).to.equal(true);
                }
            }),
            { numRuns: 2000 },
        );
    });

    it('weighs transactions by what they are worth', () => {
        const rmw: AccessSet = { reads: ['k'], writes: ['k'] };
        const { order } = orderAccesses([rmw, rmw, rmw], { weights: [1, 50, 2] });
        expect(order).to.deep.equal([1]);
    });

    it('keeps at least the published share on the custom workload', () => {
        const share = (count: number): number => {
            const runs = [1, 2, 3, 4, 5].map((seed) => customWorkload(count, seed));
            const kept = runs.map((sets) => orderAccesses(sets).order.length / count);
            return kept.reduce((a, b) => a + b) / runs.length;
        };
        expect(share(500)).to.be.at.least(0.91);
        expect(share(1000)).to.be.at.least(0.804);
    });

    it('is stack-safe on a chain of a hundred thousand', () => {
        const chain = Array.from({ length: 100_000 }, (_, i) => ({
            reads: [`k${i}`],
            writes: [`k${i + 1}`],
        }));
        expect(orderAccesses(chain).order).to.have.lengthOf(chain.length);
    });
});

describe('Ordering by read/write sets', () => {
    it('schedules only what validateBlock lets through, ranges and private data included', () => {
        const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
        const op = fc.oneof(
            fc.record({ op: fc.constantFrom('read', 'write', 'privateRead', 'privateWrite'), key }),
            fc.record({ op: fc.constant('range'), key, end: key }),
        );
        fc.assert(
            fc.property(fc.array(fc.array(op, { maxLength: 4 }), { maxLength: 14 }), (txs) => {
                const rwsets = txs.map((ops) => {
                    const builder = new ReadWriteSetBuilder();
                    for (const each of ops) {
                        if (each.op === 'read') builder.addRead('cc', each.key, undefined);
                        else if (each.op === 'write') {
                            builder.addWrite('cc', each.key, Buffer.from('1'));
                        } else if (each.op === 'privateRead') {
                            builder.addPrivateRead('cc', 'x', each.key, undefined);
                        } else if (each.op === 'privateWrite') {
                            builder.addPrivateWrite('cc', 'x', each.key, Buffer.from('1'));
                        } else {
                            builder.addRangeQuery('cc', {
                                startKey: each.key,
                                endKey: 'end' in each ? each.end : '',
                                itrExhausted: true,
                                rawReads: undefined,
                                merkle: undefined,
                            });
                        }
                    }
                    return builder.build().rwset;
                });
                const { order } = orderTransactions(rwsets);
                const transactions = order.map((index) => ({ rwset: rwsets[index]! }));
                const { codes } = validateBlock(new MemoryState(), { number: 1, transactions });
                expect(codes.every((code) => code === VALIDATION_CODES.VALID)).to.equal(true);
            }),
            { numRuns: 2000 },
        );
    });

    it('sorts out what is stale already, and keeps the indices it was given', () => {
        const state = new MemoryState();
        const version = { blockNum: 3, txNum: 0 };
        const value = { value: Buffer.from('1'), version, metadata: undefined };
        state.apply([{ namespace: 'cc', collection: undefined, key: 'k', value, version }]);
        const rmw = (read: typeof version | undefined) => {
            const builder = new ReadWriteSetBuilder();
            builder.addRead('cc', 'k', read);
            builder.addWrite('cc', 'k', Buffer.from('2'));
            return builder.build().rwset;
        };
        const { order, victims } = orderTransactions([rmw(undefined), rmw(version), rmw(version)], {
            state,
        });
        expect(order).to.have.lengthOf(1);
        expect(victims.map(({ index, reason }) => [index, reason])).to.deep.include([0, 'stale']);
        expect([...order, ...victims.map(({ index }) => index)].sort()).to.deep.equal([0, 1, 2]);
    });
});
