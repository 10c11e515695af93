import { LRUCache } from 'lru-cache';
import { Verdict } from '../failure/verdict.js';
import { Ewma } from '../observe/ewma.js';
import type { BlockSummary } from './block-feed.js';
import type { CommitWatch, TransactionStatus } from './transport.js';

/** How the tracker falls back. */
export interface CommitTrackerOptions {
    /** Asks a peer for a verdict; undefined when it has none yet. */
    readonly ask: (transactionId: string) => Promise<TransactionStatus | undefined>;
    /** Wait for the block of a transaction before asking, in milliseconds. @default 3000 */
    readonly stallMs?: number;
    /** Questions under way at once. @default 32 */
    readonly questions?: number;
}

interface Waiter {
    readonly transactionId: string;
    readonly since: number;
    readonly promise: Promise<TransactionStatus>;
    resolve: (status: TransactionStatus) => void;
    watchers: number;
    asking: boolean;
}

/**
 * Learns verdicts from the block stream. When a transaction's block is overdue, because the stream
 * stalls or began too late, it asks a peer for that one verdict.
 */
export class CommitTracker {
    readonly #options: Required<CommitTrackerOptions>;
    readonly #waiters = new Map<string, Waiter>();
    readonly #recent = new LRUCache<string, TransactionStatus>({ max: 20_000 });
    readonly #wait = new Ewma();
    #timer: NodeJS.Timeout | undefined;
    #asking = 0;
    #fromBlocks = 0;
    #fromCalls = 0;

    constructor(options: CommitTrackerOptions) {
        this.#options = { stallMs: 3_000, questions: 32, ...options };
    }

    /** Verdicts learnt from blocks, and from calls. */
    get counts(): { readonly blocks: number; readonly calls: number } {
        return { blocks: this.#fromBlocks, calls: this.#fromCalls };
    }

    get waiting(): number {
        return this.#waiters.size;
    }

    /** A verdict seen lately. */
    recent(transactionId: string): TransactionStatus | undefined {
        return this.#recent.get(transactionId);
    }

    watch(transactionId: string): CommitWatch {
        const known = this.#recent.get(transactionId);
        if (known !== undefined) {
            return { status: Promise.resolve(known), cancel: () => undefined };
        }
        const waiter = this.#waiters.get(transactionId) ?? this.#newWaiter(transactionId);
        waiter.watchers += 1;
        let cancelled = false;
        return {
            status: waiter.promise,
            cancel: () => {
                if (cancelled) return;
                cancelled = true;
                waiter.watchers -= 1;
                if (waiter.watchers === 0) this.#forget(transactionId);
            },
        };
    }

    /** Takes the verdicts of a block. */
    block({ number, transactions }: BlockSummary): void {
        for (const { transactionId, code, index } of transactions) {
            if (transactionId === '') continue;
            if (code === Verdict.duplicateTransactionId) {
                // Says nothing of the first one with this id, which is the one that counts.
                const waiter = this.#waiters.get(transactionId);
                if (waiter !== undefined) void this.#ask(waiter);
                continue;
            }
            this.#learn({ transactionId, code, blockNumber: number, index }, 'block');
        }
    }

    close(): void {
        clearInterval(this.#timer);
        this.#timer = undefined;
        this.#waiters.clear();
    }

    #newWaiter(transactionId: string): Waiter {
        let resolve: Waiter['resolve'] = () => undefined;
        const promise = new Promise<TransactionStatus>((settle) => {
            resolve = settle;
        });
        const since = performance.now();
        const waiter = { transactionId, since, promise, resolve, watchers: 0, asking: false };
        this.#waiters.set(transactionId, waiter);
        this.#timer ??= setInterval(() => {
            this.#askForOverdue();
        }, 250);
        return waiter;
    }

    #forget(transactionId: string): void {
        this.#waiters.delete(transactionId);
        if (this.#waiters.size > 0) return;
        clearInterval(this.#timer);
        this.#timer = undefined;
    }

    #learn(status: TransactionStatus, source: 'block' | 'call'): void {
        if (this.#recent.has(status.transactionId)) return;
        this.#recent.set(status.transactionId, status);
        const waiter = this.#waiters.get(status.transactionId);
        if (waiter === undefined) return;
        if (source === 'block') this.#fromBlocks += 1;
        else this.#fromCalls += 1;
        this.#wait.add(performance.now() - waiter.since);
        this.#forget(status.transactionId);
        waiter.resolve(status);
    }

    #askForOverdue(): void {
        // A slow network is not a stalled stream.
        const overdue = Math.max(this.#options.stallMs, 3 * (this.#wait.value ?? 0));
        const before = performance.now() - overdue;
        for (const waiter of this.#waiters.values()) {
            if (waiter.since > before || this.#asking >= this.#options.questions) return;
            if (!waiter.asking) void this.#ask(waiter);
        }
    }

    async #ask(waiter: Waiter): Promise<void> {
        waiter.asking = true;
        this.#asking += 1;
        try {
            const status = await this.#options.ask(waiter.transactionId);
            if (status !== undefined) this.#learn(status, 'call');
        } catch {
            // The stream, or the next question, will tell.
        } finally {
            this.#asking -= 1;
            waiter.asking = false;
        }
    }
}
