import type { EventQueue } from './event-queue.js';
import { groupOperations } from './group.js';
import type { TxReadWriteSet } from './model.js';
import { orderAccesses, orderTransactions } from './order.js';
import type { SimulatedNetwork } from './simulated-network.js';
import type { MergedStrategy, OrderedStrategy, RetryStrategy } from './strategy.js';
import type { TraceOperation } from './trace.js';
import { VALIDATION_CODES } from './validation-code.js';

/** An operation on its way. */
export interface Job {
    readonly op: TraceOperation;
    attempts: number;
    outcome: 'pending' | 'valid' | 'invalid';
    endMs: number;
}

/** Somebody who gets operations done. */
export interface SimulatedClient {
    /** An operation is asked for. */
    accept(job: Job): void;
    /** A block was committed. */
    onCommitted(): void;
}

const BYTES = 3500;
/** What an operation adds to a merged transaction at least; headers and signatures it shares. */
const MERGED_BYTES = 150;

function mergedBytes({ bytes = BYTES }: TraceOperation): number {
    return Math.max(MERGED_BYTES, bytes - BYTES);
}

function finish(job: Job, outcome: 'valid' | 'invalid', nowMs: number): void {
    job.outcome = outcome;
    job.endMs = nowMs;
}

/** One transaction for each operation; with attempts left, again when it was invalidated. */
export class RetryClient implements SimulatedClient {
    readonly #events: EventQueue;
    readonly #network: SimulatedNetwork;
    readonly #maxAttempts: number;
    readonly #backoffMs: number;

    constructor(
        events: EventQueue,
        network: SimulatedNetwork,
        { maxAttempts = 6, backoffMs = 0 }: Omit<RetryStrategy, 'name'>,
    ) {
        this.#events = events;
        this.#network = network;
        this.#maxAttempts = maxAttempts;
        this.#backoffMs = backoffMs;
    }

    accept(job: Job): void {
        job.attempts++;
        this.#network.endorse([job.op], (rwset) => {
            this.#network.submit({
                rwset,
                bytes: job.op.bytes ?? BYTES,
                onCommit: (code) => {
                    if (code === VALIDATION_CODES.VALID) finish(job, 'valid', this.#events.nowMs);
                    else if (job.attempts >= this.#maxAttempts) {
                        finish(job, 'invalid', this.#events.nowMs);
                    } else {
                        this.#events.after(this.#backoffMs, () => {
                            this.accept(job);
                        });
                    }
                },
            });
        });
    }

    onCommitted(): void {
        // Each operation goes its own way: nothing waits for a block.
    }
}

/** Orders endorsed transactions, and holds back those that could not survive. */
export class OrderedClient implements SimulatedClient {
    readonly #events: EventQueue;
    readonly #network: SimulatedNetwork;
    readonly #windowMs: number;
    readonly #maxAttempts: number;
    readonly #patienceMs: number;
    #gathered: { job: Job; rwset: TxReadWriteSet }[] = [];
    #waiting: Job[] = [];
    /** By name, how many transactions on their way write a key. */
    readonly #inFlight = new Map<string, number>();
    #isOpen = false;

    constructor(
        events: EventQueue,
        network: SimulatedNetwork,
        { windowMs = 50, maxAttempts = 10, patienceMs = 10_000 }: Omit<OrderedStrategy, 'name'>,
    ) {
        this.#events = events;
        this.#network = network;
        this.#windowMs = windowMs;
        this.#maxAttempts = maxAttempts;
        this.#patienceMs = patienceMs;
    }

