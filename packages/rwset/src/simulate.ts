import { changeKeys } from './change-keys.js';
import { EventQueue } from './event-queue.js';
import { RwsetError } from './errors.js';
import { SeededRandom } from './random.js';
import {
    type Job,
    MergedClient,
    OrderedClient,
    RetryClient,
    type SimulatedClient,
} from './simulated-client.js';
import { type CommittedBlock, type NetworkModel, SimulatedNetwork } from './simulated-network.js';
import type { Strategy } from './strategy.js';
import type { TraceOperation } from './trace.js';

/** Options of {@link simulate}. */
export interface SimulationOptions {
    /** How the client goes about it. */
    readonly strategy: Strategy;
    /** How the network behaves. */
    readonly network?: NetworkModel;
    /** The same seed gives the same result, to the last bit. Default 1. */
    readonly seed?: number;
    /** When to stop, in milliseconds from the start; what is under way then is pending. */
    readonly untilMs?: number;
    /** Called with every block, to look at or to check. */
    readonly onBlock?: (block: CommittedBlock) => void;
}

/** Latencies of valid operations, from being asked for to being committed, in milliseconds. */
export interface Latencies {
    readonly mean: number;
    readonly p50: number;
    readonly p95: number;
    readonly p99: number;
    readonly max: number;
}

/** What became of a trace. */
export interface SimulationResult {
    /** Operations asked for; always `valid + invalid + pending`. */
    readonly submitted: number;
    readonly valid: number;
    readonly invalid: number;
    readonly pending: number;
    /** Valid operations a second, from the first one asked for to the last one ended. */
    readonly goodput: number;
    /** The share of operations that became valid. */
    readonly successShare: number;
    readonly latencyMs: Latencies;
    /** Transactions that went through a block, and of those the ones found valid. */
    readonly transactions: number;
    readonly validTransactions: number;
    /** The share of these transactions that was ordered and validated for nothing. */
    readonly invalidWork: number;
    readonly endorsements: number;
    readonly blocks: number;
    readonly durationMs: number;
}

/**
 * Runs a trace of operations through a simulated Fabric network under a strategy. It answers "what
 * would this gain" before anything is built, and the answer can be had again from its seed.
 *
 * @example
 * ```ts
 * import { simulate } from '@goodput/rwset';
 *
 * const trace = Array.from({ length: 1000 }, (_, i) => {
 *     return { atMs: i * 5, functionName: 'increment', reads: ['hot'], writes: ['hot'] };
 * });
 * const naive = simulate(trace, { strategy: { name: 'naive' } });
 * const merged = simulate(trace, { strategy: { name: 'merged' } });
 * console.log(naive.valid < 10, merged.valid); // => true 1000
 * ```
 */
export function simulate(
    trace: readonly TraceOperation[],
    { strategy, network = {}, seed = 1, untilMs = Infinity, onBlock }: SimulationOptions,
): SimulationResult {
    // What is given as undefined is as good as not given.
    const model: NetworkModel = Object.fromEntries(
        Object.entries(network).filter(([, value]) => value !== undefined),
    );
    if (Number.isNaN(untilMs)) {
        throw new RwsetError('RWSET_OPTION_INVALID', 'untilMs is NaN; it must be a number.');
    }
    checkNumbers(trace, strategy, model);
    const random = new SeededRandom(seed);
    const events = new EventQueue();
    const simulated = new SimulatedNetwork(events, random, model);
    simulated.onBlock = onBlock;
    const ops = isKeyChange(strategy) ? changeKeys(trace, strategy, random) : trace;
    const client = clientOf(strategy, events, simulated);
    simulated.onCommitted = () => {
        client.onCommitted();
    };
    const jobs = ops.map((op): Job => ({ op, attempts: 0, outcome: 'pending', endMs: 0 }));
    for (const job of jobs) {
        events.after(job.op.atMs, () => {
            client.accept(job);
        });
    }
    events.run(untilMs);
    return summarize(jobs, simulated);
}

/** Options that bound something, and may leave it unbounded. */
const MAY_BE_INFINITE = new Set([
    'maxMessageCount',
    'absoluteMaxBytes',
    'preferredMaxBytes',
    'maxOps',
    'maxAttempts',
    'patienceMs',
]);

