import { expect } from 'chai';
import fc from 'fast-check';
import { FairShare } from './fair-share.js';

describe('sharing out something bounded', () => {
    const takeAll = (share: FairShare, owner: string, bound: number): number => {
        let taken = 0;
        for (; share.mayTake(owner, 1, bound); taken++) share.take(owner);
        return taken;
    };

    it('gives all of it to whoever is alone', () => {
        for (const bound of [1, 2, 5, 400, 100_000]) {
            expect(takeAll(new FairShare(), 'alone', bound)).to.equal(bound);
        }
    });

    it('has an eighth for the next when one holds everything, and a quarter beyond in all', () => {
        const share = new FairShare();
        const taken = ['a', 'b', 'c', 'd'].map((owner) => takeAll(share, owner, 400));
        expect(taken).to.deep.equal([400, 50, 50, 0]);
        share.give('a', 101);
        expect(takeAll(share, 'd', 400)).to.equal(50);
    });

    it('holds to that in any order of taking and giving back', () => {
        const step = fc.record({
            owner: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
            amount: fc.integer({ min: 1, max: 9 }),
            takes: fc.boolean(),
        });
        const bounds = fc.integer({ min: 1, max: 64 });
        fc.assert(
            fc.property(fc.array(step, { maxLength: 80 }), bounds, (steps, bound) => {
                const share = new FairShare();
                const held = new Map<string, number>();
                const total = (): number => [...held.values()].reduce((sum, n) => sum + n, 0);
                for (const { owner, amount, takes } of steps) {
                    const own = held.get(owner) ?? 0;
                    if (takes) {
                        const may = share.mayTake(owner, amount, bound);
                        if (total() + amount <= bound) expect(may).to.equal(true);
                        if (!may) continue;
                        share.take(owner, amount);
                        held.set(owner, own + amount);
                    } else if (own >= amount) {
                        share.give(owner, amount);
                        held.set(owner, own - amount);
                    }
                    expect(share.total).to.equal(total());
                    expect(total()).to.be.at.most(bound + Math.max(1, Math.floor(bound / 4)));
                }
            }),
            { numRuns: 2_000 },
        );
    });
});
