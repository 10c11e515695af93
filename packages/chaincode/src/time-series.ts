import type { AnyPart, PartValues, TimeSeriesKey } from '@goodput/keys';
import { canonicalJson } from './canonical-json.js';
import { ChaincodeError } from './errors.js';
import { numberOf, scanRows, unitOfContext, type UnitContext } from './rows.js';
import { txTime } from './tx-time.js';

/** One reading of a series. */
export interface Reading<T> {
    /** Milliseconds since 1970. */
    readonly at: number;
    readonly value: T;
}

/** A stretch of time. */
export interface Window {
    /** First instant inside. */
    readonly from: number;
    /** First instant outside. */
    readonly to: number;
}

/** What the readings of one interval come to. */
export interface Interval {
    /** Where the interval begins. */
    readonly at: number;
    readonly count: number;
    readonly min: number;
    readonly max: number;
    readonly sum: number;
    readonly first: number;
    readonly last: number;
}

/** How a {@link TimeSeries} is read. */
export interface TimeSeriesOptions {
    /** Readings above which a range is refused. @default 10000 */
    readonly maxReadings?: number;
}

const DEFAULT_MAX_READINGS = 10_000;

/** Readings over time that are added blind and read by stretches of time. Made by {@link timeSeries}. */
export class TimeSeries<P extends readonly AnyPart[], T> {
    readonly #key: TimeSeriesKey<string, P>;
    readonly #maxReadings: number;
    readonly #newestFirst: boolean;

    constructor(key: TimeSeriesKey<string, P>, options: TimeSeriesOptions) {
        this.#key = key;
        this.#maxReadings = options.maxReadings ?? DEFAULT_MAX_READINGS;
        this.#newestFirst = key.parts.find(({ name }) => name === 'at')?.codec.descending === true;
    }

    /** Adds a reading, at the transaction's time unless told otherwise. Conflicts with nobody. */
    async append(ctx: UnitContext, entity: PartValues<P>, value: T, at?: number): Promise<void> {
        const unit = unitOfContext(ctx);
        const seq = unit.overlay.nextSequence(this.#key.name);
        const stamp = { at: at ?? txTime(unit).ms, tx: unit.getTxID(), seq };
        const key = this.#key.build({ ...entity, ...stamp });
        await unit.putState(key, canonicalJson(value));
    }

    /** The readings of a stretch of time, oldest or newest first as the key says. */
    async *range(
        ctx: UnitContext,
        entity: PartValues<P>,
        window: Window,
    ): AsyncGenerator<Reading<T>> {
        const unit = unitOfContext(ctx);
        let left = this.#maxReadings;
        for (const scan of this.#key.plan(entity, window)) {
            const range = scan.composite === undefined ? scan : { ...scan, ...scan.composite };
            const source = { range, limit: left, what: `the series ${this.#key.name}` };
            for await (const { key, value } of scanRows(unit, source)) {
                left--;
                const at = numberOf(this.#key, key, 'at');
                if (!scan.exact && (at < scan.from || at >= scan.to)) continue;
                yield { at, value: JSON.parse(Buffer.from(value).toString()) as T };
            }
        }
    }

    /**
     * The latest readings of a stretch of time, newest first. With a key that sorts newest first only
     * those are read; with any other the whole stretch is.
     */
    async latest(
        ctx: UnitContext,
        entity: PartValues<P>,
        window: Window,
        count = 1,
    ): Promise<Reading<T>[]> {
        if (!Number.isSafeInteger(count) || count < 1) {
            throw new ChaincodeError(
                'CHAINCODE_SETUP_INVALID',
                `count is ${String(count)}; give a whole number above 0`,
            );
        }
        const found: Reading<T>[] = [];
        for await (const reading of this.range(ctx, entity, window)) {
            found.push(reading);
            if (this.#newestFirst && found.length === count) return found;
            if (!this.#newestFirst && found.length > count) found.shift();
        }
        return this.#newestFirst ? found : found.reverse();
    }

    /**
     * What the readings of each interval come to, oldest first; intervals without any are left out.
     *
     * @param valueOf - the number of a reading
     */
    async downsample(
        ctx: UnitContext,
        entity: PartValues<P>,
        window: Window & { readonly everyMs: number },
        valueOf: (value: T) => number,
    ): Promise<Interval[]> {
        if (!Number.isSafeInteger(window.everyMs) || window.everyMs < 1) {
            throw new ChaincodeError(
                'CHAINCODE_SETUP_INVALID',
                `everyMs is ${String(window.everyMs)}; give whole milliseconds above 0`,
            );
        }
        const readings: Reading<T>[] = [];
        for await (const reading of this.range(ctx, entity, window)) readings.push(reading);
        if (this.#newestFirst) readings.reverse();
        const intervals = new Map<number, Interval>();
        for (const { at, value } of readings) {
            const begin = Math.floor(at / window.everyMs) * window.everyMs;
            intervals.set(begin, joined(intervals.get(begin), begin, valueOf(value)));
        }
        return [...intervals.values()];
    }
}

function joined(interval: Interval | undefined, at: number, value: number): Interval {
    if (interval === undefined) {
        return { at, count: 1, min: value, max: value, sum: value, first: value, last: value };
    }
    return {
        ...interval,
        count: interval.count + 1,
        min: Math.min(interval.min, value),
        max: Math.max(interval.max, value),
        sum: interval.sum + value,
        last: value,
    };
}

/**
 * Makes a series of a key from `defineTimeSeriesKey`.
 *
 * @example
 * ```ts
 * import { timeSeries, type GoodputContext } from '@goodput/chaincode';
 * import { defineTimeSeriesKey, part, string } from '@goodput/keys';
 *
 * const pulse = timeSeries<readonly [ReturnType<typeof patient>], number>(
 *   defineTimeSeriesKey({ name: 'pulse', entity: [patient()], bucket: 'day' }),
 * );
 * function patient() {
 *   return part('patient', string());
 * }
 *
 * export async function record(ctx: GoodputContext, id: string, rate: number): Promise<void> {
 *   await pulse.append(ctx, { patient: id }, rate);
 * }
 * ```
 */
export function timeSeries<const P extends readonly AnyPart[], T = unknown>(
    key: TimeSeriesKey<string, P>,
    options: TimeSeriesOptions = {},
): TimeSeries<P, T> {
    return new TimeSeries(key, options);
}
