import { expect } from 'chai';
import fc from 'fast-check';
import { MemoryState } from './memory-state.js';
import type { TxReadWriteSet } from './model.js';
import { ReadWriteSetBuilder } from './read-write-set-builder.js';
import { chain, copy, endorse } from './test-support/chains.js';
import { NaiveValidator } from './test-support/naive-validator.js';
import { validateBlock } from './validate.js';
import { VALIDATION_CODES } from './validation-code.js';

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
