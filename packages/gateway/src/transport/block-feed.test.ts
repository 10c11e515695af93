import { expect } from 'chai';
import sinon from 'sinon';
import { GatewayError } from '../errors.js';
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
    this.timeout(180_000);

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

    it('opens a stream anew that has left out a block', async () => {
        const seen: number[] = [];
        const streams = [stream([4, 6], 'stay'), stream([5, 6], 'stay')];
        let done: () => void = () => undefined;
        const finished = new Promise<void>((resolve) => {
            done = resolve;
        });
        const feed = new BlockFeed(
            {
                open: () => streams.shift()!,
                onBlock: ({ number }) => {
                    seen.push(Number(number));
                    if (number === 6n) done();
                },
            },
            4n,
        );
        feed.start();
        await finished;
        await feed.close();
        expect(seen).to.deep.equal([4, 5, 6]);
    });

    it('opens a stream anew that stands still while blocks are known to be committed', async () => {
        const clock = sinon.useFakeTimers({ toFake: ['performance'] });
        const seen: number[] = [];
        let told: () => void = () => undefined;
        const heard = (): Promise<void> =>
            new Promise((resolve) => {
                told = resolve;
            });
        const streams = [stream([4], 'stay'), stream([5], 'stay')];
        const feed = new BlockFeed(
            {
                open: () => streams.shift()!,
                onBlock: ({ number }) => {
                    seen.push(Number(number));
                    told();
                },
            },
            4n,
        );
        try {
            const first = heard();
            feed.start();
            await first;
            expect([feed.knownHeight(5n), feed.knownHeight(6n)]).to.deep.equal([false, false]);
            clock.tick(1_001);
            const second = heard();
            expect([feed.knownHeight(6n), feed.live]).to.deep.equal([true, false]);
            await second;
            expect([seen, feed.live]).to.deep.equal([[4, 5], true]);
        } finally {
            clock.restore();
            await feed.close();
        }
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

    it('asks ever more rarely where it is refused, says so once, and when it is admitted', async () => {
        const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
        const luck = sinon.stub(Math, 'random').returns(0.999);
        const refused = new GatewayError('GATEWAY_PERMISSION_DENIED', 'not you');
        const states: string[] = [];
        let opened = 0;
        let admitted = false;
        const feed = new BlockFeed({
            open: () => {
                opened += 1;
                return stream(admitted ? [1] : [], admitted ? 'stay' : 'break');
            },
            onBlock: () => undefined,
            onState: (state, error) =>
                states.push(`${state} ${(error as Error | undefined)?.message ?? ''}`),
            lasting: () => refused,
        });
        try {
            feed.start();
            await clock.tickAsync(300_000);
            // After 2, 4, 8 and 16 seconds, then every 30.
            expect(opened).to.be.within(12, 15);
            expect(states).to.deep.equal(['live ', 'broken not you']);
            expect([feed.live, feed.trouble]).to.deep.equal([false, refused]);
            admitted = true;
            await clock.tickAsync(30_000);
            expect(states.slice(2)).to.deep.equal(['live ']);
            expect([feed.live, feed.trouble]).to.deep.equal([true, undefined]);
            await feed.close();
            expect(clock.countTimers()).to.equal(0);
        } finally {
            luck.restore();
            clock.restore();
        }
    });
});
