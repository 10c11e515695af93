import { expect } from 'chai';
import sinon from 'sinon';
import { CommitTracker } from './commit-tracker.js';
import type { TransactionStatus } from './transport.js';

function block(number: bigint, ...verdicts: [string, number][]) {
    return {
        number,
        transactions: verdicts.map(([transactionId, code], index) => ({
            transactionId,
            code,
            index,
        })),
    };
}

const never = (): Promise<undefined> => Promise.resolve(undefined);

describe('learning verdicts', () => {
    let clock: sinon.SinonFakeTimers;
    beforeEach(() => {
        // No other timers: connections that a test before has closed may still set some.
        clock = sinon.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    });
    afterEach(() => {
        clock.restore();
    });

    it('takes them from blocks, for every watcher', async () => {
        const tracker = new CommitTracker({ ask: never });
        const watches = [tracker.watch('a'), tracker.watch('a')];
        tracker.block(block(7n, ['z', 0], ['a', 11]));
        const expected = { transactionId: 'a', code: 11, blockNumber: 7n, index: 1 };
        for (const { status } of watches) expect(await status).to.deep.equal(expected);
        expect(tracker.counts).to.deep.equal({ blocks: 1, calls: 0 });
        expect(await tracker.watch('a').status).to.deep.equal(expected);
    });

    it('asks for a verdict that is overdue, and counts it', async () => {
        const answer: TransactionStatus = { transactionId: 'a', code: 0, blockNumber: 3n };
        const ask = sinon.stub().resolves(answer);
        const tracker = new CommitTracker({ ask, stallMs: 1_000 });
        const { status } = tracker.watch('a');
        await clock.tickAsync(900);
        expect(ask.called).to.equal(false);
        await clock.tickAsync(600);
        expect(await status).to.equal(answer);
        expect(tracker.counts).to.deep.equal({ blocks: 0, calls: 1 });
        expect(clock.countTimers()).to.equal(0);
    });

    it('goes on asking when an answer fails or is not there yet', async () => {
        const answer: TransactionStatus = { transactionId: 'a', code: 0, blockNumber: 3n };
        const ask = sinon.stub();
        ask.onCall(0).rejects(new Error('away'));
        ask.onCall(1).resolves(undefined);
        ask.onCall(2).resolves(answer);
        const tracker = new CommitTracker({ ask, stallMs: 1_000 });
        const { status } = tracker.watch('a');
        await clock.tickAsync(2_000);
        expect(await status).to.equal(answer);
    });

    it('does not take a duplicate for the verdict on the first', async () => {
        const first: TransactionStatus = { transactionId: 'a', code: 0, blockNumber: 2n };
        const tracker = new CommitTracker({ ask: () => Promise.resolve(first) });
        const { status } = tracker.watch('a');
        tracker.block(block(9n, ['a', 9]));
        expect((await status).code).to.equal(0);
        tracker.block(block(10n, ['a', 9]));
        expect(tracker.recent('a')?.code).to.equal(0);
    });

    it('stops its clock when nobody watches any more', () => {
        const tracker = new CommitTracker({ ask: never });
        const watches = [tracker.watch('a'), tracker.watch('a')];
        watches[0]!.cancel();
        watches[0]!.cancel();
        expect(tracker.waiting).to.equal(1);
        watches[1]!.cancel();
        expect([tracker.waiting, clock.countTimers()]).to.deep.equal([0, 0]);
    });
});