/** Refuses times and counts that cannot be: one NaN among the events would upset all the others. */
function checkNumbers(
    trace: readonly TraceOperation[],
    strategy: Strategy,
    model: NetworkModel,
): void {
    const refuse = (name: string, value: unknown, least: number, most = Infinity): void => {
        if (typeof value === 'number' && value >= least && value <= most) {
            if (value < Infinity || MAY_BE_INFINITE.has(name)) return;
        }
        throw new RwsetError(
            'RWSET_OPTION_INVALID',
            `${name} is ${String(value)}; it must be a ${MAY_BE_INFINITE.has(name) ? '' : 'finite '}` +
                `number of at least ${least}${most < Infinity ? ` and at most ${most}` : ''}.`,
        );
    };
    for (const [index, { atMs }] of trace.entries()) refuse(`atMs of operation ${index}`, atMs, 0);
    for (const [name, value] of Object.entries(model)) {
        // An endorsement that may differ by more than its whole time could end before it began.
        refuse(name, value, 0, name === 'endorseJitter' ? 1 : Infinity);
    }
    if (!STRATEGIES.includes(strategy.name)) {
        throw new RwsetError(
            'RWSET_OPTION_INVALID',
            `The strategy's name is ${strategy.name}; it must be one of ${STRATEGIES.join(', ')}.`,
        );
    }
    for (const [name, value] of Object.entries(strategy) as [string, unknown][]) {
        if (name === 'name' || name === 'keys' || value === undefined) continue;
        refuse(name, value, name.endsWith('Ms') && name !== 'bucketMs' ? 0 : 1);
        if (typeof value === 'number' && name === 'shards' && !Number.isInteger(value)) {
            throw new RwsetError(
                'RWSET_OPTION_INVALID',
                `shards is ${value}; it must be a whole number.`,
            );
        }
    }
}

/** Names of the strategies there are. */
export const STRATEGIES: readonly Strategy['name'][] = [
    'naive',
    'retry',
    'ordered',
    'merged',
    'delta',
    'sharded',
    'bucketed',
];

function isKeyChange(
    strategy: Strategy,
): strategy is Extract<Strategy, { name: 'delta' | 'sharded' | 'bucketed' }> {
    return ['delta', 'sharded', 'bucketed'].includes(strategy.name);
}

function clientOf(
    strategy: Strategy,
    events: EventQueue,
    network: SimulatedNetwork,
): SimulatedClient {
    switch (strategy.name) {
        case 'retry':
            return new RetryClient(events, network, strategy);
        case 'ordered':
            return new OrderedClient(events, network, strategy);
        case 'merged':
            return new MergedClient(events, network, strategy);
        default:
            return new RetryClient(events, network, { maxAttempts: 1 });
    }
}

function summarize(jobs: readonly Job[], network: SimulatedNetwork): SimulationResult {
    const valid = jobs.filter(({ outcome }) => outcome === 'valid');
    const invalid = jobs.filter(({ outcome }) => outcome === 'invalid');
    const ended = [...valid, ...invalid];
    const first = jobs.reduce((least, { op }) => Math.min(least, op.atMs), Infinity);
    const last = ended.reduce((latest, { endMs }) => Math.max(latest, endMs), 0);
    const durationMs = ended.length === 0 ? 0 : last - first;
    const { transactions, validTransactions, endorsements, blocks } = network.counts;
    return {
        submitted: jobs.length,
        valid: valid.length,
        invalid: invalid.length,
        pending: jobs.length - ended.length,
        goodput: durationMs === 0 ? 0 : (valid.length / durationMs) * 1000,
        successShare: jobs.length === 0 ? 0 : valid.length / jobs.length,
        latencyMs: latenciesOf(valid),
        transactions,
        validTransactions,
        invalidWork: transactions === 0 ? 0 : 1 - validTransactions / transactions,
        endorsements,
        blocks,
        durationMs,
    };
}

function latenciesOf(valid: readonly Job[]): Latencies {
    const sorted = valid.map(({ op, endMs }) => endMs - op.atMs).sort((a, b) => a - b);
    const at = (share: number): number =>
        sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    const sum = sorted.reduce((total, each) => total + each, 0);
    return {
        mean: sorted.length === 0 ? 0 : sum / sorted.length,
        p50: at(0.5),
        p95: at(0.95),
        p99: at(0.99),
        max: at(1),
    };
}
