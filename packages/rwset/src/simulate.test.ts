import { expect } from 'chai';
import fc from 'fast-check';
import { decodeBlock } from './decode-block.js';
import { RwsetError } from './errors.js';
import { EventQueue } from './event-queue.js';
import { SeededRandom } from './random.js';
import { simulate, type SimulationResult } from './simulate.js';
import type { CommittedBlock } from './simulated-network.js';
import type { Strategy } from './strategy.js';
import { FIXTURE_BLOCKS } from './test-support/fixture-blocks.js';
import { naiveCodes } from './test-support/naive-validator.js';
import { zipfWorkload } from './test-support/workloads.js';
import { scheduleArrivals, type TraceOperation, traceOfBlocks } from './trace.js';

const STRATEGIES: readonly Strategy[] = [
    { name: 'naive' },
    { name: 'retry', maxAttempts: 3, backoffMs: 10 },
    { name: 'ordered', windowMs: 20 },
    { name: 'merged', windowMs: 20, maxOps: 50 },
    { name: 'delta' },
    { name: 'sharded', shards: 4 },
    { name: 'bucketed', bucketMs: 200 },
];

function hotCounter(count: number, perSecond: number): TraceOperation[] {
    const ops = Array.from({ length: count }, () => {
        return { functionName: 'inc', reads: ['hot'], writes: ['hot'] };
    });
    return scheduleArrivals(ops, { process: 'even', perSecond }, new SeededRandom(1));
}

const key = fc.integer({ min: 0, max: 5 }).map((k) => `k${k}`);
const operation = fc.record({
    atMs: fc.integer({ min: 0, max: 3000 }),
    functionName: fc.constant('f'),
    reads: fc.array(key, { maxLength: 3 }),
    writes: fc.array(key, { maxLength: 2 }),
    ranges: fc.array(fc.tuple(key, key), { maxLength: 1 }),
});
const scenario = fc.record({
    trace: fc.array(operation, { maxLength: 30 }),
    strategy: fc.constantFrom(...STRATEGIES),
    seed: fc.integer(),
    untilMs: fc.constantFrom(Infinity, 50, 700, 2500),
    network: fc.record({
        maxMessageCount: fc.constantFrom(1, 3, 500),
        batchTimeoutMs: fc.constantFrom(50, 2000),
    }),
});

