/** What one transaction did; see {@link chaincodeMetrics}. */
export interface TransactionCounts {
    /** Point reads asked of the peer. */
    reads: number;
    /** Scans opened on the peer. */
    scans: number;
    /** Rows scans fetched from the peer. */
    rangeRows: number;
    /** Reads answered without the peer: a pending write, or a value read before. */
    overlayHits: number;
    /** Writes the code asked for, before coalescing. */
    puts: number;
    /** Writes and deletes sent to the peer. */
    writes: number;
    /** Savepoints undone. */
    rollbacks: number;
    /** Operations of the batch; 0 when the transaction was not a batch. */
    batchSize: number;
    /** Operations of the batch that failed. */
    batchFailed: number;
}

/** How long each phase of a transaction took, in microseconds. For eyes only: never for a decision. */
export interface TransactionPhases {
    /** From the context to the end of `beforeTransaction`. */
    readonly before: number;
    /** The transaction function. */
    readonly run: number;
    /** `afterTransaction`. */
    readonly after: number;
    /** Sending the writes to the peer. */
    readonly flush: number;
}

/** One transaction, as {@link chaincodeMetrics} tells of it. */
export interface TransactionMetrics {
    readonly contract: string;
    readonly transaction: string;
    readonly txId: string;
    readonly counts: Readonly<TransactionCounts>;
    readonly phases: TransactionPhases;
}

/** All counts at zero. */
export function noCounts(): TransactionCounts {
    return {
        reads: 0,
        scans: 0,
        rangeRows: 0,
        overlayHits: 0,
        puts: 0,
        writes: 0,
        rollbacks: 0,
        batchSize: 0,
        batchFailed: 0,
    };
}

/** Told of a transaction. */
export type MetricsListener = (metrics: TransactionMetrics) => void;

const listeners = new Set<MetricsListener>();

/**
 * What each transaction of this process did, told once it is flushed. It is also logged, as one line of
 * JSON, at the level `debug` of the contract's logger `goodput`.
 *
 * @example
 * ```ts
 * import { chaincodeMetrics } from '@goodput/chaincode';
 *
 * const seen: number[] = [];
 * const stop = chaincodeMetrics.subscribe(({ counts }) => seen.push(counts.writes));
 * stop();
 * ```
 */
export const chaincodeMetrics = {
    /** Calls `listener` for every transaction until the function returned is called. */
    subscribe(listener: MetricsListener): () => void {
        listeners.add(listener);
        return () => {
            listeners.delete(listener);
        };
    },
    /** @internal */
    get isWatched(): boolean {
        return listeners.size > 0;
    },
    /** @internal */
    publish(metrics: TransactionMetrics): void {
        for (const listener of listeners) listener(metrics);
    },
};
