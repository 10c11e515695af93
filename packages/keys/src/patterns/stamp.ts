import { txId } from '../codecs/hash.js';
import { bucketStart, type BucketSize } from '../codecs/time-bucket.js';
import { uint } from '../codecs/uint.js';
import { placeError } from '../errors.js';
import { part, type Part } from '../part.js';

/** Most rows of one pattern a transaction may write under one prefix: sequences are 0 to 9,999. */
export const SEQUENCES_PER_TRANSACTION = 10_000;

/** What makes a row of a transaction unlike any other row. */
export interface TransactionStamp {
    /** `stub.getTxID()`. */
    readonly tx: string;
    /** 0, 1, 2… for the rows one transaction writes; two rows must never share it. */
    readonly seq: number;
}

/** The parts `tx` and `seq`. */
export type StampParts = readonly [Part<'tx', string>, Part<'seq', number>];

export const stampParts: StampParts = [part('tx', txId()), part('seq', uint({ digits: 4 }))];

/**
 * How far beyond a bucket's end a transaction may still write into it: timestamps are the client's,
 * and peers accept them up to 15 minutes off.
 */
export const DEFAULT_GRACE_MS = 15 * 60_000;

/** The bucket of the part `at`, whose trouble is reported as that part's. */
export function bucketOfInstant(key: string, size: BucketSize, at: number): number {
    try {
        return bucketStart(size, at);
    } catch (error) {
        throw placeError(error, { key, part: 'at', phi: false, value: at });
    }
}
