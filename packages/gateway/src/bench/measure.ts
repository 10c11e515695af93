import { quantile } from '@goodput/figures';
import type { Network } from '@goodput/network';
import { connect } from '../client/connect.js';
import { readApplied } from './applied.js';
import type { BenchOutcome, MakeSystem } from './systems.js';
import { seeded, type BenchWorkload } from './workloads.js';

/** What is offered. */
export type Offer =
    | { readonly perSecond: number; readonly seconds: number }
    | { readonly callers: number; readonly seconds: number };

/** What one system made of it. */
export interface Measured {
    readonly system: string;
    readonly offered: number;
    /**
     * Valid operations for each second of load, of those that had their receipt by two seconds after
     * its end: what is still queued then was not delivered at the rate offered.
     */
    readonly goodput: number;
    readonly p50ms: number;
    readonly p95ms: number;
    readonly p99ms: number;
    /** Share of what was offered that is on the ledger. */
    readonly success: number;
    readonly transactions: number;
    readonly invalidTransactions: number;
    /** CPU time of this process, in which the client is, for each valid operation. */
    readonly cpuUsPerOperation: number;
    /** Said to be committed, and not on the ledger. */
    readonly lost: number;
    /** On the ledger more than once, or without being said to be. */
    readonly duplicated: number;
}

/** Receipts count until this long after the load has ended: a block or two. */
const graceMs = 2_000;
/** Verdicts of stragglers are waited for this long. */
const drainMs = 12_000;

interface Load {
    readonly outcomes: Map<string, BenchOutcome>;
    readonly latencies: number[];
    /** When each committed operation had its receipt, in milliseconds from the start. */
    readonly receiptsAt: ReadonlyMap<string, number>;
    readonly seconds: number;
    readonly offered: number;
    readonly cpuUs: number;
}

type Submit = (index: number, dueAt: number) => Promise<void>;

async function openLoop(perSecond: number, seconds: number, submit: Submit): Promise<number> {
    const started = performance.now();
    const all: Promise<void>[] = [];
    const total = Math.round(perSecond * seconds);
    while (all.length < total) {
        const due = Math.min(total, ((performance.now() - started) * perSecond) / 1_000);
        while (all.length < due) {
            all.push(submit(all.length, started + (all.length * 1_000) / perSecond));
        }
        await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const late = new Promise<void>((resolve) => setTimeout(resolve, drainMs).unref());
    await Promise.race([Promise.all(all), late]);
    return total;
}

async function closedLoop(callers: number, seconds: number, submit: Submit): Promise<number> {
    const end = performance.now() + seconds * 1_000;
    let index = 0;
    const caller = async (): Promise<void> => {
        while (performance.now() < end) await submit(index++, performance.now());
    };
    await Promise.all(Array.from({ length: callers }, caller));
    return index;
}

/** Runs one system on one workload, and holds what it says against the ledger. */
export async function measure(
    network: Network,
    workload: BenchWorkload,
    make: MakeSystem,
    offer: Offer,
): Promise<Measured> {
    const run = `r${Date.now().toString(36)}${Math.floor(Math.random() * 1e6).toString(36)}`;
    const observer = await connect(network, { wholeBlocks: false, strategy: 'merge' });
    try {
        const own = observer.contract('bench', { contract: workload.contract });
        await own.submitMany(
            workload.setup.map(({ name, args }, n) => ({
                transaction: name,
                args: [`${run}/setup${n}`, ...args],
                strategy: workload.contract === 'bench' ? 'merge' : 'retry',
            })),
        );
        const from = BigInt(observer.stats().blocks.height);
        const system = await make(network, workload.contract);
        const load = await runLoad(system.submit.bind(system), workload, offer, run);
        await system.close();
        const to = await settledHeight(observer);
        const applied = await readApplied(observer.gateway, network.channel, { from, to, run });
        return compare(system.name, load, applied, run);
    } finally {
        await observer.close();
    }
}

async function runLoad(
    submit: (id: string, operation: ReturnType<BenchWorkload['next']>) => Promise<BenchOutcome>,
    workload: BenchWorkload,
    offer: Offer,
    run: string,
): Promise<Load> {
    const outcomes = new Map<string, BenchOutcome>();
    const latencies: number[] = [];
    const random = seeded(20_260);
    const started = performance.now();
    const cpuBefore = process.cpuUsage();
    const receiptsAt = new Map<string, number>();
    const one: Submit = async (index, dueAt) => {
        const id = `${run}/${index}`;
        const outcome = await submit(id, workload.next(random, index)).catch(
            (): BenchOutcome => 'failed',
        );
        outcomes.set(id, outcome);
        if (outcome !== 'committed') return;
        const now = performance.now();
        receiptsAt.set(id, now - started);
        // From when it was due: what waits to be submitted waits too.
        latencies.push(now - dueAt);
    };
    const offered =
        'callers' in offer
            ? await closedLoop(offer.callers, offer.seconds, one)
            : await openLoop(offer.perSecond, offer.seconds, one);
    const { user, system } = process.cpuUsage(cpuBefore);
    return {
        cpuUs: user + system,
        outcomes: new Map(outcomes),
        latencies: [...latencies],
        receiptsAt: new Map(receiptsAt),
        seconds: offer.seconds,
        offered,
    };
}

/** Blocks go on coming for a moment after the last receipt. */
async function settledHeight(observer: Awaited<ReturnType<typeof connect>>): Promise<bigint> {
    for (let before = -1; ;) {
        const { height } = observer.stats().blocks;
        if (height === before) return BigInt(height);
        before = height;
        await new Promise((resolve) => setTimeout(resolve, 400));
    }
}

function compare(
    system: string,
    { outcomes, latencies, receiptsAt, seconds, offered, cpuUs }: Load,
    { times, transactions, invalid }: Awaited<ReturnType<typeof readApplied>>,
    run: string,
): Measured {
    let valid = 0;
    const validAt: number[] = [];
    let lost = 0;
    let duplicated = 0;
    for (let index = 0; index < offered; index++) {
        const id = `${run}/${index}`;
        const count = times.get(id) ?? 0;
        const outcome = outcomes.get(id);
        if (count > 0) valid += 1;
        if (count > 0) validAt.push(receiptsAt.get(id) ?? Infinity);
        if (outcome === 'committed' && count === 0) lost += 1;
        // A verdict that did not come in time is unknown, not wrong.
        if (count > 1 || (count > 0 && outcome === 'rejected')) duplicated += 1;
    }
    const ms = (q: number): number => Number(quantile(latencies, q).toFixed(1));
    return {
        system,
        offered,
        goodput: goodputOf(validAt, seconds),
        p50ms: ms(0.5),
        p95ms: ms(0.95),
        p99ms: ms(0.99),
        success: Number((valid / offered).toFixed(4)),
        transactions,
        invalidTransactions: invalid,
        cpuUsPerOperation: Math.round(cpuUs / Math.max(1, valid)),
        lost,
        duplicated,
    };
}

function goodputOf(validAt: readonly number[], seconds: number): number {
    const inTime = validAt.filter((at) => at <= seconds * 1_000 + graceMs).length;
    // One at least, so that a baseline that came to nothing still gives a ratio.
    return Math.max(1, inTime) / seconds;
}
