import { expect } from 'chai';
import {
    checkKey,
    checkKeySpace,
    checkValue,
    createKeyRegistry,
    defineKey,
    enumOf,
    healthcareKeys,
    healthcareSpaces,
    LINT_RULES,
    part,
    string,
    timestamp,
    uint,
    type LintFinding,
} from '../index.js';

const rules = (findings: readonly LintFinding[]): string => findings.map(({ rule }) => rule).join();

describe('checking a key', () => {
    const cases: readonly (readonly [string, string])[] = [
        ['plain', ''],
        ['\0order\0a\0b\0', ''],
        ['vital\u0001p\u000120261120190601123\u0001', ''],
        ['0190163d-8694-739b-aea5-966c26f8ad91', ''],
        ['', 'K02'],
        ['_design', 'K02'],
        ['a\0b', 'K01'],
        ['a\ud800b', 'K01'],
        ['a\u{10ffff}', 'K01'],
        ['\0order\0a', 'K01'],
        ['\0', 'K01'],
        ['\0order\0\0b\0', 'K01'],
        ['\0order\0a\u{10ffff}\0', 'K01'],
        ['asset:p1:heart', 'K04'],
        ['order/0190163d-8694-739b-aea5-966c26f8ad91', 'K04'],
        ['asset-7', 'K04,K05'],
        ['\0row\x0042\0', 'K05'],
        ['\0row\x000042\0', ''],
        [`visit ${new Date(0).toString()}`, 'K04,K05'],
        ['\0visit\x003/4/2026\0', 'K05'],
        ['x'.repeat(257), 'K23'],
        ['x'.repeat(1025), 'K23'],
        ['\0user\0alice@example.org\0', 'K24'],
        ['\0user\x00123-45-6789\0', 'K24'],
        ['\0user\0MRN0012345\0', 'K24'],
        ['\0user\0+441632960961\0', 'K24'],
        ['\0user\0dob:19700102\0', 'K24'],
    ];
    for (const [key, expected] of cases) {
        const title = JSON.stringify(key.slice(0, 50));
        it(`finds ${expected === '' ? 'nothing' : expected} in ${title}`, () => {
            expect(rules(checkKey(key))).to.equal(expected);
        });
    }

    it('finds nothing in the healthcare keys', () => {
        const registry = createKeyRegistry(healthcareSpaces.keys);
        const tx = 'ab'.repeat(32);
        const key = healthcareKeys.vital.build({
            patient: 'p1',
            code: '8867-4',
            at: 0,
            tx,
            seq: 0,
        });
        expect(checkKey(key, { registry })).to.deep.equal([]);
        expect(checkKey(key)).to.deep.equal([]);
    });

    it('trusts what is marked, and nothing else', () => {
        const user = (phi: boolean) =>
            defineKey({
                name: 'user',
                layout: 'composite',
                parts: [part('email', string({ maxBytes: 400 }), { phi })],
            });
        const key = user(true).build({ email: 'alice@example.org' });
        const with_ = (phi: boolean) => ({ registry: createKeyRegistry([user(phi)]) });
        expect(rules(checkKey(key, with_(true)))).to.equal('');
        expect(rules(checkKey(key, with_(false)))).to.equal('K24');
        const long = user(true).build({ email: 'x'.repeat(300) });
        expect(rules(checkKey(long, with_(true)))).to.equal('K23');
    });

    it('is quick about keys and values of any length', () => {
        expect(rules(checkKey('x'.repeat(2_000_000)))).to.equal('K23');
        expect(rules(checkValue(`{"a":1${'0'.repeat(2_000_000)}1}`))).to.equal('K18');
    });

    it('never shows the key', () => {
        for (const [key] of cases) {
            if (key.length < 8) continue;
            for (const { message, fix } of checkKey(key)) {
                expect(message + fix).to.not.contain(key.slice(2, -2));
            }
        }
    });
});

