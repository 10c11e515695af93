import { inspect } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { ChaincodeStub } from 'fabric-shim';
import {
    compareKeys,
    defineKey,
    enumOf,
    KeyError,
    optional,
    part,
    string,
    timestamp,
    txId,
    uint,
    type Codec,
} from './index.js';
import { refusal } from './testing/refusal.test.js';

const tx = 'ab'.repeat(32);
const parts = [
    part('patient', string(), { phi: true }),
    part('code', enumOf('heart-rate', 'spo2')),
    part('at', timestamp()),
    part('tx', txId()),
] as const;
const composite = defineKey({ name: 'vital', layout: 'composite', parts });
const ordered = defineKey({ name: 'vital', layout: 'ordered', parts });
const at = Date.UTC(2026, 10, 20, 19, 6, 1, 123);
const values = { patient: 'p1', code: 'spo2', at, tx } as const;

// Only the two methods that need no peer are used.
const stub = ChaincodeStub.prototype as unknown as {
    createCompositeKey(objectType: string, attributes: string[]): string;
    splitCompositeKey(key: string): { objectType: string; attributes: string[] };
};

describe('a composite key', () => {
    it('is, byte for byte, what the stub makes of its attributes', () => {
        const key = composite.build(values);
        expect(key).to.equal(stub.createCompositeKey('vital', composite.attributes(values)));
        expect(stub.splitCompositeKey(key).attributes).to.deep.equal(composite.attributes(values));
        expect(key).to.equal(`\0vital\0p1\0spo2\x0020261120190601123\0${tx}\0`);
        expect(composite.parse(key)).to.deep.equal(values);
    });

    it('gives a prefix as the stub and the peer take it', () => {
        expect(composite.prefix({ patient: 'p1' })).to.deep.equal({
            objectType: 'vital',
            attributes: ['p1'],
            startKey: '\0vital\0p1\0',
            endKey: '\0vital\0p1\0\u{10ffff}',
        });
        expect(composite.prefix({}).attributes).to.deep.equal([]);
    });

    it('says why it has no range', () => {
        const untyped = composite as unknown as { range(): void; between(): void };
        refusal('KEY_RANGE_COMPOSITE', () => {
            untyped.range();
        });
        refusal('KEY_RANGE_COMPOSITE', () => {
            untyped.between();
        });
    });
});

describe('an ordered key', () => {
    it('is a simple key that begins with its name', () => {
        const key = ordered.build(values);
        expect(key).to.equal(`vital\u0001p1\u0001spo2\u000120261120190601123\u0001${tx}\u0001`);
        expect(ordered.parse(key)).to.deep.equal(values);
    });

    it('escapes its own terminator', () => {
        const key = ordered.build({ ...values, patient: 'a\u0001\u0002b' });
        expect(key.split('\u0001')).to.have.length(6);
        expect(ordered.parse(key).patient).to.equal('a\u0001\u0002b');
    });

    it('ranges over the part after the prefix', () => {
        const range = ordered.range({ patient: 'p1', code: 'spo2' }, { from: at, to: at + 1 });
        const key = ordered.build(values);
        expect(compareKeys(range.startKey, key)).to.equal(-1);
        expect(compareKeys(key, range.endKey)).to.equal(-1);
        const later = ordered.build({ ...values, at: at + 1 });
        expect(compareKeys(range.endKey, later)).to.equal(-1);
        expect(ordered.range({ patient: 'p1' }, {})).to.deep.equal(
            ordered.prefix({ patient: 'p1' }),
        );
    });

    it('keeps the bounds those of the values when newest come first', () => {
        const newest = defineKey({
            name: 'event',
            layout: 'ordered',
            parts: [part('at', timestamp({ order: 'newest-first' })), part('seq', uint())],
        });
        const inside = (ms: number): boolean => {
            const { startKey, endKey } = newest.range({}, { from: 1000, to: 2000 });
            const key = newest.build({ at: ms, seq: 0 });
            return compareKeys(startKey, key) <= 0 && compareKeys(key, endKey) < 0;
        };
        expect([999, 1000, 1999, 2000].map(inside)).to.deep.equal([false, true, true, false]);
        expect(newest.range({}, {})).to.deep.equal(newest.prefix({}));
    });

    it('refuses a misspelt end, which would scan everything', () => {
        const error = refusal('KEY_PART_UNKNOWN', () =>
            ordered.range({ patient: 'p1', code: 'spo2' }, { form: at } as never),
        );
        expect(error.part).to.equal('form');
    });

    it('refuses a range turned round', () => {
        refusal('KEY_RANGE_REVERSED', () =>
            ordered.range({ patient: 'a' }, { from: 'spo2', to: 'heart-rate' }),
        );
        refusal('KEY_RANGE_REVERSED', () => ordered.between({ patient: 'b' }, { patient: 'a' }));
    });

    it('scans from one prefix to another', () => {
        const { startKey, endKey } = ordered.between({ patient: 'a' }, { patient: 'p1' });
        expect([startKey, endKey]).to.deep.equal(['vital\u0001a\u0001', 'vital\u0001p1\u0001']);
        expect(ordered.between({}, {})).to.deep.equal(ordered.extent);
    });
});

