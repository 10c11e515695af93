import { expect } from 'chai';
import { BlockFeed, type BlockStream, type BlockSummary } from './block-feed.js';

const block = (number: number): BlockSummary => ({ number: BigInt(number), transactions: [] });

/** A stream of these blocks that then breaks, or ends, or stays open until it is closed. */
function stream(numbers: readonly number[], end: 'break' | 'end' | 'stay'): BlockStream {
    let close: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => {
        close = resolve;
    });
    return {
        close: () => {
            close();
        },
        async *[Symbol.asyncIterator]() {
            for (const number of numbers) yield block(number);
            if (end === 'break') throw new Error('14 UNAVAILABLE');
            if (end === 'stay') await closed;
        },
    };
}

describe('the feed of blocks', function () {
    this.timeout(20_000);

    it('begins again after the last block seen, and passes each on once', async () => {
        const starts: (bigint | undefined)[] = [];
        const seen: number[] = [];
        const streams = [stream([4, 5], 'break'), stream([5, 6], 'end'), stream([7], 'stay')];
        let done: () => void = () => undefined;
        const finished = new Promise<void>((resolve) => {
            done = resolve;
        });
        const feed = new BlockFeed(
            {
                open: (start) => {
                    starts.push(start);
                    return streams[starts.length - 1]!;
                },
                onBlock: ({ number }) => {
                    seen.push(Number(number));
                    if (number === 7n) done();
                },
            },
            4n,
        );
        feed.start();
        await finished;
        expect(feed.live).to.equal(true);
        await feed.close();
        expect(seen).to.deep.equal([4, 5, 6, 7]);
        expect(starts).to.deep.equal([4n, 6n, 7n]);
        expect(feed.height).to.equal(8n);
        expect(feed.reconnects).to.equal(2);
    });

    it('closes at once while it waits to connect again', async () => {
        let failed: () => void = () => undefined;
        const failure = new Promise<void>((resolve) => {
            failed = resolve;
        });
        const feed = new BlockFeed({
            open: () => {
                failed();
                throw new Error('unreachable');
            },
            onBlock: () => undefined,
        });
        feed.start();
        await failure;
        await feed.close();
        expect(feed.live).to.equal(false);
    });
});