describe('checking a value', () => {
    const cases: readonly (readonly [string, string])[] = [
        ['{"a":1}', ''],
        ['not json', ''],
        ['[1,{"_id":1}]', ''],
        ['12345678901234567890', ''],
        ['', 'K15'],
        ['{"_id":1}', 'K03'],
        ['{"~version":1}', 'K03'],
        ['{"a":{"_id":1}}', ''],
        ['{"a":"12345678901234567890"}', ''],
        ['{"a":9007199254740991}', ''],
        ['{"a":9007199254740993}', 'K18'],
        ['{"a":[1,{"b":12345678901234567890}]}', 'K18'],
        ['{"a":1e400}', 'K18'],
        ['{"a":0.1,"b":1.50,"c":-0.0,"d":1e21,"e":100000000000000000000000}', ''],
        ['{"a":0.12345678901234567890123}', 'K18'],
        ['{"a\\"1":"\\\\","b":1}', ''],
        ['{"_a":9007199254740993}', 'K03,K18'],
    ];
    for (const [value, expected] of cases) {
        it(`finds ${expected === '' ? 'nothing' : expected} in ${JSON.stringify(value)}`, () => {
            expect(rules(checkValue(value))).to.equal(expected);
            expect(rules(checkValue(new TextEncoder().encode(value)))).to.equal(expected);
        });
    }

    it('takes JSON behind a byte order mark for bytes, as a peer does', () => {
        const value = '\ufeff{"_id":1}';
        expect(checkValue(value)).to.deep.equal([]);
        expect(checkValue(new TextEncoder().encode(value))).to.deep.equal([]);
    });
});

describe('checking a key space', () => {
    it('finds one name with two shapes (K29)', () => {
        const one = defineKey({ name: 'x', layout: 'composite', parts: [part('a', uint())] });
        const two = defineKey({
            name: 'x',
            layout: 'composite',
            parts: [part('a', uint()), part('b', uint())],
        });
        expect(rules(checkKeySpace({ keys: [one, two] }))).to.equal('K29');
        expect(rules(checkKeySpace({ samples: ['\0x\0a\0', '\0x\0a\0b\0'] }))).to.equal('K29');
        expect(
            rules(checkKeySpace({ keys: [one], samples: ['\0x\x000000000000000001\0'] })),
        ).to.equal('');
    });

    it('finds salted time series (K30)', () => {
        const salted = defineKey({
            name: 's',
            layout: 'ordered',
            parts: [part('salt', uint({ digits: 2 })), part('at', timestamp())],
        });
        const shardBehind = defineKey({
            name: 's',
            layout: 'ordered',
            parts: [part('at', timestamp()), part('shard', uint({ digits: 2 }))],
        });
        expect(rules(checkKeySpace({ keys: [salted] }))).to.equal('K30');
        expect(rules(checkKeySpace({ keys: [shardBehind] }))).to.equal('');
    });

    it('finds numbers and times kept as text (K05)', () => {
        const key = defineKey({
            name: 'k',
            layout: 'ordered',
            parts: [part('dueDate', string()), part('seq', string()), part('ward', string())],
        });
        expect(rules(checkKeySpace({ keys: [key] }))).to.equal('K05,K05');
        expect(rules(checkKeySpace({ samples: ['\0r\x009\0', '\0r\x0010\0'] }))).to.equal('K05');
        expect(rules(checkKeySpace({ samples: ['\0r\x0009\0', '\0r\x0010\0'] }))).to.equal('');
        expect(
            rules(checkKeySpace({ samples: ['\0r\x009\0', '\0r\0a10\0', '\0r\x0010\0'] })),
        ).to.equal('');
    });

    it('finds unmarked personal parts (K24)', () => {
        const key = (phi: boolean) =>
            defineKey({
                name: 'k',
                layout: 'composite',
                parts: [part('patientId', string(), { phi }), part('kind', enumOf('a'))],
            });
        expect(rules(checkKeySpace({ keys: [key(false)] }))).to.equal('K24');
        expect(rules(checkKeySpace({ keys: [key(true)] }))).to.equal('');
    });

    it('finds nothing in the healthcare key set', () => {
        expect(checkKeySpace({ keys: healthcareSpaces.keys })).to.deep.equal([]);
    });

    it('passes over keys it cannot take apart', () => {
        expect(checkKeySpace({ samples: ['plain', '\0broken', ''] })).to.deep.equal([]);
    });
});

describe('the lint rules', () => {
    it('are the runtime ones, each with title and fix', () => {
        expect(Object.keys(LINT_RULES).join()).to.equal(
            'K01,K02,K03,K04,K05,K15,K18,K23,K24,K29,K30',
        );
    });
});
