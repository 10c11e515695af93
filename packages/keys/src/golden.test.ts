import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
    bigint,
    bool,
    bytes,
    decimal,
    defineKey,
    enumOf,
    float64,
    hash,
    int,
    optional,
    part,
    shardOfText,
    string,
    timeBucket,
    timestamp,
    timestampNanos,
    tuple,
    txUlid,
    uint,
    ulid,
    uuid,
    type Codec,
} from './index.js';

// Other languages test themselves against this file, so it only ever grows. After adding a codec or
// a value below, run the test once with UPDATE_SNAPSHOTS=1 and read the difference.
const file = join(__dirname, '..', 'fixtures', 'keys.golden.json');
const updating = process.env['UPDATE_SNAPSHOTS'] === '1';

interface Vector {
    /** JSON as it is; `{bigint}`, `{hex}` and `{absent}` stand for what JSON lacks. */
    readonly value: unknown;
    readonly text: string;
    readonly utf8: string;
}

interface Golden {
    readonly codecs: readonly { readonly codec: string; readonly vectors: readonly Vector[] }[];
    readonly keys: readonly {
        readonly layout: string;
        readonly texts: string[];
        readonly utf8: string;
    }[];
    readonly shards: readonly {
        readonly text: string;
        readonly shards: number;
        readonly shard: number;
    }[];
    readonly ulids: readonly {
        readonly at: number;
        readonly tx: string;
        readonly seq: number;
        readonly id: string;
    }[];
}

function toJson(value: unknown): unknown {
    if (typeof value === 'bigint') return { bigint: value.toString() };
    if (value instanceof Uint8Array) return { hex: Buffer.from(value).toString('hex') };
    if (value === undefined) return { absent: true };
    return Array.isArray(value) ? value.map(toJson) : value;
}

const hex = (text: string): string => Buffer.from(text, 'utf8').toString('hex');
const instants = [
    -62_167_219_200_000, -1, 0, 951_782_400_000, 1_795_201_561_123, 253_402_300_799_999,
];
const newest = { order: 'newest-first' } as const;

/** In the order of their texts, by codec. */
const values: readonly (readonly [string, Codec<unknown>, readonly unknown[]])[] = [
    [
        'string()',
        string(),
        ['\u0001', ' ', 'a', 'ab', 'b', '\u00e9', '\u20ac', '\uffff', '\u{1f600}'],
    ],
    ['enumOf("a","aa","b")', enumOf('a', 'aa', 'b'), ['a', 'aa', 'b']],
    ['bool()', bool(), [false, true]],
    ['uint({"digits":16})', uint(), [0, 9, 10, 9_007_199_254_740_991]],
    ['uint({"digits":3})', uint({ digits: 3 }), [0, 9, 10, 999]],
    ['int({"digits":3})', int({ digits: 3 }), [-999, -10, -9, -1, 0, 1, 9, 10, 999]],
    [
        'bigint()',
        bigint(),
        [-(10n ** 20n), -10n, -9n, -1n, 0n, 1n, 9n, 10n, 2n ** 64n, 10n ** 120n],
    ],
    [
        'decimal({"scale":2})',
        decimal({ scale: 2 }),
        ['-100.00', '-1.01', '-0.01', '0.00', '0.01', '9.99', '10.00'],
    ],
    ['float64()', float64(), [-1.7976931348623157e308, -1.5, -5e-324, 0, 5e-324, 0.1, 1, 1e308]],
    ['timestamp()', timestamp(), instants],
    ['timestamp({"order":"newest-first"})', timestamp(newest), instants.toReversed()],
    ['timestampNanos()', timestampNanos(), [-1n, 0n, 1n, 1_795_201_561_123_456_789n]],
    [
        'timestampNanos({"order":"newest-first"})',
        timestampNanos(newest),
        [1_795_201_561_123_456_789n, 1n, 0n, -1n],
    ],
    ['timeBucket("year")', timeBucket('year'), [0, Date.UTC(2026, 0)]],
    ['timeBucket("month")', timeBucket('month'), [0, Date.UTC(2026, 10)]],
    ['timeBucket("week")', timeBucket('week'), [4 * 86_400_000, Date.UTC(2026, 10, 16)]],
    ['timeBucket("day")', timeBucket('day'), [0, Date.UTC(2026, 10, 20)]],
    ['timeBucket("hour")', timeBucket('hour'), [0, Date.UTC(2026, 10, 20, 19)]],
    [
        'timeBucket({"minutes":15})',
        timeBucket({ minutes: 15 }),
        [0, Date.UTC(2026, 10, 20, 19, 45)],
    ],
    [
        'timeBucket("day",{"order":"newest-first"})',
        timeBucket('day', newest),
        [Date.UTC(2026, 10, 20), 0],
    ],
    [
        'bytes()',
        bytes(),
        ['00', '0000', '0001', '01', 'ff', 'ffffffffff00'].map((text) =>
            Uint8Array.from(Buffer.from(text, 'hex')),
        ),
    ],
    ['hash({"bytes":4})', hash({ bytes: 4 }), ['00000000', '00ff00ff', 'ffffffff']],
    [
        'uuid()',
        uuid(),
        ['00000000-0000-0000-0000-000000000000', '0190163d-8694-739b-aea5-966c26f8ad91'],
    ],
    ['ulid()', ulid(), ['00000000000000000000000000', '7ZZZZZZZZZZZZZZZZZZZZZZZZZ']],
    [
        'tuple(string(),int({"digits":2}))',
        tuple(string(), int({ digits: 2 })),
        [
            ['\u0001', 0],
            ['\u0002', 0],
            ['a', -1],
            ['a', 0],
            ['a\u0001', 0],
            ['ab', 0],
        ],
    ],
    ['optional(string())', optional(string()), [undefined, '0', 'a']],
];

