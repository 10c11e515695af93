import type { GatewayErrorCode } from '../errors.js';
import type { Receipt } from '../client/receipt.js';
import type { ReadCounts } from '../reads/cached-reads.js';
import type { OrderedCounts } from '../reorder/run-ordered.js';
import { Ewma } from './ewma.js';
import type { Observer, TransactionSeen } from './observer.js';

/** Counts since the client connected. */
export interface OperationCounts {
    readonly accepted: number;
    readonly committed: number;
    readonly rejected: number;
    readonly failed: number;
}

/** How a peer is doing. */
export interface PeerStats {
    readonly name: string;
    readonly available: boolean;
    readonly latencyMs: number;
    readonly calls: number;
    readonly waiting: number;
    /** Calls it gets at once at the moment. */
    readonly limit: number;
    /** Connections to it that went silent and were made anew. */
    readonly silences: number;
}

/** What a client has done and is doing. */
export interface ClientStats {
    readonly operations: OperationCounts;
    /** Transactions ordered, and how many of them were invalid. */
    readonly ordered: number;
    readonly invalid: number;
    readonly repeats: number;
    /** Operations accepted and without receipt, and the bytes of their arguments. */
    readonly held: number;
    readonly heldBytes: number;
    /** Operations not started yet. */
    readonly waiting: number;
    /** Transactions between endorsing and commit. */
    readonly transactions: number;
    /** Recent means, in milliseconds. */
    readonly endorseMs: number;
    readonly commitMs: number;
    /** Recent mean of operations that share a transaction. */
    readonly batchSize: number;
    readonly verdicts: { readonly blocks: number; readonly calls: number };
    readonly blocks: {
        readonly live: boolean;
        readonly height: number;
        readonly reconnects: number;
        /** Why none come in, as an error code, when that will not pass by itself. */
        readonly trouble?: GatewayErrorCode;
    };
    readonly reordering: OrderedCounts;
    readonly cache: ReadCounts;
    readonly peers: readonly PeerStats[];
}

/** Counts what happens. */
export class StatsCounter implements Observer {
    readonly #endorse = new Ewma(0.1);
    readonly #commit = new Ewma(0.1);
    readonly #batch = new Ewma(0.1);
    readonly #operations = { accepted: 0, committed: 0, rejected: 0, failed: 0 };
    #ordered = 0;
    #invalid = 0;
    #repeats = 0;

    get counts(): Pick<
        ClientStats,
        'operations' | 'ordered' | 'invalid' | 'repeats' | 'endorseMs' | 'commitMs' | 'batchSize'
    > {
        return {
            operations: { ...this.#operations },
            ordered: this.#ordered,
            invalid: this.#invalid,
            repeats: this.#repeats,
            endorseMs: this.#endorse.value ?? 0,
            commitMs: this.#commit.value ?? 0,
            batchSize: this.#batch.value ?? 0,
        };
    }

    accepted(): void {
        this.#operations.accepted += 1;
    }

    transaction({ operations, endorseMs, commitMs, status, error }: TransactionSeen): void {
        this.#endorse.add(endorseMs);
        if (commitMs !== undefined) this.#commit.add(commitMs);
        this.#batch.add(operations.length);
        const invalid = error?.validationCode !== undefined;
        if (invalid) this.#invalid += 1;
        if (invalid || status !== undefined) this.#ordered += 1;
    }

    repeated(): void {
        this.#repeats += 1;
    }

    settled(_: unknown, { outcome }: Receipt): void {
        this.#operations[outcome] += 1;
    }
}