describe('a definition', () => {
    const one = [part('id', string())] as const;

    it('states its template', () => {
        expect(composite.template).to.equal('vital/{patient}/{code}/{at}/{tx}');
    });

    it('refuses names and parts that would confuse', () => {
        for (const name of ['', 'a/b', 'a{', 'a\u0000', 'a\ud800', '\u{10ffff}', 'x'.repeat(65)]) {
            refusal('KEY_NAME_INVALID', () => defineKey({ name, layout: 'composite', parts: one }));
        }
        refusal('KEY_NAME_INVALID', () => defineKey({ name: '_x', layout: 'ordered', parts: one }));
        refusal('KEY_NAME_INVALID', () => part('', string()));
        refusal('KEY_NAME_INVALID', () => part('__proto__', string()));
        // What every object has would be taken for a value that was given.
        refusal('KEY_NAME_INVALID', () => part('constructor', optional(string())));
        for (const phi of ['yes', 1, null]) {
            refusal('KEY_DEFINITION_INVALID', () => part('a', string(), { phi } as never));
        }
        const made = { codec: string(), phi: false };
        for (const each of [undefined, null, 'id', { ...made, name: 'id', phi: undefined }]) {
            refusal('KEY_DEFINITION_INVALID', () =>
                defineKey({ name: 'x', layout: 'ordered', parts: [each as never] }),
            );
        }
        refusal('KEY_NAME_INVALID', () =>
            defineKey({ name: 'x', layout: 'ordered', parts: [{ ...made, name: 'a/{b}' }] }),
        );
        refusal('KEY_DEFINITION_INVALID', () =>
            defineKey({ name: 'x', layout: 'ordered', parts: Array(1) as never }),
        );
        for (const codec of [undefined, string, {}]) {
            refusal('KEY_DEFINITION_INVALID', () => part('a', codec as never));
        }
        refusal('KEY_DEFINITION_INVALID', () =>
            defineKey({ name: 'x', layout: 'composite', parts: [] }),
        );
        refusal('KEY_DEFINITION_INVALID', () =>
            defineKey({ name: 'x', layout: 'composite', parts: [...one, ...one] }),
        );
        refusal('KEY_DEFINITION_INVALID', () =>
            defineKey({ name: 'x', layout: 'other' as 'ordered', parts: one }),
        );
    });
});

