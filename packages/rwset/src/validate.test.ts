import { expect } from 'chai';
import fc from 'fast-check';
import { MemoryState } from './memory-state.js';
import { summarizeRange } from './merkle.js';
import type { RangeQuery, TxReadWriteSet } from './model.js';
import { ReadWriteSetBuilder } from './read-write-set-builder.js';
import { NaiveValidator } from './test-support/naive-validator.js';
import { validateBlock } from './validate.js';
import { VALIDATION_CODES } from './validation-code.js';

// Keys whose UTF-16 and UTF-8 orders differ are among them.
const key = fc.constantFrom('a', 'b', 'ba', 'c', '\ue000', '\u{10000}', '\u{10ffff}', 'ü', '');
const step = fc.oneof(
    fc.record({ op: fc.constantFrom('read', 'write', 'delete', 'metadata'), key }),
    fc.record({ op: fc.constantFrom('private read', 'private write', 'private delete'), key }),
    fc.record({ op: fc.constantFrom('range', 'short range', 'summary'), key, end: key }),
);
const transaction = fc.record({
    /** On the state of how many blocks ago it is endorsed. */
    lag: fc.integer({ min: 0, max: 2 }),
    steps: fc.array(step, { maxLength: 5 }),
});
const chain = fc.array(fc.array(transaction, { maxLength: 6 }), { minLength: 1, maxLength: 8 });

/** Simulates a transaction on a state, and writes down what it saw. */
function endorse(
    steps: readonly { op: string; key: string; end?: string }[],
    state: MemoryState,
): TxReadWriteSet {
    const builder = new ReadWriteSetBuilder();
    for (const { op, key: name, end = '' } of steps) {
        const at = name === '' ? 'a' : name;
        if (op === 'read') builder.addRead('cc', at, state.get('cc', at)?.version);
        else if (op === 'write') builder.addWrite('cc', at, Buffer.from('1'));
        else if (op === 'delete') builder.addWrite('cc', at, undefined);
        else if (op === 'metadata') {
            builder.addMetadataWrite('cc', at, [{ name: 'p', value: Buffer.from('v') }]);
        } else if (op === 'private write') builder.addPrivateWrite('cc', 'x', at, Buffer.from('1'));
        else if (op === 'private delete') builder.addPrivateWrite('cc', 'x', at, undefined);
        else if (op === 'private read') {
            const probe = new ReadWriteSetBuilder();
            probe.addPrivateRead('cc', 'x', at, undefined);
            const hash = probe.build().rwset.namespaces[0]!.collections[0]!.reads[0]!.keyHash;
            builder.addPrivateRead('cc', 'x', at, state.getHashed('cc', 'x', hash)?.version);
        } else builder.addRangeQuery('cc', query(op, name, end, state));
    }
    return builder.build().rwset;
}

function query(op: string, startKey: string, endKey: string, state: MemoryState): RangeQuery {
    const all = [...state.range('cc', startKey, endKey)];
    const reads = all.map(({ key: name, version }) => ({ key: name, version }));
    if (op === 'short range' && reads.length > 0) {
        const some = reads.slice(0, Math.ceil(reads.length / 2));
        const last = some.at(-1)!.key;
        return { startKey, endKey: last, itrExhausted: false, ...summarizeRange(some) };
    }
    const degree = op === 'summary' ? 2 : 50;
    return { startKey, endKey, itrExhausted: true, ...summarizeRange(reads, degree) };
}

function copy(state: MemoryState): MemoryState {
    const twin = new MemoryState();
    for (const namespace of state.namespaces()) {
        for (const { key: name, ...value } of state.range(namespace, '', '')) {
            twin.apply([
                { namespace, collection: undefined, key: name, value, version: value.version },
            ]);
        }
    }
    return twin;
}

