import { expect } from 'chai';
import sinon from 'sinon';
import { BlockClock } from './block-clock.js';

describe('the clock of blocks', () => {
    let time: sinon.SinonFakeTimers;
    let clock: BlockClock;
    let block: bigint;
    beforeEach(() => {
        time = sinon.useFakeTimers({ toFake: ['performance'] });
        clock = new BlockClock();
        block = 1n;
    });
    afterEach(() => {
        time.restore();
    });

    /** A block that is opened, and seen so much later. */
    const fill = (ms: number): void => {
        const landed = clock.sent(10, false);
        time.tick(ms);
        landed(block++);
        time.tick(5);
    };

    it('predicts nothing before it has seen some blocks', () => {
        expect([clock.predicts, clock.openedAt]).to.deep.equal([false, undefined]);
        for (let n = 0; n < 4; n++) fill(500);
        expect(clock.predicts).to.equal(true);
        expect(clock.openedAt).to.equal(undefined);
    });

    it('waits nearly as long as blocks take, with time in hand', () => {
        for (let n = 0; n < 10; n++) fill(500);
        expect(clock.waitMs).to.be.within(400, 470);
        const landed = clock.sent(10, false);
        const opened = clock.openedAt;
        time.tick(50);
        clock.sent(10, false);
        expect(clock.openedAt).to.equal(opened);
        landed(undefined);
        expect(clock.openedAt).to.equal((opened ?? 0) + 50);
    });

    it('knows a network that is behind by what was sent long before the last block', () => {
        for (let n = 0; n < 4; n++) fill(500);
        expect(clock.isBehind, 'nothing is on its way').to.equal(false);
        const first = clock.sent(10, false);
        time.tick(300);
        expect(clock.isBehind).to.equal(false);
        const second = clock.sent(10, false);
        time.tick(200);
        first(block++);
        expect(clock.isBehind, 'one sent while the last block was filled is left').to.equal(false);
        time.tick(200);
        clock.sent(10, false)(block++);
        expect(clock.isBehind, 'and so by a further block').to.equal(true);
        second(block++);
    });

    it('does not take a network for behind before anything says so', () => {
        const first = clock.sent(10, false);
        time.tick(2_000);
        expect(clock.isBehind, 'no block was seen').to.equal(false);
        const second = clock.sent(10, false);
        time.tick(50);
        first(block++);
        expect(clock.fillMs).to.equal(2_050);
        expect(clock.isBehind, 'one sent just before the first block came').to.equal(false);
        second(block++);
    });

    it('waits less where the time to a block varies, as it does when others open blocks', () => {
        for (let n = 0; n < 40; n++) fill(n % 2 === 0 ? 100 : 500);
        expect(clock.waitMs).to.be.below(200);
    });

    it('keeps more time in hand after a block was missed, and less again after many caught', () => {
        const round = (late: boolean): void => {
            const opened = clock.sent(10, false);
            time.tick(450);
            const waited = clock.sent(10, true);
            time.tick(50);
            opened(block++);
            if (late) time.tick(450);
            waited(late ? block++ : block - 1n);
            time.tick(5);
        };
        for (let n = 0; n < 5; n++) round(false);
        const before = clock.waitMs;
        for (let n = 0; n < 3; n++) round(true);
        fill(500);
        const after = clock.waitMs;
        expect(after).to.be.below(before);
        for (let n = 0; n < 30; n++) round(false);
        expect(clock.waitMs).to.be.above(after);
    });
});
