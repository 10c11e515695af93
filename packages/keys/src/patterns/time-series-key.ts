import {
    bucketStart,
    nextBucketStart,
    timeBucket,
    type BucketSize,
} from '../codecs/time-bucket.js';
import { timestamp } from '../codecs/timestamp.js';
import { checkObject, makeKey, onlyThese, type UntypedKey } from '../define-key.js';
import { KeyError } from '../errors.js';
import type { KeyLayout, KeyRange, LedgerKey } from '../ledger-key.js';
import { part, type AnyPart, type Flat, type Part, type PartValues } from '../part.js';
import {
    bucketOfInstant,
    checkLimit,
    openFrom,
    stampParts,
    type StampParts,
    type TransactionStamp,
} from './stamp.js';

/** What {@link defineTimeSeriesKey} takes. */
export interface TimeSeriesDefinition<N extends string, P extends readonly AnyPart[]> {
    readonly name: N;
    /** Whose series it is: the parts every scan names in full. @example [part('patient', string())] */
    readonly entity: P;
    /** How much time one bucket holds. @example 'day' */
    readonly bucket: BucketSize;
    /** What a scan gives first. @default 'oldest-first' @example 'newest-first' */
    readonly order?: 'oldest-first' | 'newest-first';
    /**
     * `ordered` scans any stretch of time at once; `composite` needs a scan a bucket, and is for
     * chaincode that must stay with composite keys. @default 'ordered'
     */
    readonly layout?: KeyLayout;
}

/** The time a plan covers. */
export interface TimeSeriesWindow {
    /** First instant inside. */
    readonly from: number;
    /** First instant outside. */
    readonly to: number;
    /**
     * The transaction's time. When given, buckets that can still be written are scanned apart from
     * closed ones: read the closed ones in a writing transaction, the open one elsewhere. @default none
     */
    readonly asOf?: number;
    /** How long after its end a bucket counts as open. @default 900_000 (15 minutes) */
    readonly graceMs?: number;
    /** Most scans the plan may need. @default 1000 */
    readonly maxScans?: number;
}

/** One scan of a plan. */
export interface TimeSeriesScan extends KeyRange {
    /** Instants this scan answers for: from, and up to without `to`. */
    readonly from: number;
    readonly to: number;
    /** Whether it gives nothing outside [from, to); if not, drop rows whose `at` lies outside. */
    readonly exact: boolean;
    /** Whether all its buckets were closed at `asOf`; `false` when no `asOf` was given. */
    readonly closed: boolean;
    /** For `stub.getStateByPartialCompositeKey`, when the layout is composite. */
    readonly composite?: { readonly objectType: string; readonly attributes: string[] };
}

/** All parts of a time series key. */
export type TimeSeriesParts<P extends readonly AnyPart[]> = readonly [
    ...P,
    Part<'bucket', number>,
    Part<'at', number>,
    ...StampParts,
];

/**
 * Readings of something over time, one row each: entity, bucket, instant, transaction, sequence.
 *
 * Conflicts: none between writers, who write blind under their own transaction id. A transaction that
 * writes and also scans a bucket others write into is invalidated by them (a phantom), so scan closed
 * buckets only there.
 */
export interface TimeSeriesKey<N extends string, P extends readonly AnyPart[]> extends LedgerKey {
    readonly name: N;
    readonly parts: TimeSeriesParts<P>;
    readonly pattern: 'time-series';
    /** The key of one reading; its bucket follows from `at`. */
    build(values: Flat<PartValues<P> & TransactionStamp & { readonly at: number }>): string;
    parse(key: string): PartValues<TimeSeriesParts<P>>;
    tryParse(key: string): PartValues<TimeSeriesParts<P>> | undefined;
    /** The fewest scans that cover a stretch of time, in the order of the rows. */
    plan(entity: PartValues<P>, window: TimeSeriesWindow): TimeSeriesScan[];
}

interface Series {
    readonly key: UntypedKey;
    readonly bucket: BucketSize;
    readonly newestFirst: boolean;
}

type Span = Pick<TimeSeriesScan, 'from' | 'to' | 'closed'>;

/** The window, cut where closed buckets end. */
function spansOf(series: Series, window: TimeSeriesWindow): Span[] {
    const { from, to, asOf, graceMs } = window;
    const { bucket } = series;
    const { name } = series.key;
    bucketOfInstant({ key: name, part: 'from' }, bucket, from);
    bucketOfInstant({ key: name, part: 'to' }, bucket, to);
    if (!(from < to)) {
        throw new KeyError('KEY_RANGE_REVERSED', {
            key: series.key.name,
            problem: 'the window must begin before it ends',
            fix: 'Exchange from and to; to is the first instant outside.',
        });
    }
    const cut = asOf === undefined ? from : openFrom(name, bucket, { asOf, graceMs });
    const spans: Span[] = [];
    if (from < cut) spans.push({ from, to: Math.min(to, cut), closed: true });
    if (to > cut) spans.push({ from: Math.max(from, cut), to, closed: false });
    return spans;
}

