import { expect } from 'chai';
import fc from 'fast-check';
import { arrivals, type RateSchedule } from './arrivals.js';
import { runClosedLoop } from './closed-loop.js';
import { runOpenLoop, type Timing } from './open-loop.js';
import { parseSchedule } from './parse-schedule.js';
import { seededRandom, zipfSampler } from './random.js';

/** A clock that moves only when somebody sleeps, by exactly as much as was asked for. */
function fakeTiming(): Timing & { advance(ms: number): void } {
    let at = 0;
    return {
        now: () => at,
        sleep: async (ms) => {
            at += Math.max(ms, 0.01);
            await Promise.resolve();
        },
        advance: (ms) => {
            at += ms;
        },
    };
}

const schedule: fc.Arbitrary<RateSchedule> = fc.oneof(
    fc.record({
        kind: fc.constant('constant' as const),
        ratePerSecond: fc.integer({ min: 1, max: 5000 }),
    }),
    fc.record({
        kind: fc.constant('ramp' as const),
        from: fc.integer({ min: 1, max: 2000 }),
        to: fc.integer({ min: 1, max: 2000 }),
    }),
    fc.record({
        kind: fc.constant('step' as const),
        rates: fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 5 }),
    }),
    fc.record({
        kind: fc.constant('burst' as const),
        base: fc.integer({ min: 1, max: 500 }),
        peak: fc.integer({ min: 500, max: 2000 }),
        everyMs: fc.integer({ min: 200, max: 1000 }),
        peakMs: fc.integer({ min: 1, max: 199 }),
    }),
);

/** The integral of the rate from the start to an instant, in closed form. */
function dueBy(each: RateSchedule, atMs: number, durationMs: number): number {
    switch (each.kind) {
        case 'constant':
        case 'poisson':
            return (each.ratePerSecond * atMs) / 1000;
        case 'ramp':
            return (
                (each.from * atMs + ((each.to - each.from) * atMs ** 2) / (2 * durationMs)) / 1000
            );
        case 'step': {
            const partMs = durationMs / each.rates.length;
            const within = (part: number): number =>
                Math.min(partMs, Math.max(0, atMs - part * partMs));
            return each.rates.reduce((sum, rate, part) => sum + (rate * within(part)) / 1000, 0);
        }
        case 'burst': {
            const whole = Math.floor(atMs / each.everyMs);
            const rest = atMs - whole * each.everyMs;
            const atPeakMs = whole * each.peakMs + Math.min(rest, each.peakMs);
            return (each.peak * atPeakMs + each.base * (atMs - atPeakMs)) / 1000;
        }
    }
}

/** What looking at a changing rate once a millisecond may add up to. */
function tolerance(each: RateSchedule): number {
    if (each.kind === 'ramp') return Math.abs(each.to - each.from) / 1000;
    if (each.kind !== 'step') return 0;
    return each.rates.reduce(
        (sum, rate, part) => sum + Math.abs(rate - (each.rates[part - 1] ?? rate)) / 1000,
        0,
    );
}

