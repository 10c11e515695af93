import { expect } from 'chai';
import fc from 'fast-check';
import { backoffMs, RetryBudget, retryPolicy } from './retry-policy.js';

describe('the retry policy', () => {
    it('refuses numbers that make no sense', () => {
        expect(() => retryPolicy({ attempts: -1 })).to.throw(/retry.attempts/);
        expect(() => retryPolicy({ baseMs: Number.NaN })).to.throw(/retry.baseMs/);
    });

    it('waits anywhere up to a doubling bound', () => {
        fc.assert(
            fc.property(
                fc.integer({ min: 1, max: 80 }),
                fc.double({ min: 0, max: 0.999, noNaN: true }),
                (attempt, luck) => {
                    const ms = backoffMs({ baseMs: 20, maxMs: 5_000 }, attempt, () => luck);
                    expect(ms).to.be.within(0, Math.min(5_000, 20 * 2 ** (attempt - 1)));
                },
            ),
        );
    });

    it('pays for repetitions from what operations earn', () => {
        const budget = new RetryBudget({ budgetRatio: 0.5, budgetCap: 2 });
        expect(['cc', 'cc', 'cc'].map((name) => budget.spend(name))).to.deep.equal([
            true,
            true,
            false,
        ]);
        budget.earn('cc');
        expect(budget.spend('cc')).to.equal(false);
        budget.earn('cc');
        expect(budget.spend('cc')).to.equal(true);
        for (let n = 0; n < 100; n++) budget.earn('cc');
        expect(budget.tokens('cc')).to.equal(2);
    });
});