function orderedScan(series: Series, entity: object, span: Span): TimeSeriesScan {
    const { key, bucket } = series;
    const inBucketOf = (ms: number) => ({ ...entity, bucket: bucketStart(bucket, ms) });
    const begins = key.range(inBucketOf(span.from), { from: span.from });
    const ends = key.range(inBucketOf(span.to), { to: span.to });
    return series.newestFirst
        ? { ...span, startKey: ends.startKey, endKey: begins.endKey, exact: true }
        : { ...span, startKey: begins.startKey, endKey: ends.endKey, exact: true };
}

function compositeScans(
    series: Series,
    entity: object,
    span: Span,
    maxScans: number,
): TimeSeriesScan[] {
    const scans: TimeSeriesScan[] = [];
    let start = bucketStart(series.bucket, span.from);
    while (start < span.to) {
        if (scans.length === maxScans) refuseWide(series.key.name, maxScans);
        const next = nextBucketStart(series.bucket, start);
        const from = Math.max(start, span.from);
        const to = Math.min(next, span.to);
        const range = series.key.prefix({ ...entity, bucket: start });
        const { objectType, attributes } = range as KeyRange & {
            objectType: string;
            attributes: string[];
        };
        scans.push({
            from,
            to,
            closed: span.closed,
            exact: from === start && to === next,
            startKey: range.startKey,
            endKey: range.endKey,
            composite: { objectType, attributes },
        });
        start = next;
    }
    return scans;
}

function refuseWide(key: string, limit: number): never {
    throw new KeyError('KEY_PLAN_TOO_WIDE', {
        key,
        problem: `the window needs more than ${limit} scans`,
        fix: "Ask for less time, take larger buckets, use layout 'ordered', or raise maxScans.",
    });
}

function plan(series: Series, entity: object, window: TimeSeriesWindow): TimeSeriesScan[] {
    checkObject(series.key.name, window);
    const { maxScans = 1000 } = window;
    checkLimit('maxScans', maxScans);
    const scans = spansOf(series, window).flatMap((span) =>
        series.key.layout === 'ordered'
            ? [orderedScan(series, entity, span)]
            : compositeScans(series, entity, span, maxScans),
    );
    if (scans.length > maxScans) refuseWide(series.key.name, maxScans);
    return series.newestFirst ? scans.reverse() : scans;
}

/**
 * Defines keys for readings over time.
 *
 * @example
 * ```ts
 * import { defineTimeSeriesKey, enumOf, part, string } from '@goodput/keys';
 *
 * const vital = defineTimeSeriesKey({
 *   name: 'vital',
 *   entity: [part('patient', string(), { phi: true }), part('code', enumOf('hr', 'spo2'))],
 *   bucket: 'day',
 * });
 * const at = Date.UTC(2026, 10, 20, 19, 6);
 * vital.build({ patient: 'p1', code: 'hr', at, tx: 'ab'.repeat(32), seq: 0 });
 * const scans = vital.plan({ patient: 'p1', code: 'hr' }, { from: at - 7 * 86_400_000, to: at });
 * console.log(scans.length); // => 1
 * ```
 */
export function defineTimeSeriesKey<const N extends string, const P extends readonly AnyPart[]>(
    definition: TimeSeriesDefinition<N, P>,
): TimeSeriesKey<N, P> {
    const { name, entity, bucket, order = 'oldest-first', layout = 'ordered' } = definition;
    const key = makeKey({
        name,
        layout,
        parts: [
            ...entity,
            part('bucket', timeBucket(bucket, { order })),
            part('at', timestamp({ order })),
            ...stampParts,
        ],
    });
    const series: Series = { key, bucket, newestFirst: order === 'newest-first' };
    const made = {
        ...key,
        pattern: 'time-series',
        build(values: { readonly at: number }) {
            checkObject(name, values);
            const start = bucketOfInstant({ key: name, part: 'at' }, bucket, values.at);
            return key.build({ ...values, bucket: start });
        },
        plan: (whose: object, window: TimeSeriesWindow) =>
            plan(series, onlyThese(name, entity, whose), window),
    };
    return Object.freeze(made) as unknown as TimeSeriesKey<N, P>;
}
