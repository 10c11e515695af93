import { ascendingInstants, DAY_MS, dateOf, dayOf, readInstant } from '../calendar.js';
import { builtIn, compareValues, type Codec } from '../codec.js';
import { ninesComplement } from '../digits.js';
import { refuse, refuseOption, refuseText } from '../refuse.js';
import { checkInstant } from './timestamp.js';

/**
 * How long a bucket is. Weeks begin on Monday; minutes must divide a day. Everything is UTC: a local
 * day would be another bucket on a peer elsewhere.
 */
export type BucketSize =
    'year' | 'month' | 'week' | 'day' | 'hour' | 'minute' | { readonly minutes: number };

interface Bucket {
    readonly name: string;
    /** Digits of the date and time that the bucket's text keeps. */
    readonly width: number;
    startOf(ms: number): number;
    next(start: number): number;
}

function fixed(name: string, width: number, lengthMs: number, originMs = 0): Bucket {
    return {
        name,
        width,
        startOf: (ms) => Math.floor((ms - originMs) / lengthMs) * lengthMs + originMs,
        next: (start) => start + lengthMs,
    };
}

function startOfMonths(ms: number, months: number): number {
    const { year, month } = dateOf(Math.floor(ms / DAY_MS));
    return dayOf(year, month - ((month - 1) % months), 1) * DAY_MS;
}

function calendarMonths(name: string, width: number, months: number): Bucket {
    return {
        name,
        width,
        startOf: (ms) => startOfMonths(ms, months),
        // Somewhere within the next month or year, whatever the length of this one.
        next: (start) => startOfMonths(start + (months === 1 ? 32 : 367) * DAY_MS, months),
    };
}

const mondayMs = 4 * DAY_MS;
const named: ReadonlyMap<unknown, Bucket> = new Map([
    ['year', calendarMonths('year', 4, 12)],
    ['month', calendarMonths('month', 6, 1)],
    ['week', fixed('week', 8, 7 * DAY_MS, mondayMs)],
    ['day', fixed('day', 8, DAY_MS)],
    ['hour', fixed('hour', 10, DAY_MS / 24)],
    ['minute', fixed('minute', 12, 60_000)],
]);

function bucketOf(size: BucketSize): Bucket {
    const known = named.get(size);
    if (known !== undefined) return known;
    const given: unknown = size;
    const minutes = typeof size === 'object' && given !== null ? size.minutes : Number.NaN;
    if (!Number.isSafeInteger(minutes) || minutes < 1 || 1440 % minutes !== 0) {
        return refuseOption(
            'bucket',
            "'year', 'month', 'week', 'day', 'hour', 'minute' or { minutes } that divide a day",
            typeof size === 'object' && given !== null ? minutes : size,
        );
    }
    return fixed(`${minutes}min`, 12, minutes * 60_000);
}

/** Where the bucket of an instant begins, in milliseconds since 1970. */
export function bucketStart(size: BucketSize, ms: number): number {
    checkInstant(ms);
    return bucketOf(size).startOf(ms);
}

/** Where the bucket after that of an instant begins. */
export function nextBucketStart(size: BucketSize, ms: number): number {
    checkInstant(ms);
    const bucket = bucketOf(size);
    return bucket.next(bucket.startOf(ms));
}

/** Options of {@link timeBucket}. */
export interface TimeBucketOptions {
    /** Which buckets come first in a scan. @default 'oldest-first' @example 'newest-first' */
    readonly order?: 'oldest-first' | 'newest-first';
}

/**
 * A stretch of time, by the instant it begins (make it with {@link bucketStart}), as the leading
 * digits of UTC date and time: `2026` for a year, `2026112019` for an hour. An instant inside the bucket
 * is refused, because many values would then share one key.
 */
export function timeBucket(size: BucketSize, options: TimeBucketOptions = {}): Codec<number> {
    const bucket = bucketOf(size);
    const { order = 'oldest-first' } = options;
    if (!['oldest-first', 'newest-first'].includes(order)) {
        refuseOption('order', "'oldest-first' or 'newest-first'", order);
    }
    const descending = order === 'newest-first';
    const kind = `timeBucket(${bucket.name}${descending ? ', newest-first' : ''})`;
    const rest = '00000101000000000'.slice(bucket.width);
    return builtIn('plain', {
        kind,
        encode(value) {
            checkInstant(value);
            if (bucket.startOf(value) !== value) {
                refuse(
                    'KEY_PART_UNALIGNED',
                    `must be the start of a ${bucket.name} (UTC)`,
                    value,
                    'Take bucketStart(size, instant).',
                );
            }
            const digits = ascendingInstants.write(value).slice(0, bucket.width);
            return descending ? ninesComplement(digits) : digits;
        },
        decode(text) {
            if (text.length !== bucket.width) return refuseText(kind, text);
            const value = readInstant((descending ? ninesComplement(text) : text) + rest);
            if (Number.isNaN(value) || bucket.startOf(value) !== value) refuseText(kind, text);
            return value;
        },
        compare: descending ? (a, b) => compareValues(b, a) : compareValues,
        descending,
    });
}
