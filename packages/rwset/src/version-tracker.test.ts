import { expect } from 'chai';
import { decodeBlock } from './decode-block.js';
import { FIXTURE_BLOCKS } from './test-support/fixture-blocks.js';
import { VALIDATION_CODES } from './validation-code.js';
import { VersionTracker } from './version-tracker.js';

describe('Tracking versions from the block stream', () => {
    it('finds, before they are submitted, the transactions that will be stale', () => {
        const tracker = new VersionTracker();
        const found: string[] = [];
        for (const bytes of FIXTURE_BLOCKS) {
            const block = decodeBlock(bytes);
            for (const { rwset, txNum } of block.transactions) {
                const stale = rwset && tracker.staleRead(rwset);
                if (stale === undefined) continue;
                found.push(`${block.number}:${txNum} ${stale.key} by ${stale.writer.functionName}`);
            }
            tracker.add(block);
        }
        expect(found).to.deep.equal(['8:0 hot by inc']);
    });

    it('calls nothing stale that was endorsed on a newer state than it has seen', () => {
        const tracker = new VersionTracker();
        for (const bytes of FIXTURE_BLOCKS.slice(4, 7)) tracker.add(decodeBlock(bytes));
        const later = decodeBlock(FIXTURE_BLOCKS[39]!).transactions[0]!;
        expect(later.code).to.equal(VALIDATION_CODES.VALID);
        expect(tracker.staleRead(later.rwset!)).to.equal(undefined);
    });

    it('forgets what is older than it is told to keep', () => {
        const tracker = new VersionTracker({ keepBlocks: 1 });
        for (const bytes of FIXTURE_BLOCKS.slice(4, 20)) tracker.add(decodeBlock(bytes));
        const stale = decodeBlock(FIXTURE_BLOCKS[8]!).transactions[0]!;
        expect(tracker.staleRead(stale.rwset!)).to.equal(undefined);
    });
});
