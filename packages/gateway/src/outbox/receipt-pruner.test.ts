import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import sinon from 'sinon';
import { Outbox } from './outbox.js';
import { ReceiptPruner, type Prunable } from './receipt-pruner.js';

describe('receipts in an outbox', () => {
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), 'goodput-receipts-'));
    });
    afterEach(() => {
        rmSync(folder, { recursive: true, force: true });
    });

    it('are forgotten oldest first, as many as asked, and nothing else is', async () => {
        const times = fc.uniqueArray(fc.integer({ min: 1, max: 2_000 }), { maxLength: 12 });
        const asked = fc.record({
            before: fc.integer({ min: 0, max: 2_100 }),
            most: fc.integer({ min: 1, max: 14 }),
        });
        await fc.assert(
            fc.asyncProperty(times, asked, async (finished, { before, most }) => {
                const outbox = await Outbox.open(join(folder, 'o'), { sync: false });
                try {
                    for (const finishedAt of finished) {
                        const id = `id/${finishedAt}`;
                        const receipt = { id, finishedAt, receipt: {} };
                        await outbox.finish(outbox.nextSequence(), receipt, undefined);
                    }
                    const sorted = [...finished].sort((a, b) => a - b);
                    const old = sorted.filter((at) => at < before).slice(0, most);
                    expect(await outbox.forgetReceipts(before, most)).to.equal(old.length);
                    for (const at of finished) {
                        const kept = await outbox.receipt(`id/${at}`);
                        expect(kept?.finishedAt).to.equal(old.includes(at) ? undefined : at);
                    }
                } finally {
                    await outbox.close();
                    rmSync(folder, { recursive: true, force: true });
                }
            }),
            { numRuns: 30 },
        );
    });
});

describe('the pruner of receipts', () => {
    let clock: sinon.SinonFakeTimers;
    beforeEach(() => {
        clock = sinon.useFakeTimers({
            now: 1_000_000,
            toFake: ['setTimeout', 'clearTimeout', 'Date'],
        });
    });
    afterEach(() => {
        clock.restore();
    });

    const pruned = (answers: (number | Error)[]): { asked: number[]; outbox: Prunable } => {
        const asked: number[] = [];
        const forgetReceipts = (before: number): Promise<number> => {
            asked.push(before);
            const answer = answers.shift() ?? 0;
            return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
        };
        return { asked, outbox: { forgetReceipts } };
    };

    it('goes on while there are more, then looks again every minute, until it is stopped', async () => {
        const { asked, outbox } = pruned([1_000, 1_000, 3]);
        const pruner = new ReceiptPruner(outbox, 500_000, () => undefined);
        pruner.start();
        await clock.tickAsync(100);
        expect(asked).to.have.length(3);
        expect(asked[0]).to.equal(500_000);
        await clock.tickAsync(59_000);
        expect(asked).to.have.length(3);
        await clock.tickAsync(1_000);
        expect(asked).to.have.length(4);
        expect(asked[3]).to.be.greaterThan(559_000);
        await pruner.stop();
        expect(clock.countTimers()).to.equal(0);
        await clock.tickAsync(600_000);
        expect(asked).to.have.length(4);
    });

    it('tells of a step that failed, and tries again', async () => {
        const { asked, outbox } = pruned([new Error('the disk is full'), 2]);
        const failures: unknown[] = [];
        const pruner = new ReceiptPruner(outbox, 0, (error) => failures.push(error));
        pruner.start();
        await clock.tickAsync(1_500);
        expect([asked.length, failures.length]).to.deep.equal([2, 1]);
        await pruner.stop();
    });

    it('has nothing under way once it is stopped', async () => {
        let finish: (count: number) => void = () => undefined;
        const forgetReceipts = (): Promise<number> =>
            new Promise((resolve) => {
                finish = resolve;
            });
        const pruner = new ReceiptPruner({ forgetReceipts }, 0, () => undefined);
        pruner.start();
        await clock.tickAsync(1);
        let stopped = false;
        const stopping = pruner.stop().then(() => {
            stopped = true;
        });
        await clock.tickAsync(10);
        expect(stopped).to.equal(false);
        finish(1_000);
        await stopping;
        expect(clock.countTimers()).to.equal(0);
    });
});
