import { createHash, createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import {
    createKeyRegistry,
    createRedactor,
    defineDeltaCounterKey,
    defineKey,
    healthcareKeys,
    healthcareSpaces,
    inferTemplate,
    optional,
    part,
    string,
    timestamp,
    timestampNanos,
    uint,
} from './index.js';
import { hmacSha256, sha256, toHex } from './sha256.js';
import { refusal } from './testing/refusal.test.js';

const secret = new TextEncoder().encode('sixteen bytes or more');
const redactor = createRedactor({ secret });
const tx = '0123456789abcdef'.repeat(4);
const at = Date.UTC(2026, 10, 20, 19, 6, 1, 123);
const reading = { patient: 'Alice Smith', code: '8867-4', at, tx, seq: 0 };

describe('a registry', () => {
    const registry = createKeyRegistry(healthcareSpaces.keys, { redactor });

    it('maps a raw key to its template and typed parts', () => {
        const described = registry.describe(healthcareKeys.vital.build(reading));
        expect(described.template).to.equal('vital/{patient}/{code}/{bucket}/{at}/{tx}/{seq}');
        expect(described.known).to.equal(true);
        expect(described.key).to.equal(healthcareKeys.vital);
        expect(described.values).to.include({ patient: 'Alice Smith', at });
        expect(described.text).to.match(
            /^vital\/hmac:[0-9a-f]{16}\/8867-4\/2026-11-20T00:00:00.000Z\/2026-11-20T19:06:01.123Z\//,
        );
    });

    it('shows health information nowhere, with and without a redactor', () => {
        const note = { patient: 'Alice Smith', at, tx, seq: 0 };
        const row = healthcareKeys.order.build({
            patient: 'Alice Smith',
            order: '01M7V41F0004HMASW9NF6YY001',
        });
        const due = { ward: 'icu', state: 'active', dueAt: at, row } as const;
        const keys = [
            healthcareKeys.vital.build(reading),
            healthcareKeys.note.build(note),
            row,
            healthcareKeys.orderDue.build(due),
            `${row}extra\0`,
            row.slice(0, -3),
        ];
        for (const which of [registry, createKeyRegistry(healthcareSpaces.keys)]) {
            for (const key of keys) {
                const described = which.describe(key);
                for (const text of [
                    JSON.stringify(described),
                    inspect(described),
                    which.template(key),
                ]) {
                    expect(text).to.not.contain('Alice');
                }
            }
        }
        expect(createKeyRegistry([healthcareKeys.order]).describe(row).text).to.equal(
            'order/{patient}/01M7V41F0004HMASW9NF6YY001',
        );
    });

    it('shows one patient the same everywhere, and two differently', () => {
        const shown = (patient: string) => {
            const vital = registry.describe(healthcareKeys.vital.build({ ...reading, patient }));
            const note = registry.describe(healthcareKeys.note.build({ patient, at, tx, seq: 0 }));
            expect(vital.parts[0]?.text).to.equal(note.parts[0]?.text);
            return vital.parts[0]?.text;
        };
        expect(shown('p1')).to.not.equal(shown('p2'));
    });

    it('shows values of every type', () => {
        const key = defineKey({
            name: 'all',
            layout: 'composite',
            parts: [
                part('n', uint({ digits: 3 })),
                part('ms', timestamp({ order: 'newest-first' })),
                part('ns', timestampNanos()),
                part('maybe', optional(timestamp())),
            ],
        });
        const raw = key.build({ n: 7, ms: at, ns: 5n, maybe: undefined });
        expect(createKeyRegistry([key]).describe(raw).text).to.equal(
            'all/7/2026-11-20T19:06:01.123Z/5ns/undefined',
        );
    });

    it('infers what it does not know, and what is not quite what it knows', () => {
        expect(registry.describe('asset_17')).to.deep.equal({
            template: 'asset_{number}',
            text: 'asset_{number}',
            known: false,
            parts: [],
        });
        const longer = `${healthcareKeys.consent.build({ patient: 'p', purpose: 'payment', grantee: 'g' })}x\0`;
        expect(registry.describe(longer).template).to.equal('consent/{text}/{text}/{text}/{text}');
        expect(registry.template(longer)).to.equal('consent/{text}/{text}/{text}/{text}');
        const undecodable = '\0order\0p\0no ulid\0';
        expect(registry.template(undecodable)).to.equal('order/{text}/{text}');
        expect(registry.describe(undecodable).template).to.equal('order/{text}/{text}');
        expect(registry.template(healthcareKeys.vital.build(reading))).to.equal(
            healthcareKeys.vital.template,
        );
    });

    it('takes companions with and without their counters', () => {
        const count = defineDeltaCounterKey({ name: 'count', counter: [part('id', string())] });
        for (const keys of [[count], [count, count.total]]) {
            expect(createKeyRegistry(keys).keys.map(({ name }) => name)).to.deep.equal([
                'count',
                'count.total',
            ]);
        }
        refusal('KEY_SPACE_OVERLAP', () => createKeyRegistry([count, count]));
    });
});

describe('an inferred template', () => {
    const cases: readonly (readonly [string, string])[] = [
        ['', '{empty}'],
        ['config', 'config'],
        ['asset17', 'asset{number}'],
        ['asset_17', 'asset_{number}'],
        ['user:alice:balance', 'user:{text}:{text}'],
        ['patient/0190163d-8694-739b-aea5-966c26f8ad91', 'patient/{uuid}'],
        ['0190163d-8694-739b-aea5-966c26f8ad91', '{uuid}'],
        [tx, '{hash}'],
        ['12345', '{number}'],
        ['log|2026-11-20T19:06:01Z|7', 'log|{time}|{number}'],
        ['alice@example.org', '{text}.{text}'],
        ['\0color~name\0blue\0asset1\0', 'color~name/{text}/{text}'],
        ['\0x9\0\0', '{text}/{empty}'],
        ['vital\u0001p1\u000120261120\u0001', 'vital/{text}/{number}'],
    ];
    for (const [key, template] of cases) {
        it(`of ${JSON.stringify(key)} is ${template}`, () => {
            expect(inferTemplate(key)).to.equal(template);
        });
    }

    it('never fails', () => {
        fc.assert(
            fc.property(fc.string({ unit: 'binary' }), (key) => {
                expect(inferTemplate(key)).to.be.a('string').that.is.not.equal('');
            }),
            { numRuns: 10_000 },
        );
    });
});

describe('a redactor', () => {
    it('takes an HMAC of your own and refuses what is none', () => {
        const own = createRedactor({ hmac: (message) => toHex(sha256(message)) });
        expect(own.redact('patient', 'p1')).to.match(/^hmac:[0-9a-f]{16}$/);
        for (const wrong of [new Uint8Array(15), 'a secret of enough characters']) {
            refusal('KEY_DEFINITION_INVALID', () =>
                createRedactor({ secret: wrong as Uint8Array }),
            );
        }
        for (const wrong of [undefined, null, {}, { hmac: 'md5' }]) {
            refusal('KEY_DEFINITION_INVALID', () => createRedactor(wrong as never));
        }
        refusal('KEY_DEFINITION_INVALID', () =>
            createRedactor({ hmac: () => 'plain' }).redact('patient', 'p1'),
        );
    });

    it('tells parts apart', () => {
        expect(redactor.redact('a', 'x')).to.not.equal(redactor.redact('b', 'x'));
    });
});

describe('SHA-256 and its HMAC', () => {
    const anyBytes = fc.uint8Array({ maxLength: 300 });

    it('agree with the platform', () => {
        fc.assert(
            fc.property(anyBytes, anyBytes, (secretBytes, message) => {
                expect(toHex(sha256(message))).to.equal(
                    createHash('sha256').update(message).digest('hex'),
                );
                expect(toHex(hmacSha256(secretBytes, message))).to.equal(
                    createHmac('sha256', secretBytes).update(message).digest('hex'),
                );
            }),
            { numRuns: 1000 },
        );
    });
});
