import { expect } from 'chai';
import { BatchSize } from './batch-size.js';
import { Linger } from './linger.js';

const full = { operations: 1_000, endorseMs: 10, failed: false, full: true };

describe('the size of a batch', () => {
    it('doubles while full batches endorse quickly, up to the bound', () => {
        const size = new BatchSize({ max: 5_000, targetMs: 1_000 });
        const seen = [1, 2, 3, 4].map(() => {
            size.observe({ ...full, operations: size.limit });
            return size.limit;
        });
        expect(seen).to.deep.equal([2_000, 4_000, 5_000, 5_000]);
    });

    it('stays when a batch was not full', () => {
        const size = new BatchSize({ max: 5_000, targetMs: 1_000 });
        size.observe({ ...full, full: false });
        expect(size.limit).to.equal(1_000);
    });

    it('shrinks when endorsing is slow, then grows by small steps', () => {
        const size = new BatchSize({ max: 5_000, targetMs: 1_000 });
        size.observe({ ...full, endorseMs: 1_500 });
        expect(size.limit).to.equal(800);
        size.observe({ ...full, operations: 800 });
        expect(size.limit).to.equal(900);
    });

    it('halves on failure, and never below one', () => {
        const size = new BatchSize({ max: 5_000, targetMs: 1_000 });
        size.observe({ ...full, failed: true });
        expect(size.limit).to.equal(500);
        for (let n = 0; n < 20; n++)
            size.observe({ ...full, operations: size.limit, failed: true });
        expect(size.limit).to.equal(1);
    });
});

describe('lingering', () => {
    it('takes what the latency target leaves after committing', () => {
        const linger = new Linger(2_000);
        expect(linger.ms).to.equal(2_000);
        linger.committedIn(500);
        expect(linger.ms).to.equal(1_500);
        for (let n = 0; n < 50; n++) linger.committedIn(3_000);
        expect(linger.ms).to.equal(0);
    });
});