describe('Simulating', () => {
    it('loses no operation: submitted are valid, invalid or pending', () => {
        fc.assert(
            fc.property(scenario, ({ trace, ...options }) => {
                const result = simulate(trace, options);
                expect(result.submitted).to.equal(trace.length);
                expect(result.valid + result.invalid + result.pending).to.equal(trace.length);
                if (options.untilMs === Infinity) expect(result.pending).to.equal(0);
            }),
            { numRuns: 1000 },
        );
    });

    it('gives the same result for the same seed, to the last bit', () => {
        fc.assert(
            fc.property(scenario, ({ trace, ...options }) => {
                expect(simulate(trace, options)).to.deep.equal(simulate(trace, options));
            }),
            { numRuns: 300 },
        );
    });

    it('passes and fails exactly what a plain reading of the rules passes and fails', () => {
        fc.assert(
            fc.property(scenario, ({ trace, ...options }) => {
                const blocks: CommittedBlock[] = [];
                simulate(trace, { ...options, onBlock: (block) => blocks.push(block) });
                expect(blocks.map(({ codes }) => codes)).to.deep.equal(naiveCodes(blocks));
            }),
            { numRuns: 300 },
        );
    });

    it('commits about one update of a hot key in a block, whatever is offered', () => {
        const naive = simulate(hotCounter(3000, 300), { strategy: { name: 'naive' } });
        expect(naive.valid).to.be.at.most(naive.blocks);
        expect(naive.goodput).to.be.lessThan(1);
        expect(naive.invalidWork).to.be.greaterThan(0.99);
    });

    it('loses nothing on a hot key when merged or written as differences', () => {
        const trace = hotCounter(3000, 300);
        const merged = simulate(trace, { strategy: { name: 'merged' } });
        expect(merged).to.include({ valid: 3000, invalid: 0 });
        expect(merged.transactions).to.be.lessThan(20);
        expect(simulate(trace, { strategy: { name: 'delta' } }).valid).to.equal(3000);
    });

    it('ranks the strategies as they are known to rank on a skewed load', () => {
        const ops = zipfWorkload({
            count: 1500,
            keys: 1000,
            skew: 1,
            keysEach: 2,
            readShare: 0,
            seed: 5,
        }).map((access) => ({ ...access, functionName: 'update' }));
        const random = new SeededRandom(2);
        const trace = scheduleArrivals(ops, { process: 'poisson', perSecond: 300 }, random);
        const run = (strategy: Strategy): SimulationResult =>
            simulate(trace, { strategy, network: { maxMessageCount: 100, batchTimeoutMs: 500 } });
        const naive = run({ name: 'naive' });
        expect(run({ name: 'retry', maxAttempts: 6 }).invalidWork).to.be.greaterThan(
            naive.invalidWork,
        );
        const ordered = run({ name: 'ordered' });
        expect(ordered.invalidWork).to.be.lessThan(0.05);
        expect(ordered.valid).to.be.greaterThan(naive.valid);
        expect(ordered.endorsements).to.be.lessThan(trace.length * 3);
        const merged = run({ name: 'merged' });
        expect(merged.successShare).to.equal(1);
        expect(merged.goodput).to.be.greaterThan(naive.goodput * 2);
        expect(run({ name: 'sharded' }).valid).to.be.greaterThan(naive.valid);
        expect(run({ name: 'bucketed', bucketMs: 100 }).valid).to.be.greaterThan(naive.valid);
    });

    it('commits everything when nothing is contended', () => {
        const ops = Array.from({ length: 500 }, (_, i) => {
            return { functionName: 'put', reads: [`k${i}`], writes: [`k${i}`] };
        });
        const trace = scheduleArrivals(
            ops,
            { process: 'poisson', perSecond: 200 },
            new SeededRandom(3),
        );
        for (const strategy of STRATEGIES) {
            expect(simulate(trace, { strategy }).valid, strategy.name).to.equal(500);
        }
    });

    it('runs a trace recorded from blocks, ranges included', () => {
        const trace = traceOfBlocks(FIXTURE_BLOCKS.map((bytes) => decodeBlock(bytes)));
        expect(trace.some(({ ranges }) => ranges !== undefined)).to.equal(true);
        const naive = simulate(trace, { strategy: { name: 'naive' } });
        expect(naive.valid).to.be.greaterThan(30);
        const recorded = scheduleArrivals(trace, { process: 'recorded' }, new SeededRandom(1));
        expect(recorded[0]?.atMs).to.equal(0);
    });

    it('refuses times and counts that cannot be', () => {
        const run = (atMs: number, strategy: Strategy, endorseMs = 1): (() => unknown) => {
            const op = { atMs, functionName: 'f', reads: [], writes: [] };
            return () => simulate([op], { strategy, network: { endorseMs } });
        };
        for (const bad of [
            run(NaN, { name: 'naive' }),
            run(0, { name: 'naive' }, -1),
            run(0, { name: 'sharded', shards: 0 }),
            run(0, { name: 'bucketed', bucketMs: 0 }),
            run(0, { name: 'retry', backoffMs: NaN }),
        ]) {
            expect(bad).to.throw(RwsetError).with.property('code', 'RWSET_OPTION_INVALID');
        }
    });

    it('makes nothing of nothing', () => {
        expect(simulate([], { strategy: { name: 'merged' } })).to.include({
            submitted: 0,
            goodput: 0,
            invalidWork: 0,
        });
    });
});

describe('The event queue', () => {
    it('runs events by time, and those of one time as they were planned', () => {
        fc.assert(
            fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (delays) => {
                const queue = new EventQueue();
                const ran: number[] = [];
                for (const [i, delay] of delays.entries()) queue.after(delay, () => ran.push(i));
                queue.run(Infinity);
                const expected = delays
                    .map((delay, i) => ({ delay, i }))
                    .sort((a, b) => a.delay - b.delay || a.i - b.i);
                expect(ran).to.deep.equal(expected.map(({ i }) => i));
            }),
        );
    });
});