describe('Validating blocks', () => {
    it('agrees with a plain reading of the rules', () => {
        const seen = new Set<number>();
        fc.assert(
            fc.property(chain, (blocks) => {
                const state = new MemoryState();
                const naive = new NaiveValidator();
                const past = [new MemoryState()];
                for (const [number, txs] of blocks.entries()) {
                    const transactions = txs.map(({ lag, steps }) => ({
                        rwset: endorse(steps, past.at(-1 - Math.min(lag, past.length - 1))!),
                    }));
                    const { codes, updates } = validateBlock(state, { number, transactions });
                    expect(codes).to.deep.equal(naive.validate(number, transactions));
                    state.apply(updates);
                    past.push(copy(state));
                    for (const code of codes) seen.add(code);
                }
                const rows = naive
                    .dump()
                    .filter(
                        (line) => line.startsWith('["cc","') && !line.startsWith('["cc","x","'),
                    );
                const ours = Array.from(
                    state.range('cc', '', ''),
                    ({ key: name, version }) =>
                        `${JSON.stringify(['cc', name])} ${version.blockNum}:${version.txNum}`,
                ).sort();
                expect(ours).to.deep.equal(rows);
            }),
            { numRuns: 3000 },
        );
        expect([...seen].sort((a, b) => a - b)).to.deep.equal([0, 11, 12]);
    });

    const rmw = (value: string): TxReadWriteSet => {
        const builder = new ReadWriteSetBuilder();
        builder.addRead('cc', 'k', undefined);
        builder.addWrite('cc', 'k', Buffer.from(value));
        return builder.build().rwset;
    };

    it('keeps a verdict that was reached before, and lets such a transaction write nothing', () => {
        const { codes, updates } = validateBlock(new MemoryState(), {
            number: 4,
            transactions: [
                { rwset: rmw('1'), code: VALIDATION_CODES.ENDORSEMENT_POLICY_FAILURE },
                { rwset: rmw('2'), code: VALIDATION_CODES.MVCC_READ_CONFLICT },
                { rwset: undefined },
            ],
        });
        expect(codes).to.deep.equal([10, 0, 0]);
        expect(updates.map(({ version }) => version)).to.deep.equal([{ blockNum: 4, txNum: 1 }]);
    });

    it('says what failed, and where', () => {
        const { failures } = validateBlock(new MemoryState(), {
            number: 1,
            transactions: [{ rwset: rmw('1') }, { rwset: rmw('2') }],
        });
        expect([...failures]).to.deep.equal([
            [1, { kind: 'read', namespace: 'cc', read: { key: 'k', version: undefined } }],
        ]);
    });

    it('refuses writes that the state database would refuse', () => {
        const transactions = [{ rwset: rmw('1') }];
        const { codes } = validateBlock(
            new MemoryState(),
            { number: 1, transactions },
            { acceptsWrite: (name) => name !== 'k' },
        );
        expect(codes).to.deep.equal([VALIDATION_CODES.INVALID_WRITESET]);
    });

    it('keeps metadata over a put, drops it with the key, and removes it when told to', () => {
        const policy = [{ name: 'VALIDATION_PARAMETER', value: Buffer.from('p') }];
        const state = new MemoryState();
        const steps: [(b: ReadWriteSetBuilder) => void, boolean][] = [
            [
                (b) => {
                    b.addWrite('cc', 'k', Buffer.from('1'));
                    b.addMetadataWrite('cc', 'k', policy);
                },
                true,
            ],
            [
                (b) => {
                    b.addWrite('cc', 'k', Buffer.from('2'));
                },
                true,
            ],
            [
                (b) => {
                    b.addMetadataWrite('cc', 'k', []);
                },
                false,
            ],
            [
                (b) => {
                    b.addMetadataWrite('cc', 'k', policy);
                },
                true,
            ],
            [
                (b) => {
                    b.addWrite('cc', 'k', undefined);
                },
                false,
            ],
            [
                (b) => {
                    b.addWrite('cc', 'k', Buffer.from('3'));
                },
                false,
            ],
        ];
        for (const [number, [fill, hasPolicy]] of steps.entries()) {
            const builder = new ReadWriteSetBuilder();
            fill(builder);
            const transactions = [{ rwset: builder.build().rwset }];
            state.apply(validateBlock(state, { number, transactions }).updates);
            expect(state.get('cc', 'k')?.metadata !== undefined, `step ${number}`).to.equal(
                hasPolicy,
            );
        }
        expect(Buffer.from(state.get('cc', 'k')!.value).toString()).to.equal('3');
    });

    it('lists purges, with the transaction that asked for them', () => {
        const builder = new ReadWriteSetBuilder();
        builder.addPrivatePurge('cc', 'x', 'p');
        const transactions = [{ rwset: builder.build().rwset }];
        const { purges, updates } = validateBlock(new MemoryState(), { number: 9, transactions });
        expect(purges.map(({ collection, version }) => [collection, version])).to.deep.equal([
            ['x', { blockNum: 9, txNum: 0 }],
        ]);
        expect(updates[0]?.value).to.equal(undefined);
    });
});
