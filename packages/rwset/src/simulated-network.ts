import { BlockCutter, type BlockLimits } from './block-cutter.js';
import type { EventQueue } from './event-queue.js';
import { MemoryState } from './memory-state.js';
import { summarizeRange } from './merkle.js';
import type { KeyRead, KeyWrite, RangeQuery, TxReadWriteSet } from './model.js';
import type { SeededRandom } from './random.js';
import type { TraceOperation } from './trace.js';
import { validateBlock } from './validate.js';
import { VALIDATION_CODES } from './validation-code.js';

/** How a simulated network behaves. Times are milliseconds. */
export interface NetworkModel extends BlockLimits {
    /** How long the orderer waits for a block to fill. Default 2,000. */
    readonly batchTimeoutMs?: number;
    /** From asking for an endorsement to having it. Default 6. */
    readonly endorseMs?: number;
    /** What every further operation of a merged transaction adds to that. Default 0.02. */
    readonly endorseMsPerOp?: number;
    /** By how much an endorsement's time may differ, as a share of it. Default 0.2. */
    readonly endorseJitter?: number;
    /** From the client to the orderer. Default 2. */
    readonly submitMs?: number;
    /** From the orderer to the peer. Default 5. */
    readonly deliverMs?: number;
    /** What validating and committing costs: for a block, and for each transaction in it. */
    readonly commitMsPerBlock?: number;
    readonly commitMsPerTx?: number;
}

/** The behaviour of a small real network, unless told otherwise. */
export const DEFAULT_NETWORK = {
    batchTimeoutMs: 2000,
    endorseMs: 6,
    endorseMsPerOp: 0.02,
    endorseJitter: 0.2,
    submitMs: 2,
    deliverMs: 5,
    commitMsPerBlock: 10,
    commitMsPerTx: 0.33,
} as const;

/** A transaction that was endorsed, and what to tell when it is committed. */
export interface Endorsed {
    readonly rwset: TxReadWriteSet;
    readonly bytes: number;
    readonly onCommit: (code: number, blockNum: number) => void;
}

/** What was committed, and what it took. */
export interface NetworkCounts {
    blocks: number;
    transactions: number;
    validTransactions: number;
    endorsements: number;
}

/** One block as it was committed. */
export interface CommittedBlock {
    readonly number: number;
    readonly transactions: readonly { readonly rwset: TxReadWriteSet }[];
    readonly codes: readonly number[];
}

const NAMESPACE = 'sim';
const VALUE = Buffer.from('1');

/**
 * Endorser, orderer and committing peer in simulated time. What is valid is decided by the very code
 * that validates real blocks.
 */
export class SimulatedNetwork {
    readonly state = new MemoryState();
    readonly counts: NetworkCounts = {
        blocks: 0,
        transactions: 0,
        validTransactions: 0,
        endorsements: 0,
    };
    /** Called after every commit, when the new state can be endorsed on. */
    onCommitted: (() => void) | undefined;
    /** Called with every committed block, for those who want to check. */
    onBlock: ((block: CommittedBlock) => void) | undefined;
    readonly #events: EventQueue;
    readonly #random: SeededRandom;
    readonly #model: Required<Omit<NetworkModel, keyof BlockLimits>>;
    readonly #cutter: BlockCutter<Endorsed>;
    /** The largest transaction the orderer takes. */
    readonly maxBytes: number;
    #timer = 0;
    #peerFreeMs = 0;

    constructor(events: EventQueue, random: SeededRandom, model: NetworkModel) {
        this.#events = events;
        this.#random = random;
        this.#model = { ...DEFAULT_NETWORK, ...model };
        this.#cutter = new BlockCutter(model);
        this.maxBytes = this.#cutter.maxBytes;
    }

    /** Simulates a transaction of one or more operations on the state as it is now. */
    endorse(ops: readonly TraceOperation[], then: (rwset: TxReadWriteSet) => void): void {
        this.counts.endorsements++;
        const rwset = this.#execute(ops);
        const { endorseMs, endorseMsPerOp, endorseJitter } = this.#model;
        const spread = 1 + endorseJitter * (2 * this.#random.next() - 1);
        const duration = (endorseMs + endorseMsPerOp * (ops.length - 1)) * spread;
        this.#events.after(duration, () => {
            then(rwset);
        });
    }

    /** Sends an endorsed transaction to be ordered. Those sent first arrive first. */
    submit(endorsed: Endorsed): void {
        this.#events.after(this.#model.submitMs, () => {
            const wasEmpty = this.#cutter.pending === 0;
            const blocks = this.#cutter.add(endorsed, endorsed.bytes);
            for (const block of blocks) this.#deliver(block);
            if (blocks.length > 0 || wasEmpty) this.#startTimer();
        });
    }

    #startTimer(): void {
        const timer = ++this.#timer;
        if (this.#cutter.pending === 0) return;
        this.#events.after(this.#model.batchTimeoutMs, () => {
            if (timer === this.#timer && this.#cutter.pending > 0)
                this.#deliver(this.#cutter.cut());
        });
    }

    /** Blocks are committed one after the other, each when the peer is done with the one before. */
    #deliver(block: readonly Endorsed[]): void {
        const { deliverMs, commitMsPerBlock, commitMsPerTx } = this.#model;
        const start = Math.max(this.#events.nowMs + deliverMs, this.#peerFreeMs);
        this.#peerFreeMs = start + commitMsPerBlock + commitMsPerTx * block.length;
        this.#events.after(this.#peerFreeMs - this.#events.nowMs, () => {
            this.#commit(block);
        });
    }

    #commit(transactions: readonly Endorsed[]): void {
        const number = this.counts.blocks++;
        this.counts.transactions += transactions.length;
        const { codes, updates } = validateBlock(this.state, { number, transactions });
        this.state.apply(updates);
        this.onBlock?.({ number, transactions, codes });
        for (const [i, tx] of transactions.entries()) {
            const code = codes[i] ?? VALIDATION_CODES.NOT_VALIDATED;
            if (code === VALIDATION_CODES.VALID) this.counts.validTransactions++;
            tx.onCommit(code, number);
        }
        this.onCommitted?.();
    }

    /** The read/write set of operations in one transaction, of which later ones see earlier ones. */
    #execute(ops: readonly TraceOperation[]): TxReadWriteSet {
        const reads = new Map<string, KeyRead>();
        const writes = new Map<string, KeyWrite>();
        const rangeQueries = new Map<string, RangeQuery>();
        for (const op of ops) {
            for (const key of op.reads) {
                if (reads.has(key) || writes.has(key)) continue;
                reads.set(key, { key, version: this.state.get(NAMESPACE, key)?.version });
            }
            for (const [startKey, endKey] of op.ranges ?? []) {
                const results = Array.from(
                    this.state.range(NAMESPACE, startKey, endKey),
                    ({ key, version }) => ({ key, version }),
                );
                const query = { startKey, endKey, itrExhausted: true, ...summarizeRange(results) };
                rangeQueries.set(`${startKey}\ud800${endKey}`, query);
            }
            for (const key of op.writes) writes.set(key, { key, isDelete: false, value: VALUE });
        }
        return {
            namespaces: [
                {
                    namespace: NAMESPACE,
                    reads: [...reads.values()],
                    rangeQueries: [...rangeQueries.values()],
                    writes: [...writes.values()],
                    metadataWrites: [],
                    collections: [],
                },
            ],
        };
    }
}