describe('arrivals', () => {
    it('are by every instant as many as the rate adds up to, ascending, within the run', () => {
        fc.assert(
            fc.property(schedule, fc.integer({ min: 100, max: 3000 }), (each, durationMs) => {
                const due = [...arrivals(each, durationMs, seededRandom('x'))];
                const slack = 1.001 + tolerance(each);
                const all = dueBy(each, durationMs, durationMs);
                expect(Math.abs(due.length - all)).to.be.at.most(slack);
                due.forEach((at, index) => {
                    expect(at).to.be.within(0, durationMs);
                    expect(at).to.be.at.least(due[index - 1] ?? 0);
                    // Not only as many in all: as many by every instant.
                    expect(Math.abs(index - dueBy(each, at, durationMs))).to.be.at.most(slack);
                });
            }),
            { numRuns: 100 },
        );
    });

    it('of a constant rate have the same gap between any two', () => {
        const due = [
            ...arrivals({ kind: 'constant', ratePerSecond: 250 }, 1000, seededRandom('x')),
        ];
        expect(due).to.have.length(250);
        due.forEach((at, index) => {
            expect(at).to.be.closeTo(index * 4, 1e-6);
        });
    });

    it('of Poisson kind have the mean and the variance of a Poisson process', () => {
        const due = [
            ...arrivals({ kind: 'poisson', ratePerSecond: 1000 }, 100_000, seededRandom('p')),
        ];
        const perSecond = new Array<number>(100).fill(0);
        for (const at of due) perSecond[Math.floor(at / 1000)]!++;
        const mean = due.length / 100;
        const variance = perSecond.reduce((sum, each) => sum + (each - mean) ** 2, 0) / 99;
        expect(mean).to.be.closeTo(1000, 20);
        expect(variance / mean).to.be.within(0.6, 1.6);
    });

    it('are refused when they cannot be driven', () => {
        const bad: [RateSchedule, number][] = [
            [{ kind: 'constant', ratePerSecond: 0 }, 1000],
            [{ kind: 'constant', ratePerSecond: Number.NaN }, 1000],
            [{ kind: 'constant', ratePerSecond: 2_000_000 }, 1000],
            [{ kind: 'step', rates: [] }, 1000],
            [{ kind: 'constant', ratePerSecond: 1 }, 0],
            [{ kind: 'burst', base: 1, peak: 2, everyMs: 10, peakMs: 10 }, 1000],
        ];
        for (const [each, durationMs] of bad) {
            expect(() => [...arrivals(each, durationMs, seededRandom('x'))])
                .to.throw()
                .with.property('code', 'BENCH_SCHEDULE_INVALID');
        }
    });
});

describe('a schedule on a command line', () => {
    it('is read in every form', () => {
        expect(parseSchedule('300')).to.deep.equal({ kind: 'constant', ratePerSecond: 300 });
        expect(parseSchedule('day:300')).to.deep.equal({ kind: 'day', ratePerSecond: 300 });
        expect(parseSchedule('poisson:2.5')).to.deep.equal({ kind: 'poisson', ratePerSecond: 2.5 });
        expect(parseSchedule('ramp:50-500')).to.deep.equal({ kind: 'ramp', from: 50, to: 500 });
        expect(parseSchedule('step:1,2,3')).to.deep.equal({ kind: 'step', rates: [1, 2, 3] });
        expect(parseSchedule('burst:5-100/1000/50')).to.deep.equal({
            kind: 'burst',
            base: 5,
            peak: 100,
            everyMs: 1000,
            peakMs: 50,
        });
    });

    for (const text of ['', 'fast', 'ramp:5', 'burst:1-2', 'constant:1,2', 'toString:1', '1..2']) {
        it(`is refused when it reads "${text}"`, () => {
            expect(() => parseSchedule(text))
                .to.throw('the forms are')
                .with.property('code', 'BENCH_SCHEDULE_INVALID');
        });
    }
});

describe('the open loop', () => {
    it('starts operations on schedule, whatever becomes of those before', async () => {
        const timing = fakeTiming();
        const started: { dueAt: number; at: number }[] = [];
        const report = await runOpenLoop({
            arrivals: arrivals({ kind: 'constant', ratePerSecond: 500 }, 2000, seededRandom('x')),
            start: (_, dueAt) => started.push({ dueAt, at: timing.now() }),
            timing,
        });
        expect(report.offered).to.equal(1000);
        // Within 1% of the gap between two: at 500 a second, two hundredths of a millisecond.
        for (const { dueAt, at } of started) expect(at - dueAt).to.be.within(0, 0.02);
        expect(report.elapsedMs).to.be.closeTo(1998, 0.1);
    });

    it('counts latency from the instant an operation was due, so a stall is not hidden', async () => {
        const timing = fakeTiming();
        const late: number[] = [];
        await runOpenLoop({
            arrivals: arrivals({ kind: 'constant', ratePerSecond: 100 }, 1000, seededRandom('x')),
            start: (index, dueAt) => {
                if (index === 10) timing.advance(300);
                late.push(timing.now() - dueAt);
            },
            timing,
        });
        expect(late[10]).to.be.at.least(300);
        expect(late[11]).to.be.closeTo(290, 1);
        expect(late[30]).to.be.closeTo(100, 1);
        expect(late[60]).to.be.lessThan(1);
    });

    it('starts all of 500 a second on the real clock', async () => {
        const starts: number[] = [];
        const report = await runOpenLoop({
            arrivals: arrivals({ kind: 'constant', ratePerSecond: 500 }, 1000, seededRandom('x')),
            start: () => starts.push(performance.now()),
        });
        expect(starts).to.have.length(500);
        expect(report.offered).to.equal(500);
    });

    it('stops when told to', async () => {
        const abort = new AbortController();
        const report = await runOpenLoop({
            arrivals: arrivals({ kind: 'constant', ratePerSecond: 100 }, 10_000, seededRandom('x')),
            start: (index) => {
                if (index === 9) abort.abort();
            },
            signal: abort.signal,
            timing: fakeTiming(),
        });
        expect(report.offered).to.equal(10);
    });
});

