import { expect } from 'chai';
import sinon from 'sinon';
import type { Operation } from './operation.js';
import { AutoSelector } from './auto-selector.js';
import { Forecaster, type Forecast } from './forecaster.js';
import { GatewayError } from '../errors.js';

const unknown = {
    scope: 'cc',
    chaincode: 'cc',
    keys: undefined,
    merges: true,
    mergeable: true,
    onlyReads: false,
};
const known = { ...unknown, keys: ['k'] };
const operation = { scope: 'cc', call: { transaction: 'f' } } as Operation;
const conflict = new GatewayError('GATEWAY_MVCC_CONFLICT', 'x', { validationCode: 11 });
const valid = { transactionId: 't', code: 0, blockNumber: 1n };

function outlook(successShare: number, p95ms = 100): Forecast {
    const outcome = { goodput: 100, successShare, p95ms };
    return { operations: 200, retry: outcome, reorder: outcome, merge: outcome };
}

describe('choosing a strategy', () => {
    let clock: sinon.SinonFakeTimers;
    beforeEach(() => {
        clock = sinon.useFakeTimers({ toFake: ['performance', 'Date'] });
    });
    afterEach(() => {
        clock.restore();
    });

    const seen = (selector: AutoSelector, what: 'conflict' | 'valid', times: number): void => {
        for (let n = 0; n < times; n++) {
            const result = what === 'valid' ? { status: valid } : { error: conflict };
            selector.transaction({ operations: [operation], endorseMs: 5, ...result });
        }
    };

    it('lets a function whose keys are unknown run freely until conflicts show', () => {
        const selector = new AutoSelector(() => undefined, 2_000);
        expect(selector.choose('cc:f', unknown).plan.strategy).to.equal('retry');
        seen(selector, 'valid', 7);
        seen(selector, 'conflict', 3);
        const { plan, why } = selector.choose('cc:f', unknown);
        expect(plan.strategy).to.equal('merge');
        expect(why).to.match(/% of its transactions conflict/);
        const unmergeable = selector.choose('cc:f', {
            ...unknown,
            merges: false,
            mergeable: false,
        });
        expect(unmergeable.plan.strategy).to.equal('reorder');
    });

    it('repeats the few that conflict rather than have all wait for them', () => {
        const selector = new AutoSelector(() => undefined, 2_000);
        const strategyAmong = (others: number): string => {
            for (let n = 0; n < others; n++) selector.choose('cc:g', known);
            return selector.choose('cc:f', unknown).plan.strategy;
        };
        for (let n = 0; n < 4; n++) {
            seen(selector, 'valid', 3);
            seen(selector, 'conflict', 2);
        }
        expect(strategyAmong(50)).to.equal('retry');
        expect(strategyAmong(0)).to.equal('retry');
        for (let n = 0; n < 30; n++) strategyAmong(0);
        expect(strategyAmong(0)).to.equal('merge');
    });

    it('does not let a function be repeated that hardly ever comes through', () => {
        const selector = new AutoSelector(() => undefined, 2_000);
        for (let n = 0; n < 500; n++) selector.choose('cc:g', known);
        seen(selector, 'conflict', 24);
        expect(selector.choose('cc:f', unknown).plan.strategy).to.equal('merge');
    });

    it('does not change its mind at every wind', () => {
        const selector = new AutoSelector(() => undefined, 2_000);
        seen(selector, 'conflict', 10);
        expect(selector.choose('cc:f', unknown).plan.strategy).to.equal('merge');
        seen(selector, 'valid', 100);
        clock.tick(5_000);
        expect(selector.choose('cc:f', unknown).plan.strategy).to.equal('merge');
        clock.tick(6_000);
        expect(selector.choose('cc:f', unknown).plan.strategy).to.equal('retry');
    });

    it('merges what is known to meet, and only that', () => {
        const selector = new AutoSelector(() => undefined, 2_000);
        const { plan } = selector.choose('cc:f', known);
        expect([plan.strategy, plan.spread]).to.deep.equal(['merge', true]);
    });

    it('keeps what cannot be merged in the lanes of its keys where others are merged', () => {
        const selector = new AutoSelector(() => undefined, 2_000);
        const strategyOf = (merges: boolean): string =>
            selector.choose('cc:f', { ...known, merges, mergeable: false }).plan.strategy;
        expect([strategyOf(true), strategyOf(false)]).to.deep.equal(['serialize', 'reorder']);
    });

    it('gives up lanes only when the forecast says so for a while and within the latency aimed for', () => {
        let forecast: Forecast | undefined = outlook(1);
        const selector = new AutoSelector(() => forecast, 2_000);
        const choose = (): string =>
            selector.choose('cc:f', { ...known, merges: false, mergeable: false }).plan.strategy;
        expect(choose()).to.equal('reorder');
        clock.tick(11_000);
        expect(choose()).to.equal('retry');
        forecast = outlook(0.8);
        expect(choose()).to.equal('reorder');
        forecast = outlook(1, 5_000);
        clock.tick(11_000);
        expect(choose()).to.equal('reorder');
        forecast = outlook(1);
        seen(selector, 'conflict', 5);
        clock.tick(11_000);
        expect(choose()).to.equal('reorder');
    });

    it('forecasts a hot key as lost with retries and safe when merged', () => {
        const forecaster = new Forecaster();
        forecaster.transaction({ operations: [operation], endorseMs: 6, commitMs: 506 });
        expect(forecaster.forecast('cc')).to.equal(undefined);
        for (let n = 0; n < 200; n++) {
            clock.tick(5);
            forecaster.note('cc', 'f', ['hot']);
        }
        const forecast = forecaster.forecast('cc');
        expect(forecast?.merge.successShare).to.equal(1);
        expect(forecast?.retry.successShare).to.be.lessThan(0.5);
        for (let n = 0; n < 200; n++) {
            clock.tick(5);
            forecaster.note('cool', 'f', [`k${n}`]);
        }
        expect(forecaster.forecast('cool')?.retry.successShare).to.equal(1);
    });
});
