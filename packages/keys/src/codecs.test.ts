import { expect } from 'chai';
import {
    bigint,
    bool,
    bucketStart,
    bytes,
    codecSuite,
    decimal,
    enumOf,
    float64,
    hash,
    int,
    KeyError,
    nextBucketStart,
    optional,
    string,
    timeBucket,
    timestamp,
    timestampNanos,
    tuple,
    txId,
    uint,
    uuid,
    type BucketSize,
    type Codec,
    type KeyErrorCode,
} from './index.js';

const first = -62_167_219_200_000;
const last = 253_402_300_799_999;
const notNumbers = ['1', null, undefined, 1n, {}, true];
const badNumbers = [Number.NaN, Infinity, -Infinity, -0];
const badTexts = ['', 'a\0', '\0', 'a\ud800b', '\udc00', '\ud83d', 'x\u{10ffff}'];
const instants = [first, -1, 0, 1, 999, 1000, 951_782_400_000, 1_795_201_561_123, last];
const badInstants = [...notNumbers, ...badNumbers, first - 1, last + 1, 0.5, new Date()];

function suite<T>(
    codec: Codec<T>,
    samples: readonly T[],
    refused: readonly unknown[],
    refusedTexts: readonly string[] = [],
): void {
    codecSuite({ describe, it, codec, samples, refused, refusedTexts });
}

suite(
    string(),
    ['a', 'ab', 'b', ' ', '\u0001', '\u0002', 'a\u0001', '\u00e9', '\uffff', '\u{10000}', '_a'],
    [...badTexts, 7, null, undefined, {}, 'x'.repeat(257), '\u00e9'.repeat(129)],
    badTexts,
);
suite(string({ maxBytes: 4, pattern: /^[a-z]+$/ }), ['a', 'zz', 'abcd'], ['A', 'abcde', '']);
suite(enumOf('b', 'a', 'aa'), ['a', 'aa', 'b'], ['c', '', 7, null, undefined], ['c', '']);
suite(bool(), [false, true], [0, 1, 'true', null, undefined], ['2', '']);
suite(uint(), [0, 9, 10, 2 ** 53 - 1], [...notNumbers, ...badNumbers, -1, 0.5, 2 ** 53]);
suite(uint({ digits: 3 }), [0, 9, 10, 999], [1000, -1], ['00', '0000', '0x1', ' 01', '1e1']);
suite(
    int(),
    [-(2 ** 53 - 1), -100, -10, -9, -1, 0, 1, 9, 10, 2 ** 53 - 1],
    [...notNumbers, ...badNumbers, 0.5, 2 ** 53, -(2 ** 53)],
);
suite(int({ digits: 2 }), [-99, -1, 0, 99], [100, -100], ['-99', '099 ', '100', '-', '0-1']);
suite(
    bigint(),
    [-(10n ** 1000n), -(2n ** 64n), -10n, -9n, -1n, 0n, 1n, 9n, 10n, 2n ** 64n, 10n ** 1000n],
    [0, '1', null, undefined],
    ['p1', 'p110', 'p1201', 'p12-1', '-', 'p', '00', 'p212345678901', 'p0', 'p12'],
);
suite(
    decimal({ scale: 2 }),
    ['-100000000000000000000.00', '-1.01', '-1.00', '-0.01', '0.00', '0.01', '9.99', '10.00'],
    ['1', '1.5', '01.50', '+1.50', '-0.00', '1.500', '.50', '1e2', ' 1.00', '', 1.5, null],
);
suite(decimal({ scale: 0 }), ['-1', '0', '1', '10'], ['-0', '1.', '1.0', '']);
suite(
    float64(),
    [-Number.MAX_VALUE, -1.5, -1, -Number.MIN_VALUE, 0, Number.MIN_VALUE, 0.1 + 0.2, 1, 1e308],
    [...notNumbers, ...badNumbers],
    ['7fffffffffffffff', 'fff0000000000000', 'fff8000000000000', 'F', '8'],
);
suite(timestamp(), instants, badInstants, ['20260230000000000', '20261301000000000', '2026']);
suite(timestamp({ order: 'newest-first' }), instants, badInstants);
const nanos = instants.flatMap((ms) => [BigInt(ms) * 1_000_000n, BigInt(ms) * 1_000_000n + 1n]);
const badNanos = [0, '1', null, undefined, BigInt(first) * 1_000_000n - 1n, 10n ** 30n];
suite(timestampNanos(), nanos, badNanos, ['20260101000000000']);
suite(timestampNanos({ order: 'newest-first' }), nanos, badNanos);
const sizes: readonly BucketSize[] = [
    ...(['year', 'month', 'week', 'day', 'hour', 'minute'] as const),
    { minutes: 15 },
];
for (const size of sizes) {
    const starts = instants.slice(1).map((ms) => bucketStart(size, ms));
    suite(timeBucket(size), starts, [...badNumbers, ...notNumbers, 1], ['', '20261']);
    suite(timeBucket(size, { order: 'newest-first' }), starts, [1]);
}
suite(
    bytes({ maxBytes: 8 }),
    [[0], [0, 0], [0, 1], [1], [1, 0], [255], [255, 255, 255, 255, 255, 255]].map((list) =>
        Uint8Array.from(list),
    ),
    [new Uint8Array(0), new Uint8Array(9), 'ff', [1], null, undefined],
    ['01', 'A0', '0', '000', 'zz'],
);
suite(hash({ bytes: 2 }), ['0000', '00ff', 'ffff'], ['00FF', '0', '00000', 'gggg', '', 7]);
suite(txId(), ['0'.repeat(64), 'f'.repeat(64)], ['0'.repeat(63), 'F'.repeat(64)]);
const oneUuid = '0190163d-8694-739b-aea5-966c26f8ad91';
suite(
    uuid(),
    ['00000000-0000-0000-0000-000000000000', oneUuid],
    [oneUuid.toUpperCase(), `{${oneUuid}}`, oneUuid.replaceAll('-', ''), '', 7],
);
suite(
    tuple(string(), int({ digits: 2 })),
    [
        ['a', 0],
        ['a', -1],
        ['a\u0001', 0],
        ['a\u0002', 0],
        ['ab', 5],
        ['b', -5],
    ],
    [['a'], ['a', 1, 2], ['', 1], 'a', undefined],
    ['a\u0001', 'a\u0001000', 'a\u0001000\u0001\u0001', 'a\u0002\u0001000\u0001'],
);
suite(
    tuple(tuple(string(), string()), optional(string())),
    [
        [['a', 'b'], undefined],
        [['a', 'b'], '\u0001'],
        [['a', 'b\u0001'], 'x'],
        [['a\u0001', 'b'], 'x'],
    ],
    [[['a', 'b']], [['a'], 'x']],
);
suite(optional(string()), [undefined, '0', '1', 'a'], ['', null, 7], ['1', '2', '00']);
suite(optional(optional(bool())), [undefined, false, true], ['x'], ['10', '1']);
suite(optional(timestamp({ order: 'newest-first' })), [undefined, 0, 1], ['']);

