import { txId } from '../codecs/hash.js';
import { bucketStart, type BucketSize } from '../codecs/time-bucket.js';
import { uint } from '../codecs/uint.js';
import { checkObject } from '../define-key.js';
import { placeError } from '../errors.js';
import { part, type Part } from '../part.js';
import { refuseOption } from '../refuse.js';

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
 * and peers accept them up to 15 minutes off since Fabric 3.0; earlier ones set no bound of their own.
 */
export const DEFAULT_GRACE_MS = 15 * 60_000;

/** The bucket of an instant; trouble is reported as that of the part or option of that name. */
export function bucketOfInstant(
    place: { readonly key: string; readonly part: string },
    size: BucketSize,
    ms: number,
): number {
    try {
        return bucketStart(size, ms);
    } catch (error) {
        throw placeError(error, { ...place, phi: false, value: ms });
    }
}

/** The instant from which on buckets may still be written. */
export function openFrom(
    key: string,
    size: BucketSize,
    options: { readonly asOf: number; readonly graceMs?: number | undefined },
): number {
    checkObject(key, options);
    const { asOf, graceMs = DEFAULT_GRACE_MS } = options;
    if (!Number.isSafeInteger(graceMs) || graceMs < 0) {
        refuseOption('graceMs', 'a whole number of milliseconds, at least 0', graceMs);
    }
    return bucketOfInstant({ key, part: 'asOf' }, size, asOf - graceMs);
}

/** Refuses a limit that would limit nothing, such as NaN. */
export function checkLimit(option: string, limit: unknown): void {
    if (limit === Number.POSITIVE_INFINITY) return;
    if (!Number.isSafeInteger(limit) || (limit as number) < 1) {
        refuseOption(option, 'a whole number of at least 1, or Infinity', limit);
    }
}
