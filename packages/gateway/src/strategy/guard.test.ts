import { expect } from 'chai';
import fc from 'fast-check';
import sinon from 'sinon';
import { Guard, type Held } from './guard.js';

/** One of twenty operations of its chaincode: too few to have all wait for them. */
const rare = { share: 0.05, mayBeEarly: true };

describe('guarding a function whose keys are not known', () => {
    let time: sinon.SinonFakeTimers;
    let guard: Guard;
    beforeEach(() => {
        time = sinon.useFakeTimers({ toFake: ['performance'] });
        guard = new Guard();
    });
    afterEach(() => {
        time.restore();
    });

    /** So many transactions, of which every so-manieth conflicts; decided upon after each. */
    const after = (times: number, conflictEvery: number, input = rare): Held => {
        for (let n = 1; n <= times; n++) {
            guard.saw(n % conflictEvery === 0, 1);
            guard.decide(input);
        }
        return guard.decide(input);
    };

    it('has one that only reads start early when half of it conflicts', () => {
        expect(after(40, 4)).to.equal('free');
        expect(after(30, 2)).to.equal('early');
        expect(after(200, 10)).to.equal('early');
    });

    it('keeps in its lane what conflicts though it starts early', () => {
        expect(after(10, 1)).to.equal('early');
        expect(after(20, 1), 'the first early ones tell nothing yet').to.equal('early');
        expect(after(10, 1)).to.equal('lane');
    });

    it('has what writes start early never', () => {
        const writes = { ...rare, mayBeEarly: false };
        expect(after(20, 1, writes)).to.equal('free');
        expect(after(10, 1, writes)).to.equal('lane');
        guard = new Guard();
        expect(after(10, 1)).to.equal('early');
        expect(after(1, 1, writes), 'once it is seen to write').to.equal('free');
    });

    it('keeps in its lane what much of all conflicts on account of', () => {
        expect(after(10, 2, { ...rare, share: 0.5 })).to.equal('lane');
    });

    it('tries ever less often whether what starts early still has to', () => {
        const needed = (): number => {
            for (let n = 0; n < 1_000 && guard.decide(rare) !== 'early'; n++) guard.saw(true, 1);
            const since = performance.now();
            for (let n = 0; n < 100; n++) guard.saw(false, 1);
            while (guard.decide(rare) === 'early') time.tick(1_000);
            return performance.now() - since;
        };
        const times = Array.from({ length: 8 }, needed);
        expect(times[0]).to.be.within(10_000, 12_000);
        expect(times[1]).to.be.within(20_000, 22_000);
        expect(times[7]).to.be.within(290_000, 310_000);
        time.tick(400_000);
        expect(needed()).to.be.within(290_000, 310_000);
    });

    it('settles whatever comes: free of conflicts for long enough, it runs freely', () => {
        const input = fc.record({
            share: fc.double({ min: 0, max: 1, noNaN: true }),
            mayBeEarly: fc.boolean(),
        });
        const seen = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 5 }), input), {
            maxLength: 200,
        });
        fc.assert(
            fc.property(seen, (all) => {
                const own = new Guard();
                for (const [conflict, operations, given] of all) {
                    own.saw(conflict, operations);
                    const held = own.decide(given);
                    if (held === 'early') expect(given.mayBeEarly).to.equal(true);
                    time.tick(100);
                }
                for (let n = 0; n < 100; n++) own.saw(false, 1);
                for (let n = 0; n < 10; n++) {
                    time.tick(100_000);
                    own.decide(rare);
                }
                expect(own.decide(rare)).to.equal('free');
            }),
        );
    });
});