    accept(job: Job): void {
        job.attempts++;
        this.#network.endorse([job.op], (rwset) => {
            this.#gathered.push({ job, rwset });
            if (this.#isOpen) return;
            this.#isOpen = true;
            this.#events.after(this.#windowMs, () => {
                this.#flush();
            });
        });
    }

    onCommitted(): void {
        const { nowMs } = this.#events;
        const free: Job[] = [];
        const waiting: Job[] = [];
        for (const job of this.#waiting) {
            if (nowMs - job.op.atMs > this.#patienceMs) finish(job, 'invalid', nowMs);
            else (this.#isBlocked(job.op.reads) ? waiting : free).push(job);
        }
        // Their keys are known from the time before: only those are endorsed that can survive.
        const { order, victims } = orderAccesses(free.map(({ op }) => op));
        this.#waiting = waiting.concat(victims.flatMap(({ index }) => free[index] ?? []));
        for (const index of order) {
            const job = free[index];
            if (job !== undefined) this.#again(job);
        }
    }

    #flush(): void {
        this.#isOpen = false;
        const gathered = this.#gathered;
        this.#gathered = [];
        const ready = gathered.filter(({ job }) => {
            if (!this.#isBlocked(job.op.reads)) return true;
            this.#waiting.push(job);
            return false;
        });
        const rwsets = ready.map(({ rwset }) => rwset);
        const { order, victims } = orderTransactions(rwsets, { state: this.#network.state });
        for (const index of order) {
            const item = ready[index];
            if (item !== undefined) this.#submit(item.job, item.rwset);
        }
        for (const { index, reason } of victims) {
            const job = ready[index]?.job;
            if (job === undefined) continue;
            // A stale one can go at once; the others wait for the survivors they met.
            if (reason === 'stale') this.#again(job);
            else this.#waiting.push(job);
        }
    }

    #submit(job: Job, rwset: TxReadWriteSet): void {
        const keys = rwset.namespaces.flatMap(({ writes }) => writes.map(({ key }) => key));
        for (const key of keys) this.#inFlight.set(key, (this.#inFlight.get(key) ?? 0) + 1);
        this.#network.submit({
            rwset,
            bytes: job.op.bytes ?? BYTES,
            onCommit: (code) => {
                for (const key of keys) {
                    const left = (this.#inFlight.get(key) ?? 1) - 1;
                    if (left === 0) this.#inFlight.delete(key);
                    else this.#inFlight.set(key, left);
                }
                if (code === VALIDATION_CODES.VALID) finish(job, 'valid', this.#events.nowMs);
                else this.#again(job);
            },
        });
    }

    #again(job: Job): void {
        if (job.attempts >= this.#maxAttempts) finish(job, 'invalid', this.#events.nowMs);
        else this.accept(job);
    }

    #isBlocked(reads: readonly string[]): boolean {
        return reads.some((key) => this.#inFlight.has(key));
    }
}

/** Merges operations that meet; a key they touch is theirs until the transaction is committed. */
export class MergedClient implements SimulatedClient {
    readonly #events: EventQueue;
    readonly #network: SimulatedNetwork;
    readonly #windowMs: number;
    readonly #maxOps: number;
    readonly #maxAttempts: number;
    #queue: Job[] = [];
    readonly #busy = new Map<string, number>();
    #isOpen = false;

    constructor(
        events: EventQueue,
        network: SimulatedNetwork,
        { windowMs = 50, maxOps = 1000, maxAttempts = 6 }: Omit<MergedStrategy, 'name'>,
    ) {
        this.#events = events;
        this.#network = network;
        this.#windowMs = windowMs;
        this.#maxOps = maxOps;
        this.#maxAttempts = maxAttempts;
    }

    accept(job: Job): void {
        this.#queue.push(job);
        this.#open();
    }

    onCommitted(): void {
        if (this.#queue.length > 0) this.#open();
    }

    #open(): void {
        if (this.#isOpen) return;
        this.#isOpen = true;
        this.#events.after(this.#windowMs, () => {
            this.#flush();
        });
    }

    #flush(): void {
        this.#isOpen = false;
        const passed = new Set<string>();
        const left: Job[] = [];
        const taken: Job[] = [];
        for (const job of this.#queue) {
            const keys = [...job.op.reads, ...job.op.writes];
            // Nobody overtakes: one that has to wait keeps its keys from those after it.
            if (keys.some((key) => this.#busy.has(key) || passed.has(key))) {
                for (const key of keys) passed.add(key);
                left.push(job);
            } else taken.push(job);
        }
        const { groups } = groupOperations(
            taken.map(({ op }) => ({ ...op, bytes: mergedBytes(op) })),
            { maxOps: this.#maxOps, maxKeys: Infinity, maxBytes: this.#network.maxBytes - BYTES },
        );
        const first = groups.filter(({ round }) => round === 0);
        const later = groups.filter(({ round }) => round > 0);
        const pick = (indices: readonly number[]): Job[] =>
            indices.flatMap((index) => taken[index] ?? []);
        this.#queue = [...later.flatMap(({ ops }) => pick(ops)), ...left];
        this.#send(first.map(({ ops }) => pick(ops)));
    }

    /** Endorses groups side by side, and submits them in their order once all are endorsed. */
    #send(groups: readonly (readonly Job[])[]): void {
        const endorsed: (TxReadWriteSet | undefined)[] = groups.map(() => undefined);
        let missing = groups.length;
        for (const [i, jobs] of groups.entries()) {
            for (const job of jobs) this.#hold(job, 1);
            const ops = jobs.map(({ op }) => op);
            this.#network.endorse(ops, (rwset) => {
                endorsed[i] = rwset;
                if (--missing > 0) return;
                for (const [g, members] of groups.entries()) this.#submit(members, endorsed[g]);
            });
        }
    }

    #submit(jobs: readonly Job[], rwset: TxReadWriteSet | undefined): void {
        if (rwset === undefined) return;
        const size = jobs.reduce((sum, { op }) => sum + mergedBytes(op), 0);
        this.#network.submit({
            rwset,
            bytes: jobs.length === 1 ? (jobs[0]?.op.bytes ?? BYTES) : BYTES + size,
            onCommit: (code) => {
                for (const job of jobs) {
                    this.#hold(job, -1);
                    job.attempts++;
                    if (code === VALIDATION_CODES.VALID) finish(job, 'valid', this.#events.nowMs);
                    else if (job.attempts >= this.#maxAttempts) {
                        finish(job, 'invalid', this.#events.nowMs);
                    } else this.accept(job);
                }
            },
        });
    }

    #hold({ op }: Job, by: 1 | -1): void {
        for (const key of [...op.reads, ...op.writes]) {
            const count = (this.#busy.get(key) ?? 0) + by;
            if (count <= 0) this.#busy.delete(key);
            else this.#busy.set(key, count);
        }
    }
}
