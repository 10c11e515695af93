import { expect } from 'chai';
import fc from 'fast-check';
import { BlockCutter } from './block-cutter.js';
import { buildBlocks } from './build-blocks.js';
import { RwsetError } from './errors.js';
import { MemoryState } from './memory-state.js';
import { ReadWriteSetBuilder } from './read-write-set-builder.js';
import { validateBlock } from './validate.js';
import { VALIDATION_CODES } from './validation-code.js';

describe('Cutting blocks', () => {
    it('cuts by count, by preferred bytes, and gives a large transaction a block of its own', () => {
        const cutter = new BlockCutter<string>({ maxMessageCount: 3, preferredMaxBytes: 100 });
        expect(cutter.add('a', 10)).to.deep.equal([]);
        expect(cutter.add('b', 10)).to.deep.equal([]);
        expect(cutter.add('c', 10)).to.deep.equal([['a', 'b', 'c']]);
        expect(cutter.add('d', 60)).to.deep.equal([]);
        expect(cutter.add('e', 60)).to.deep.equal([['d']]);
        expect(cutter.add('huge', 101)).to.deep.equal([['e'], ['huge']]);
        expect(cutter.pending).to.equal(0);
    });

    it('refuses a transaction that an orderer refuses', () => {
        expect(() => new BlockCutter({ absoluteMaxBytes: 10 }).add('x', 11))
            .to.throw(RwsetError)
            .with.property('code', 'RWSET_TRANSACTION_TOO_LARGE');
        expect(() => new BlockCutter({ maxMessageCount: 0 })).to.throw(
            RwsetError,
            'maxMessageCount',
        );
    });
});

describe('Building blocks', () => {
    it('fills blocks within the limits with transactions that all survive', () => {
        const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g');
        const tx = fc.record({
            reads: fc.array(key, { maxLength: 2 }),
            writes: fc.array(key, { maxLength: 2 }),
            bytes: fc.integer({ min: 1, max: 150 }),
        });
        fc.assert(
            fc.property(fc.array(tx, { maxLength: 25 }), (txs) => {
                const transactions = txs.map(({ reads, writes, bytes }) => {
                    const builder = new ReadWriteSetBuilder();
                    for (const each of reads) builder.addRead('cc', each, undefined);
                    for (const each of writes) builder.addWrite('cc', each, Buffer.from('1'));
                    return { rwset: builder.build().rwset, bytes };
                });
                const limits = {
                    maxMessageCount: 4,
                    preferredMaxBytes: 100,
                    absoluteMaxBytes: 200,
                };
                const { blocks, victims } = buildBlocks(transactions, limits);
                const state = new MemoryState();
                for (const [number, block] of blocks.entries()) {
                    const content = block.map((index) => transactions[index]!);
                    const bytes = content.reduce((sum, each) => sum + each.bytes, 0);
                    expect(block).to.have.lengthOf.within(1, 4);
                    if (block.length > 1) expect(bytes).to.be.at.most(100);
                    const { codes, updates } = validateBlock(state, {
                        number,
                        transactions: content,
                    });
                    expect(codes.every((code) => code === VALIDATION_CODES.VALID)).to.equal(true);
                    state.apply(updates);
                }
                expect(blocks.flat().length + victims.length).to.equal(txs.length);
            }),
            { numRuns: 1500 },
        );
    });
});
