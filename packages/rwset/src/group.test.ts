import { expect } from 'chai';
import fc from 'fast-check';
import type { AccessSet } from './access.js';
import { RwsetError } from './errors.js';
import { groupOperations, type OperationPlan } from './group.js';
import { MemoryState } from './memory-state.js';
import { ReadWriteSetBuilder } from './read-write-set-builder.js';
import { validateBlock } from './validate.js';
import { VALIDATION_CODES } from './validation-code.js';

const key = fc.integer({ min: 0, max: 6 }).map((k) => `k${k}`);
const op = fc.record({
    reads: fc.array(key, { maxLength: 3 }),
    writes: fc.array(key, { maxLength: 2 }),
});
const ops = fc.array(op, { maxLength: 25 });
const sameKeyOrder = fc.constantFrom('strict' as const, 'writes' as const, 'free' as const);
const options = fc.record({
    sameKeyOrder,
    maxOps: fc.integer({ min: 1, max: 6 }),
    maxKeys: fc.integer({ min: 1, max: 8 }),
});

const flatten = (plan: OperationPlan): number[] => plan.groups.flatMap((group) => group.ops);
const meets = (a: readonly string[], b: readonly string[]): boolean =>
    a.some((each) => b.includes(each));

describe('Grouping operations', () => {
    it('covers each operation once', () => {
        fc.assert(
            fc.property(ops, options, (sets, chosen) => {
                expect(flatten(groupOperations(sets, chosen)).sort((a, b) => a - b)).to.deep.equal(
                    sets.map((_, index) => index),
                );
            }),
            { numRuns: 5000 },
        );
    });

    it('keeps the order of operations on the same key', () => {
        fc.assert(
            fc.property(ops, options, (sets, chosen) => {
                const place = new Map(
                    flatten(groupOperations(sets, chosen)).map((index, i) => [index, i]),
                );
                for (const [later, b] of sets.entries()) {
                    for (const [earlier, a] of sets.slice(0, later).entries()) {
                        const isBound =
                            (chosen.sameKeyOrder !== 'free' && meets(a.writes, b.writes)) ||
                            (chosen.sameKeyOrder === 'strict' &&
                                (meets(a.writes, b.reads) || meets(a.reads, b.writes)));
                        if (isBound) expect(place.get(earlier)).to.be.lessThan(place.get(later)!);
                    }
                }
            }),
            { numRuns: 5000 },
        );
    });

    it('lets every group commit: endorsed round by round, submitted phase by phase', () => {
        fc.assert(
            fc.property(ops, options, (sets, chosen) => {
                const plan = groupOperations(sets, chosen);
                const state = new MemoryState();
                for (let round = 0; round < plan.rounds; round++) {
                    const transactions = plan.groups
                        .filter((group) => group.round === round)
                        .map((group) => ({
                            rwset: endorse(
                                group.ops.map((i) => sets[i]!),
                                state,
                            ),
                        }));
                    const { codes, updates } = validateBlock(state, {
                        number: round,
                        transactions,
                    });
                    expect(codes.every((code) => code === VALIDATION_CODES.VALID)).to.equal(true);
                    state.apply(updates);
                }
            }),
            { numRuns: 3000 },
        );
    });

    it('gives lanes that share no written key', () => {
        fc.assert(
            fc.property(ops, fc.integer({ min: 1, max: 4 }), (sets, maxLanes) => {
                for (const plan of [groupOperations(sets), groupOperations(sets, { maxLanes })]) {
                    const lanes = new Map<string, Set<number>>();
                    const written = new Set(sets.flatMap(({ writes }) => writes));
                    for (const group of plan.groups) {
                        for (const index of group.ops) {
                            for (const each of [...sets[index]!.reads, ...sets[index]!.writes]) {
                                if (!written.has(each)) continue;
                                lanes.set(each, (lanes.get(each) ?? new Set()).add(group.lane));
                            }
                        }
                    }
                    expect([...lanes.values()].every((set) => set.size === 1)).to.equal(true);
                }
                expect(groupOperations(sets, { maxLanes }).lanes).to.be.at.most(maxLanes);
            }),
            { numRuns: 2000 },
        );
    });

    it('respects the limits, but for an operation that is over them alone', () => {
        fc.assert(
            fc.property(ops, options, (sets, chosen) => {
                for (const { ops: members } of groupOperations(sets, chosen).groups) {
                    const touched = members.flatMap((i) => [...sets[i]!.reads, ...sets[i]!.writes]);
                    expect(members.length).to.be.at.most(chosen.maxOps);
                    if (members.length > 1) {
                        expect(new Set(touched).size).to.be.at.most(chosen.maxKeys);
                    }
                }
            }),
            { numRuns: 2000 },
        );
    });

    it('merges a hot counter, and leaves the rest alone', () => {
        const hot: AccessSet = { reads: ['hot'], writes: ['hot'] };
        const cold = (i: number): AccessSet => ({ reads: [`c${i}`], writes: [`c${i}`] });
        const plan = groupOperations([hot, cold(1), hot, cold(2), hot]);
        expect(plan.groups.map((group) => group.ops)).to.deep.equal([[0, 2, 4], [1], [3]]);
        expect(plan).to.include({ rounds: 1, phases: 1, lanes: 3 });
    });

    it('cuts by bytes', () => {
        const hot = { reads: ['hot'], writes: ['hot'], bytes: 400 };
        const plan = groupOperations([hot, hot, hot, hot, hot], { maxBytes: 1000 });
        expect(
            plan.groups.map(({ ops: members, round, part, parts }) => [
                members,
                round,
                part,
                parts,
            ]),
        ).to.deep.equal([
            [[0, 1], 0, 0, 3],
            [[2, 3], 1, 1, 3],
            [[4], 2, 2, 3],
        ]);
    });

    it('refuses a limit that lets nothing through', () => {
        expect(() => groupOperations([], { maxOps: 0 }))
            .to.throw(RwsetError, 'maxOps is 0')
            .with.property('code', 'RWSET_OPTION_INVALID');
    });

    it('makes a plan of nothing for nothing', () => {
        expect(groupOperations([])).to.deep.equal({ groups: [], rounds: 0, phases: 0, lanes: 0 });
    });
});

/** What a merged transaction reads and writes: reads of keys it has not written itself before. */
function endorse(sets: readonly AccessSet[], state: MemoryState) {
    const builder = new ReadWriteSetBuilder();
    const written = new Set<string>();
    for (const { reads, writes } of sets) {
        for (const each of reads) {
            if (!written.has(each)) builder.addRead('cc', each, state.get('cc', each)?.version);
        }
        for (const each of writes) {
            written.add(each);
            builder.addWrite('cc', each, Buffer.from('1'));
        }
    }
    return builder.build().rwset;
}
