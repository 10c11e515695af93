import fc from 'fast-check';
import {
    bigint,
    bool,
    bucketStart,
    bytes,
    decimal,
    enumOf,
    float64,
    hash,
    int,
    optional,
    string,
    timeBucket,
    timestamp,
    timestampNanos,
    tuple,
    uint,
    uuid,
    type Codec,
} from '../index.js';

/** A codec, values for it, and their order told without the codec. */
export interface CodecCase {
    readonly name: string;
    readonly codec: Codec<unknown>;
    readonly values: fc.Arbitrary<unknown>;
    readonly order: (a: unknown, b: unknown) => number;
}

function codecCase<T>(
    name: string,
    codec: Codec<T>,
    values: fc.Arbitrary<T>,
    order: (a: T, b: T) => number,
): CodecCase {
    return { name, codec, values, order } as unknown as CodecCase;
}

const first = -62_167_219_200_000;
const last = 253_402_300_799_999;

/** The order of numbers and bigints. */
const rising = <T extends number | bigint | boolean>(a: T, b: T): number =>
    a === b ? 0 : a < b ? -1 : 1;
const falling = <T extends number | bigint>(a: T, b: T): number => rising(b, a);
const byBytes = (a: string | Uint8Array, b: string | Uint8Array): number =>
    Buffer.compare(Buffer.from(a as string), Buffer.from(b as string));

/** Text of characters that begin one another, lie at the edges of UTF-8 widths, or delimit. */
export const awkwardText = fc.oneof(
    fc.string({
        unit: fc.constantFrom(
            ...['\u0001', '\u0002', '\u0003', ' ', '-', '0', '9', 'a', 'b', '\u007f', '\u0080'],
            ...['\u07ff', '\u0800', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10fffe}'],
        ),
        minLength: 1,
        maxLength: 4,
    }),
    fc
        .string({ unit: 'binary', minLength: 1, maxLength: 8 })
        .filter((text) => !/[\0\u{10ffff}]/u.test(text)),
);

const small = fc.integer({ min: -12, max: 12 });
const instants = fc.oneof(
    fc.integer({ min: first, max: last }),
    small,
    small.map((ms) => 1_795_201_561_123 + ms),
);
const hexText = (digits: number): fc.Arbitrary<string> =>
    fc.string({
        unit: fc.constantFrom(...Array.from('0123456789abcdef')),
        minLength: digits,
        maxLength: digits,
    });
const bigs = fc.oneof(
    fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }),
    fc.bigInt({ min: -120n, max: 120n }),
    fc
        .tuple(fc.boolean(), fc.nat({ max: 120 }))
        .map(([minus, power]) => (minus ? -1n : 1n) * 10n ** BigInt(power)),
);

function decimalText(units: bigint, scale: number): string {
    const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
    const sign = units < 0n ? '-' : '';
    return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

const unitsOf = (text: string): bigint => BigInt(text.replace('.', ''));

export const codecCases: readonly CodecCase[] = [
    codecCase('string', string(), awkwardText, byBytes),
    codecCase('enum', enumOf('b', 'a', 'aa'), fc.constantFrom('b', 'a', 'aa'), byBytes),
    codecCase('bool', bool(), fc.boolean(), rising),
    codecCase('uint', uint(), fc.oneof(fc.maxSafeNat(), fc.nat({ max: 120 })), rising),
    codecCase(
        'int',
        int(),
        fc
            .oneof(fc.maxSafeInteger(), fc.integer({ min: -120, max: 120 }))
            .filter((n) => !Object.is(n, -0)),
        rising,
    ),
    codecCase('bigint', bigint(), bigs, rising),
    codecCase(
        'decimal',
        decimal({ scale: 3 }),
        bigs.map((units) => decimalText(units, 3)),
        (a, b) => rising(unitsOf(a), unitsOf(b)),
    ),
    codecCase(
        'float64',
        float64(),
        fc
            .oneof(
                fc.double({ noNaN: true, noDefaultInfinity: true }),
                small.map((n) => n / 4),
            )
            .map((value) => value + 0)
            .filter((value) => !Object.is(value, -0)),
        rising,
    ),
    codecCase('timestamp', timestamp(), instants, rising),
    codecCase('timestamp, newest first', timestamp({ order: 'newest-first' }), instants, falling),
    codecCase(
        'timestampNanos',
        timestampNanos(),
        fc
            .tuple(instants, fc.nat({ max: 999_999 }))
            .map(([ms, ns]) => BigInt(ms) * 1_000_000n + BigInt(ns)),
        rising,
    ),
    codecCase(
        'timestampNanos, newest first',
        timestampNanos({ order: 'newest-first' }),
        fc
            .tuple(instants, fc.nat({ max: 9 }))
            .map(([ms, ns]) => BigInt(ms) * 1_000_000n + BigInt(ns)),
        falling,
    ),
    codecCase(
        'timeBucket',
        timeBucket({ minutes: 15 }),
        instants.map((ms) => bucketStart({ minutes: 15 }, ms)),
        rising,
    ),
    codecCase(
        'timeBucket, newest first',
        timeBucket('month', { order: 'newest-first' }),
        instants.map((ms) => bucketStart('month', ms)),
        falling,
    ),
    codecCase(
        'bytes',
        bytes(),
        fc.oneof(
            fc.uint8Array({ minLength: 1, maxLength: 12 }),
            fc
                .array(fc.constantFrom(0, 1, 255), { minLength: 1, maxLength: 6 })
                .map((list) => Uint8Array.from(list)),
        ),
        byBytes,
    ),
    codecCase('hash', hash({ bytes: 4 }), hexText(8), byBytes),
    codecCase('uuid', uuid(), fc.uuid(), byBytes),
    codecCase(
        'tuple',
        tuple(string(), int(), tuple(string(), bool())),
        fc.tuple(
            awkwardText,
            small.map((n) => n + 0),
            fc.tuple(awkwardText, fc.boolean()),
        ),
        ([a, b, [c, d]], [e, f, [g, h]]) =>
            byBytes(a, e) || rising(b, f) || byBytes(c, g) || rising(d, h),
    ),
    codecCase(
        'optional',
        optional(string()),
        fc.option(awkwardText, { nil: undefined }),
        (a, b) => {
            if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
            return byBytes(a, b);
        },
    ),
];
