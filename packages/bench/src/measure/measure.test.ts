import { expect } from 'chai';
import { LatencyHistogram } from './latency.js';
import { Recorder } from './recorder.js';

describe('the latency histogram', () => {
    it('knows the percentiles of a known distribution to three digits', () => {
        const histogram = new LatencyHistogram();
        for (let ms = 1; ms <= 10_000; ms++) histogram.record(ms / 10);
        const { count, meanMs, p50Ms, p95Ms, p99Ms, maxMs } = histogram.summary();
        expect(count).to.equal(10_000);
        expect(meanMs).to.be.closeTo(500.05, 1);
        expect(p50Ms).to.be.closeTo(500, 1);
        expect(p95Ms).to.be.closeTo(950, 2);
        expect(p99Ms).to.be.closeTo(990, 2);
        expect(maxMs).to.be.closeTo(1000, 2);
    });

    const quantileOf: Record<string, (p: number) => number> = {
        exponential: (p) => -100 * Math.log(1 - p),
        'Pareto, with a long tail': (p) => 20 / (1 - p) ** (1 / 1.5),
        'two-humped': (p) => (p < 0.9 ? 50 + 10 * p : 2000 + 1000 * p),
    };
    for (const [name, at] of Object.entries(quantileOf)) {
        it(`knows the percentiles of a distribution that is ${name}`, () => {
            const histogram = new LatencyHistogram();
            const samples = 20_000;
            for (let n = 0; n < samples; n++) histogram.record(at((n + 0.5) / samples));
            const { p50Ms, p95Ms, p99Ms } = histogram.summary();
            for (const [told, expected] of [
                [p50Ms, at(0.5)],
                [p95Ms, at(0.95)],
                [p99Ms, at(0.99)],
            ] as const) {
                expect(Math.abs(told / expected - 1)).to.be.lessThan(0.005);
            }
        });
    }

    it('says 0 of nothing, and keeps what is out of range at its edge', () => {
        const histogram = new LatencyHistogram();
        expect(histogram.summary().p99Ms).to.equal(0);
        histogram.record(0);
        histogram.record(Number.MAX_SAFE_INTEGER);
        expect(histogram.summary().count).to.equal(2);
        expect(histogram.summary().maxMs).to.be.closeTo(600_000, 1000);
    });
});

describe('the recorder', () => {
    it('counts every outcome once, by class and by second', () => {
        const recorder = new Recorder(1000);
        for (let i = 0; i < 4; i++) recorder.offer(1000 + i);
        recorder.end({ class: 'committed', transactions: 1 }, 1000, 1500);
        recorder.end({ class: 'mvcc-conflict', transactions: 2 }, 1001, 3500);
        recorder.end({ class: 'failed', detail: 'no route' }, 1002, 3600);
        recorder.end({ class: 'failed', detail: 'no route' }, 1003, 3700);
        const recording = recorder.recording();
        expect(recording.offered).to.equal(4);
        expect(recorder.ended).to.equal(4);
        expect(recording.counts).to.include({
            committed: 1,
            'mvcc-conflict': 1,
            failed: 2,
            timeout: 0,
        });
        expect(recording.transactionsSent).to.equal(3);
        expect(recording.latency.count).to.equal(1);
        expect(recording.latency.p50Ms).to.be.closeTo(500, 1);
        expect(recording.latencyOfAll.count).to.equal(4);
        expect(recording.details).to.deep.equal([{ detail: 'no route', count: 2 }]);
        expect(recording.seconds).to.deep.equal([
            { second: 0, offered: 4, committed: 1, conflicts: 0, otherFailures: 0, p95Ms: 500 },
            { second: 1, offered: 0, committed: 0, conflicts: 0, otherFailures: 0, p95Ms: 0 },
            { second: 2, offered: 0, committed: 0, conflicts: 1, otherFailures: 2, p95Ms: 0 },
        ]);
    });

    it('keeps a bounded number of failure kinds', () => {
        const recorder = new Recorder(0);
        for (let i = 0; i < 100; i++) recorder.end({ class: 'failed', detail: `kind ${i}` }, 0, 1);
        const { details } = recorder.recording();
        expect(details).to.have.length(21);
        expect(details.reduce((sum, { count }) => sum + count, 0)).to.equal(100);
    });
});