describe('the codecs', () => {
    const code = (work: () => unknown): KeyErrorCode | undefined => {
        try {
            work();
            return undefined;
        } catch (error) {
            return (error as KeyError).code;
        }
    };

    it('say which hazard they met', () => {
        expect(code(() => string().encode('a\0b'))).to.equal('KEY_PART_CHARACTER');
        expect(code(() => string().encode('\u{10ffff}'))).to.equal('KEY_PART_CHARACTER');
        expect(code(() => string().encode('\ud800'))).to.equal('KEY_PART_SURROGATE');
        expect(code(() => string().encode(''))).to.equal('KEY_PART_EMPTY');
        expect(code(() => uint().encode(Number.NaN))).to.equal('KEY_PART_NOT_FINITE');
        expect(code(() => float64().encode(-0))).to.equal('KEY_PART_NEGATIVE_ZERO');
        expect(code(() => timestamp().encode(-0))).to.equal('KEY_PART_NEGATIVE_ZERO');
        expect(code(() => uint({ digits: 2 }).encode(100))).to.equal('KEY_PART_RANGE');
        expect(code(() => uint().encode(2 ** 53))).to.equal('KEY_PART_RANGE');
        expect(code(() => timeBucket('day').encode(1))).to.equal('KEY_PART_UNALIGNED');
        expect(code(() => uint().encode('1' as never))).to.equal('KEY_PART_TYPE');
        for (const value of [1n, Symbol('now'), '1', null, {}, true]) {
            expect(code(() => timestamp().encode(value as never))).to.equal('KEY_PART_TYPE');
            expect(code(() => timeBucket('day').encode(value as never))).to.equal('KEY_PART_TYPE');
        }
        expect(code(() => decimal({ scale: 2 }).encode(`${'9'.repeat(1000)}.00`))).to.equal(
            'KEY_PART_RANGE',
        );
        expect(code(() => hash().encode('AB'))).to.equal('KEY_PART_FORMAT');
    });

    it('refuse definitions that cannot work', () => {
        const definitions = [
            () => uint({ digits: 0 }),
            () => int({ digits: 17 }),
            () => decimal({ scale: -1 }),
            () => enumOf(),
            () => enumOf('a', 'a'),
            () => enumOf(''),
            () => hash({ bytes: 0 }),
            () => bytes({ maxBytes: 0 }),
            () => string({ maxBytes: 0.5 }),
            () => string({ pattern: /a/g }),
            () => timestamp({ order: 'newest' as 'newest-first' }),
            () => timeBucket('fortnight' as 'week'),
            () => timeBucket({ minutes: 7 }),
            () => timeBucket(null as never),
            () => timeBucket('day', { order: 'x' as 'newest-first' }),
            () => tuple(),
            () => tuple([string()] as never),
            () => optional(string as never),
        ];
        for (const define of definitions) {
            expect(code(define), define.toString()).to.equal('KEY_DEFINITION_INVALID');
        }
    });

    it('write instants that a person can read', () => {
        const at = Date.UTC(2026, 10, 20, 19, 6, 1, 123);
        expect(timestamp().encode(at)).to.equal('20261120190601123');
        expect(timeBucket('month').encode(bucketStart('month', at))).to.equal('202611');
        expect(timeBucket('week').encode(bucketStart('week', at))).to.equal('20261116');
        expect(timeBucket({ minutes: 15 }).encode(bucketStart({ minutes: 15 }, at))).to.equal(
            '202611201900',
        );
    });

    it('agree with the calendar of the language', () => {
        for (let ms = first; ms <= last; ms += 7_000_000_003_331) {
            const iso = new Date(ms).toISOString().replace(/[-T:.Z]/g, '');
            expect(timestamp().encode(ms)).to.equal(iso);
        }
    });

    it('step from bucket to bucket', () => {
        const leap = Date.UTC(2028, 1, 29, 12, 34, 56);
        expect(nextBucketStart('month', leap)).to.equal(Date.UTC(2028, 2, 1));
        expect(nextBucketStart('year', leap)).to.equal(Date.UTC(2029, 0, 1));
        expect(nextBucketStart('week', leap)).to.equal(Date.UTC(2028, 2, 6));
        expect(nextBucketStart('day', leap)).to.equal(Date.UTC(2028, 2, 1));
        expect(nextBucketStart({ minutes: 30 }, leap)).to.equal(Date.UTC(2028, 1, 29, 13));
    });
});
