/** Sends every operation as a transaction of its own, once. */
export interface NaiveStrategy {
    readonly name: 'naive';
}

/** Sends an invalidated operation anew, until it is valid or was tried often enough. */
export interface RetryStrategy {
    readonly name: 'retry';
    /** How often it is sent at most, the first time included. Default 6. */
    readonly maxAttempts?: number;
    /** How long it waits before each further attempt. Default 0. */
    readonly backoffMs?: number;
}

/**
 * Gathers endorsed transactions for a moment, submits them readers first, and holds back those that
 * could not survive until what stands in their way is committed; then they are endorsed anew.
 */
export interface OrderedStrategy {
    readonly name: 'ordered';
    /** How long transactions are gathered. Default 50. */
    readonly windowMs?: number;
    /** How often an operation is endorsed at most. Default 10. */
    readonly maxAttempts?: number;
    /** How long an operation may wait for its turn before it is given up. Default 10,000. */
    readonly patienceMs?: number;
}

/** Merges operations on the same keys into one transaction, and keeps those keys until it commits. */
export interface MergedStrategy {
    readonly name: 'merged';
    /** How long operations are gathered. Default 50. */
    readonly windowMs?: number;
    /** The most operations in one transaction. Default 1,000. */
    readonly maxOps?: number;
    /** How often an operation is sent at most. Default 6. */
    readonly maxAttempts?: number;
}

/** Which keys a change of the contract's keys would apply to; default: all that are read and written. */
interface KeyChange {
    readonly keys?: readonly string[];
}

/** Instead of reading and writing back a sum, each operation writes its difference to a new key. */
export interface DeltaStrategy extends KeyChange {
    readonly name: 'delta';
}

/** Splits a key into several, of which each operation takes one by chance; readers read them all. */
export interface ShardedStrategy extends KeyChange {
    readonly name: 'sharded';
    /** Into how many. Default 16. */
    readonly shards?: number;
}

/** Splits a key by time, so that operations of different moments do not meet. */
export interface BucketedStrategy extends KeyChange {
    readonly name: 'bucketed';
    /** How long a bucket lasts. Default 1,000. */
    readonly bucketMs?: number;
}

/** How a client goes about a trace of operations. */
export type Strategy =
    | NaiveStrategy
    | RetryStrategy
    | OrderedStrategy
    | MergedStrategy
    | DeltaStrategy
    | ShardedStrategy
    | BucketedStrategy;
