import { expect } from 'chai';
import { choosePeer, type Candidate } from './peer-pool.js';

function peer(
    name: string,
    parts: { height?: bigint; running?: number; pauseMs?: number; ms?: number } = {},
): Candidate {
    const { height = 10n, running = 0, pauseMs = 0, ms = 5 } = parts;
    return {
        name,
        height,
        health: { available: () => pauseMs === 0, pauseMs: () => pauseMs, latencyMs: ms },
        limit: { running, waiting: 0, limit: 100 },
    };
}

describe('choosing a peer', () => {
    const choose = (peers: Candidate[], minHeight?: bigint, avoid?: string): string =>
        choosePeer(peers, { minHeight, avoid }).name;

    it('takes the least loaded', () => {
        expect(choose([peer('a', { running: 50 }), peer('b', { running: 10 })])).to.equal('b');
    });

    it('takes the quicker one when load is equal', () => {
        expect(choose([peer('a', { ms: 200 }), peer('b')])).to.equal('b');
    });

    it('leaves out one that cannot be reached', () => {
        expect(choose([peer('a', { pauseMs: 100 }), peer('b', { running: 99 })])).to.equal('b');
    });

    it('tries the one that is due first when none can be reached', () => {
        expect(choose([peer('a', { pauseMs: 100 }), peer('b', { pauseMs: 50 })])).to.equal('b');
    });

    it('takes only one that has the blocks, when any has', () => {
        expect(
            choose([peer('a', { height: 3n }), peer('b', { height: 9n, running: 50 })], 9n),
        ).to.equal('b');
        expect(choose([peer('a', { height: 3n })], 9n)).to.equal('a');
    });

    it('avoids one that answers from old state as long as another can be reached', () => {
        const [tall, short] = [peer('a', { height: 9n }), peer('b', { height: 3n, running: 50 })];
        expect(choose([tall, short], 9n, 'a')).to.equal('b');
        expect(choose([tall, short], 9n, 'b')).to.equal('a');
        expect(choose([tall, peer('b', { pauseMs: 100 })], 9n, 'a')).to.equal('a');
        expect(choose([tall], 9n, 'a')).to.equal('a');
    });

    it('says so when there is none at all', () => {
        expect(() => choose([])).to.throw(/no peer/);
    });
});
