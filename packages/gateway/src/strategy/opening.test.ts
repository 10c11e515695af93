import { expect } from 'chai';
import sinon from 'sinon';
import { BlockClock } from './block-clock.js';
import { Opening } from './opening.js';

describe('the opening of a block', () => {
    let time: sinon.SinonFakeTimers;
    let clock: BlockClock;
    let opening: Opening;
    let block: bigint;
    beforeEach(() => {
        time = sinon.useFakeTimers({ toFake: ['performance'] });
        clock = new BlockClock();
        opening = new Opening(clock);
        block = 1n;
    });
    afterEach(() => {
        time.restore();
    });

    /** A block comes, and the next one is being filled when it does. */
    const next = (landed: (block: bigint) => void): ((block: bigint) => void) => {
        time.tick(500);
        const following = clock.sent(10, false);
        landed(block++);
        return following;
    };

    it('is now while nothing of ours is being filled in', () => {
        expect(opening.isNow).to.equal(true);
        clock.sent(10, false);
        expect(opening.isNow, 'a block is being filled, and none was seen').to.equal(false);
    });

    it('is for a moment after a block has come', () => {
        const landed = next(clock.sent(10, false));
        expect(opening.isNow).to.equal(true);
        opening.passed();
        expect(opening.isNow, 'for what comes in the same moment').to.equal(true);
        time.tick(60);
        expect(opening.isNow).to.equal(false);
        next(landed);
        expect(opening.isNow).to.equal(true);
    });

    it('does not pass what looks late by', () => {
        next(clock.sent(10, false));
        time.tick(400);
        expect(opening.isNow).to.equal(true);
        opening.passed();
        expect(opening.isNow).to.equal(false);
    });
});