describe('building a key', () => {
    it('ignores members that are no part, so that a row can be given', () => {
        const row = { ...values, value: 97, unit: '%' };
        expect(composite.build(row)).to.equal(composite.build(values));
    });

    it('names what is missing', () => {
        const { code: omitted, ...rest } = values;
        expect(omitted).to.equal('spo2');
        const error = refusal('KEY_PART_MISSING', () => composite.build(rest as typeof values));
        expect(error.part).to.equal('code');
        expect(error.message).to.contain('patient, code, at, tx');
        refusal('KEY_PART_TYPE', () => composite.build(undefined as unknown as typeof values));
    });

    it('names part, value and fix, but never the value of a phi part', () => {
        const open = refusal('KEY_PART_NOT_MEMBER', () =>
            composite.build({ ...values, code: 'pulse' as 'spo2' }),
        );
        expect(open.message).to.equal(
            'Key vital: part code must be one of heart-rate, spo2; got "pulse". Use a member, or add one to the definition.',
        );
        const secret = refusal('KEY_PART_CHARACTER', () =>
            composite.build({ ...values, patient: 'Alice\0Smith' }),
        );
        expect(secret.message).to.not.contain('Alice');
        expect(secret.part).to.equal('patient');
        expect(secret.cause).to.equal(undefined);
        const parsed = refusal('KEY_PARSE_PART', () =>
            defineKey({
                name: 'x',
                layout: 'composite',
                parts: [part('p', string({ maxBytes: 3 }), { phi: true })],
            }).parse('\0x\0Alice\0'),
        );
        expect(parsed.message).to.not.contain('Alice');
    });

    it('refuses keys of more than 1024 bytes', () => {
        const long = defineKey({
            name: 'long',
            layout: 'composite',
            parts: [part('a', string({ maxBytes: 2000 }))],
        });
        expect(long.build({ a: 'x'.repeat(1018 - 1) })).to.have.length(1024);
        refusal('KEY_TOO_LONG', () => long.build({ a: 'x'.repeat(1018) }));
        refusal('KEY_TOO_LONG', () => long.build({ a: '\u{1F600}'.repeat(255) }));
    });

    it('refuses prefixes and ends of ranges of more than 1024 bytes', () => {
        const text = string({ maxBytes: 2000 });
        const parts = [part('a', text), part('b', text)] as const;
        const long = defineKey({ name: 'long', layout: 'ordered', parts });
        const much = 'x'.repeat(600);
        refusal('KEY_TOO_LONG', () => long.prefix({ a: much + much }));
        refusal('KEY_TOO_LONG', () => long.range({ a: much }, { from: much }));
        refusal('KEY_TOO_LONG', () => long.range({ a: much }, { to: much }));
    });

    it('does not trust a custom codec', () => {
        const says = (text: unknown): Codec<number> => ({
            kind: 'odd',
            encode: () => text as string,
            decode: Number,
            compare: () => 0,
        });
        for (const text of ['', 'a\0', '\ud800', '\u{10ffff}', 7, undefined]) {
            for (const layout of ['composite', 'ordered'] as const) {
                const odd = defineKey({
                    name: 'odd',
                    layout: layout as 'ordered',
                    parts: [part('a', optional(says(text))), part('b', says(text))],
                });
                refusal('KEY_CODEC_BROKEN', () => odd.build({ a: undefined, b: 1 }));
            }
        }
    });

    it('reports what a custom codec throws without showing phi', () => {
        const picky: Codec<string> = {
            kind: 'picky',
            encode(value) {
                throw new Error(`no ${value}`);
            },
            decode: (text) => text,
            compare: compareKeys,
        };
        const open = defineKey({ name: 'o', layout: 'ordered', parts: [part('a', picky)] });
        expect(refusal('KEY_PART_FORMAT', () => open.build({ a: 'x' })).message).to.contain('no x');
        const shut = defineKey({
            name: 'o',
            layout: 'ordered',
            parts: [part('a', picky, { phi: true })],
        });
        const error = refusal('KEY_PART_FORMAT', () => shut.build({ a: 'xyz' }));
        expect(error.message).to.not.contain('xyz');
        expect(error.cause).to.equal(undefined);
    });

    it('shows no phi that a custom codec puts into an error of this package', () => {
        const inner = defineKey({
            name: 'inner',
            layout: 'composite',
            parts: [part('id', enumOf('none'))],
        });
        const codecOf = (encode: (value: string) => string): Codec<string> => ({
            kind: 'leaky',
            encode,
            decode: (text) => text,
            compare: compareKeys,
        });
        const leaks = [
            codecOf((value) => inner.build({ id: value as 'none' })),
            codecOf((value) => {
                throw new KeyError('KEY_PART_NOT_MEMBER', { problem: `is ${value}`, fix: value });
            }),
        ];
        for (const codec of leaks) {
            const shut = defineKey({
                name: 'o',
                layout: 'ordered',
                parts: [part('a', codec, { phi: true }), part('b', uint())],
            });
            for (const work of [
                () => shut.build({ a: 'xyz', b: 1 }),
                () => shut.range({}, { from: 'xyz' }),
            ]) {
                const error = refusal('KEY_PART_NOT_MEMBER', work);
                expect(inspect(error, { showHidden: true, depth: 9 })).to.not.contain('xyz');
                expect(error.part).to.equal('a');
                expect(error.key).to.equal('o');
            }
        }
    });
});

