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
