import { expect } from 'chai';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.js';

describe('canonical JSON', () => {
    it('is RFC 8785: members sorted by UTF-16 units, the shortest numbers, no spaces', () => {
        const value = {
            '\u20ac': 1,
            '\r': 2,
            '\ufb33': 3,
            '1': 4,
            '\u{1f600}': 5,
            '\u0080': 6,
            '\u00f6': 7,
        };
        expect(Object.values(JSON.parse(canonicalJson(value)) as object)).to.have.length(7);
        const order = [...canonicalJson(value).matchAll(/:(\d)/g)].map((match) => match[1]);
        expect(order).to.deep.equal(['2', '4', '6', '7', '1', '5', '3']);
        expect(canonicalJson([1e15, 0.002, 1e-27, -0, 4.5, 100])).to.equal(
            '[1000000000000000,0.002,1e-27,0,4.5,100]',
        );
    });

    it('is the same whatever order the members were made in, and means the same', () => {
        const safe = fc
            .jsonValue({ noUnicodeString: false })
            .filter((value) => !/\\ud[89a-f]/.test(JSON.stringify(value)));
        fc.assert(
            fc.property(safe, (value) => {
                const integers = /-?\d{16,}/.exec(JSON.stringify(value)) ?? [];
                fc.pre(integers.length === 0 && !JSON.stringify(value).includes('e+'));
                const shuffle = (each: unknown): unknown => {
                    if (Array.isArray(each)) return each.map(shuffle);
                    if (typeof each !== 'object' || each === null) return each;
                    return Object.fromEntries(
                        Object.entries(each)
                            .reverse()
                            .map(([key, member]) => [key, shuffle(member)]),
                    );
                };
                expect(canonicalJson(shuffle(value))).to.equal(canonicalJson(value));
                const again: unknown = JSON.parse(canonicalJson(value));
                expect(canonicalJson(again)).to.equal(canonicalJson(value));
            }),
        );
    });

    it('refuses what peers or databases would change', () => {
        const circle: unknown[] = [];
        circle.push(circle);
        const bad = [
            2 ** 53,
            NaN,
            Infinity,
            1n,
            undefined,
            () => 1,
            Symbol('s'),
            '\ud800',
            new Map(),
            new Set(),
            Buffer.from('x'),
            circle,
            { a: { b: [2 ** 60] } },
        ];
        for (const value of bad)
            expect(() => canonicalJson(value), typeof value).to.throw('CHAINCODE_JSON_INVALID');
        expect(() => canonicalJson({ a: { b: [1n] } })).to.throw('a.b[0]');
    });

    it('leaves out what is undefined and takes dates as text', () => {
        expect(canonicalJson({ b: undefined, a: new Date(0) })).to.equal(
            '{"a":"1970-01-01T00:00:00.000Z"}',
        );
    });
});
