import {
    ascendingInstants,
    descendingInstants,
    EARLIEST_MS,
    LATEST_MS,
    readInstant,
} from '../calendar.js';
import { builtIn, compareValues, type Codec } from '../codec.js';
import { digitsAt, ninesComplement } from '../digits.js';
import { checkInteger, refuse, refuseOption, refuseText, refuseType } from '../refuse.js';

/** Options of {@link timestamp} and {@link timestampNanos}. */
export interface TimestampOptions {
    /** Which instants come first in a scan. @default 'oldest-first' @example 'newest-first' */
    readonly order?: 'oldest-first' | 'newest-first';
}

function isDescending(options: TimestampOptions): boolean {
    const { order = 'oldest-first' } = options;
    if (!['oldest-first', 'newest-first'].includes(order)) {
        refuseOption('order', "'oldest-first' or 'newest-first'", order);
    }
    return order === 'newest-first';
}

/** Refuses anything but whole milliseconds since 1970 within the years 0000 to 9999. */
export function checkInstant(value: unknown): asserts value is number {
    if (value instanceof Date) {
        refuseType('milliseconds since 1970', value, 'Give date.getTime().');
    }
    checkInteger(value);
    if (value < EARLIEST_MS || value > LATEST_MS) {
        refuse(
            'KEY_PART_RANGE',
            'must be within the years 0000 to 9999',
            value,
            'Give milliseconds since 1970, neither seconds nor nanoseconds.',
        );
    }
}

/**
 * An instant in whole milliseconds since 1970, as 17 digits of UTC date and time,
 * `YYYYMMDDHHMMSSmmm`; newest-first takes each digit from nine. In chaincode the instant is
 * `stub.getDateTimestamp().getTime()`, never the clock.
 */
export function timestamp(options: TimestampOptions = {}): Codec<number> {
    const descending = isDescending(options);
    const kind = descending ? 'timestamp(newest-first)' : 'timestamp';
    const instants = descending ? descendingInstants : ascendingInstants;
    return builtIn('plain', {
        kind,
        encode(value) {
            // A bigint or symbol would throw what it likes at the comparisons.
            if (typeof value !== 'number') checkInstant(value);
            // One comparison clears everything but -0 and fractions.
            if (!(value >= EARLIEST_MS && value <= LATEST_MS) || value === 0) checkInstant(value);
            else if (Math.floor(value) !== value) checkInstant(value);
            return instants.write(value);
        },
        decode(text) {
            const digits = descending ? ninesComplement(text) : text;
            const value = text.length === 17 ? readInstant(digits) : Number.NaN;
            if (Number.isNaN(value)) refuseText(kind, text);
            return value;
        },
        compare: descending ? (a, b) => compareValues(b, a) : compareValues,
        descending,
    });
}

const nanosPerMilli = 1_000_000n;

/**
 * An instant in nanoseconds since 1970, a bigint, as 23 digits: those of {@link timestamp} and six
 * more. Fabric's transaction timestamp is `seconds * 1_000_000_000n + nanos`.
 */
export function timestampNanos(options: TimestampOptions = {}): Codec<bigint> {
    const descending = isDescending(options);
    const kind = descending ? 'timestampNanos(newest-first)' : 'timestampNanos';
    const instants = descending ? descendingInstants : ascendingInstants;
    const three = (value: number): string => instants.three[value] ?? '';
    return builtIn('plain', {
        kind,
        encode(value) {
            if (typeof value !== 'bigint') refuseType('nanoseconds as a bigint', value);
            const rest = ((value % nanosPerMilli) + nanosPerMilli) % nanosPerMilli;
            const ms = (value - rest) / nanosPerMilli;
            if (ms < BigInt(EARLIEST_MS) || ms > BigInt(LATEST_MS)) {
                refuse(
                    'KEY_PART_RANGE',
                    'must be within the years 0000 to 9999',
                    value,
                    'Give nanoseconds since 1970.',
                );
            }
            const nanos = Number(rest);
            const micros = Math.floor(nanos / 1000);
            return instants.write(Number(ms)) + three(micros) + three(nanos - micros * 1000);
        },
        decode(text) {
            const digits = descending ? ninesComplement(text) : text;
            const ms = text.length === 23 ? readInstant(digits) : Number.NaN;
            const rest = digitsAt(digits, 17, 23);
            if (Number.isNaN(ms) || Number.isNaN(rest)) return refuseText(kind, text);
            return BigInt(ms) * nanosPerMilli + BigInt(rest);
        },
        compare: descending ? (a, b) => compareValues(b, a) : compareValues,
        descending,
    });
}
