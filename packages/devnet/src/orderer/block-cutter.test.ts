import { expect } from 'chai';
import fc from 'fast-check';
import { DevnetError } from '../errors.js';
import { blockSettings } from './batch-settings.js';
import { BlockCutter, type OrderedEnvelope } from './block-cutter.js';

function envelope(size: number): OrderedEnvelope {
    return { bytes: new Uint8Array(), size, txId: '', chaincode: '' };
}

function sizesOf(batches: readonly (readonly OrderedEnvelope[])[]): number[][] {
    return batches.map((batch) => batch.map(({ size }) => size));
}

describe('the cutting of blocks', () => {
    const settings = blockSettings({ maxMessageCount: 3, preferredMaxBytes: 100 });

    it('cuts at the count', () => {
        const cutter = new BlockCutter(settings);
        expect(cutter.add(envelope(1))).to.deep.equal([]);
        expect(cutter.add(envelope(2))).to.deep.equal([]);
        expect(sizesOf(cutter.add(envelope(3)))).to.deep.equal([[1, 2, 3]]);
        expect(cutter.pending).to.equal(0);
    });

    it('cuts before a transaction that would make too many bytes', () => {
        const cutter = new BlockCutter(settings);
        cutter.add(envelope(60));
        expect(sizesOf(cutter.add(envelope(50)))).to.deep.equal([[60]]);
        expect(cutter.pending).to.equal(1);
    });

    it('gives a large transaction a block of its own', () => {
        const cutter = new BlockCutter(settings);
        cutter.add(envelope(10));
        expect(sizesOf(cutter.add(envelope(101)))).to.deep.equal([[10], [101]]);
        expect(cutter.pending).to.equal(0);
    });

    it('loses nothing, keeps the order and holds the limits, whatever comes', () => {
        fc.assert(
            fc.property(
                fc.array(fc.integer({ min: 1, max: 150 }), { maxLength: 60 }),
                fc.integer({ min: 1, max: 5 }),
                (sizes, maxMessageCount) => {
                    const cutter = new BlockCutter(blockSettings({ maxMessageCount }, settings));
                    const batches = sizes.flatMap((size) => cutter.add(envelope(size)));
                    batches.push(cutter.cut());
                    const cut = sizesOf(batches);
                    expect(cut.flat()).to.deep.equal(sizes);
                    for (const batch of cut) {
                        const total = batch.reduce((sum, size) => sum + size, 0);
                        expect(batch.length).to.be.at.most(maxMessageCount);
                        expect(total <= 100 || batch.length === 1).to.equal(true);
                    }
                },
            ),
        );
    });

    const wrong: readonly [object, string][] = [
        [{ maxMessageCount: 0 }, 'block.maxMessageCount must be a whole number from 1'],
        [{ timeoutMs: 1.5 }, 'block.timeoutMs must be "manual" or a whole number'],
        [{ timeoutMs: 'never' }, 'block.timeoutMs must be "manual" or a whole number'],
        [{ timeout: 5 }, 'block has no member "timeout"'],
    ];
    for (const [given, message] of wrong) {
        it(`refuses ${JSON.stringify(given)}`, () => {
            expect(() => blockSettings(given))
                .to.throw(DevnetError, message)
                .with.property('code', 'DEVNET_OPTION_INVALID');
        });
    }
});