describe('a prefix', () => {
    const loose = ordered as unknown as { prefix(values: object): unknown };

    it('refuses gaps, unknown parts, whole keys and undefined in place of a value', () => {
        expect(refusal('KEY_PREFIX_GAP', () => loose.prefix({ code: 'spo2' })).part).to.equal(
            'patient',
        );
        refusal('KEY_PART_UNKNOWN', () => loose.prefix({ patiant: 'p1' }));
        refusal('KEY_PREFIX_FULL', () => loose.prefix(values));
        refusal('KEY_PART_TYPE', () => loose.prefix({ patient: undefined }));
    });
});

describe('parsing a key', () => {
    it('refuses foreign keys, other arities and texts no codec writes', () => {
        refusal('KEY_PARSE_FOREIGN', () => composite.parse('vital'));
        refusal('KEY_PARSE_FOREIGN', () => composite.parse(ordered.build(values)));
        refusal('KEY_PARSE_FOREIGN', () => composite.parse('\0vital\0p1'));
        refusal('KEY_PARSE_ARITY', () => composite.parse('\0vital\0p1\0spo2\0'));
        refusal('KEY_PARSE_PART', () =>
            composite.parse(composite.build(values).replace('2026', '2O26')),
        );
        refusal('KEY_PARSE_FOREIGN', () => ordered.parse('vital\u0001a\u0002\u0001'));
        expect(composite.tryParse('anything')).to.equal(undefined);
    });

    it('refuses keys longer than it would write', () => {
        const text = string({ maxBytes: 1000 });
        const two = defineKey({
            name: 'two',
            layout: 'composite',
            parts: [part('a', text), part('b', text)],
        });
        refusal('KEY_TOO_LONG', () => two.parse(`\0two\0${'x'.repeat(600)}\0${'x'.repeat(600)}\0`));
    });

    it('accepts nothing it would not write again', () => {
        const alphabet = ['\0', '\u0001', '\u0002', '\u0003', 'a', '0', '-', '1'];
        const small = defineKey({
            name: 'a',
            layout: 'ordered',
            parts: [part('x', string()), part('y', optional(uint({ digits: 1 })))],
        });
        fc.assert(
            fc.property(
                fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 12 }),
                (tail) => {
                    const key = `a\u0001${tail}`;
                    const parsed = small.tryParse(key);
                    if (parsed !== undefined) expect(small.build(parsed)).to.equal(key);
                },
            ),
            { numRuns: 20_000 },
        );
    });
});

describe('a caller without types', () => {
    const untyped = ordered as unknown as Record<string, (...values: unknown[]) => unknown>;

    it('is told what is wrong, whatever is given', () => {
        for (const member of ['build', 'prefix', 'range', 'between']) {
            for (const nothing of [undefined, null, 7]) {
                refusal('KEY_PART_TYPE', () => untyped[member]?.(nothing, nothing));
            }
        }
        refusal('KEY_PART_TYPE', () => untyped['range']?.({ patient: 'p' }, undefined));
        refusal('KEY_DEFINITION_INVALID', () =>
            defineKey({ name: 'x', layout: 'ordered' } as never),
        );
        refusal('KEY_PARSE_FOREIGN', () => untyped['parse']?.(7));
    });
});