const keyTexts = [['a'], ['a', 'b'], ['\u0001'], ['\u0002', 'x\u0001y'], ['\u00e9', '\u{1f600}']];
const tx = '0123456789abcdef'.repeat(4);

function keyOf(layout: string, texts: readonly string[]): string {
    const names = texts.map((_, index) => `p${index}`);
    const parts = names.map((name) => part(name, string()));
    const key = defineKey({ name: 'key', layout: layout as 'ordered', parts });
    return key.build(Object.fromEntries(names.map((name, index) => [name, texts[index] ?? ''])));
}

function current(): Golden {
    return {
        codecs: values.map(([name, codec, list]) => ({
            codec: name,
            vectors: list.map((value) => {
                const text = codec.encode(value);
                return { value: toJson(value), text, utf8: hex(text) };
            }),
        })),
        keys: ['composite', 'ordered'].flatMap((layout) =>
            keyTexts.map((texts) => ({ layout, texts, utf8: hex(keyOf(layout, texts)) })),
        ),
        shards: ['', 'o-77', '\u00e9', '\u{1f600}'].flatMap((text) =>
            [2, 16, 4096].map((shards) => ({ text, shards, shard: shardOfText(text, shards) })),
        ),
        ulids: [
            { at: 0, tx: '0'.repeat(64), seq: 0 },
            { at: 1_795_201_561_123, tx, seq: 7 },
            { at: 2 ** 48 - 1, tx: 'f'.repeat(64), seq: 32_767 },
        ].map((stamp) => ({ ...stamp, id: txUlid(stamp) })),
    };
}

describe('the golden vectors', () => {
    if (updating) writeFileSync(file, `${JSON.stringify(current(), null, 2)}\n`);
    const golden = JSON.parse(readFileSync(file, 'utf8')) as Golden;

    it('are what is written today', () => {
        expect(current()).to.deep.equal(golden);
    });

    for (const { codec, vectors } of golden.codecs) {
        it(`of ${codec} are in order, and read back`, () => {
            const [, written, list] = values.find(([name]) => name === codec) ?? [];
            const sorted = vectors.map(({ utf8 }) => utf8);
            expect(sorted).to.deep.equal(sorted.toSorted());
            expect(vectors.map(({ text }) => written?.decode(text))).to.deep.equal(list);
        });
    }
});