describe('a loop that waits for a long time', () => {
    const hour = 3_600_000;
    const soon = (): AbortSignal => AbortSignal.timeout(20);

    // On the real clock: that it ends at all, and not in an hour, is the test.
    it('stops at once when told to, between two operations', async () => {
        const report = await runOpenLoop({
            arrivals: [0, hour],
            start: () => undefined,
            signal: soon(),
        });
        expect(report.offered).to.equal(1);
    });

    it('stops at once when told to, while a caller thinks', async () => {
        const report = await runClosedLoop({
            callers: 3,
            durationMs: hour,
            thinkTimeMs: () => hour,
            perform: () => Promise.resolve(),
            signal: soon(),
        });
        expect(report.offered).to.equal(3);
    });
});

describe('the closed loop', () => {
    it('ends for everybody when one caller cannot go on', async () => {
        const timing = fakeTiming();
        let performed = 0;
        const error = await runClosedLoop({
            callers: 3,
            durationMs: 1000,
            perform: async (index) => {
                performed++;
                await timing.sleep(1);
                if (index === 4) throw new Error('no more');
            },
            timing,
        }).catch((reason: unknown) => reason);
        expect(error).to.have.property('message', 'no more');
        await timing.sleep(1);
        expect(performed).to.be.at.most(8);
    });

    it('keeps one operation a caller under way', async () => {
        const timing = fakeTiming();
        let under = 0;
        let most = 0;
        const report = await runClosedLoop({
            callers: 5,
            durationMs: 100,
            thinkTimeMs: () => 1,
            perform: async () => {
                most = Math.max(most, ++under);
                await timing.sleep(2);
                under--;
            },
            timing,
        });
        expect(most).to.equal(5);
        expect(report.offered).to.be.greaterThan(5);
    });
});

describe('seeded numbers', () => {
    it('are the same for the same seed and others for another', () => {
        const draw = (seed: string): number[] => {
            const random = seededRandom(seed);
            return Array.from({ length: 20 }, () => random.next());
        };
        expect(draw('a')).to.deep.equal(draw('a'));
        expect(draw('a')).to.not.deep.equal(draw('b'));
    });

    it('follow the weights', () => {
        const random = seededRandom('w');
        const counts = [0, 0, 0];
        for (let i = 0; i < 30_000; i++) counts[random.weighted([1, 0, 2])]!++;
        expect(counts[1]).to.equal(0);
        expect(counts[0]! / 30_000).to.be.closeTo(1 / 3, 0.02);
    });

    it('of zipf kind put 10.1% on the first of 10,000 at skew 1 and 60.8% at skew 2', () => {
        for (const [skew, share] of [
            [1, 0.102],
            [2, 0.608],
        ] as const) {
            const sample = zipfSampler(10_000, skew);
            const random = seededRandom('z');
            let first = 0;
            for (let i = 0; i < 50_000; i++) if (sample(random) === 0) first++;
            expect(first / 50_000).to.be.closeTo(share, 0.01);
        }
    });

    it('of zipf kind are uniform at skew 0', () => {
        const sample = zipfSampler(10, 0);
        const random = seededRandom('u');
        const counts = new Array<number>(10).fill(0);
        for (let i = 0; i < 50_000; i++) counts[sample(random)]!++;
        for (const count of counts) expect(count).to.be.closeTo(5000, 350);
    });
});
