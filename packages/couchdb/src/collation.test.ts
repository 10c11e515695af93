import { expect } from 'chai';
import fc from 'fast-check';
import { compareCodePoints, compareIds, compareKeys, compareStrings } from './collation.js';
import type { Json } from './json.js';

const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;

describe('collation', () => {
    it('orders types as CouchDB views do', () => {
        const ordered: Json[] = [null, false, true, -1, 0, 1.5, '', 'a', [], [1], {}, { a: 1 }];
        for (let i = 0; i < ordered.length; i++) {
            for (let j = 0; j < ordered.length; j++) {
                expect(Math.sign(compareKeys(ordered[i]!, ordered[j]!))).to.equal(Math.sign(i - j));
            }
        }
    });

    it('orders strings by ICU, not by bytes', () => {
        // The order CouchDB documents for its default collation.
        const documented = ['`', '^', '_', '-', ',', ';', ':', '!', '?', '.', "'", '"', '(', ')'];
        const more = ['[', ']', '{', '}', '@', '*', '/', '\\', '&', '#', '%', '+', '<', '=', '>'];
        const rest = ['|', '~', '$', '0', '1', '9', 'a', 'A', 'b', 'B', 'z', 'Z'];
        const expected = [...documented, ...more, ...rest].filter(
            (one) => one !== '`' && one !== '^',
        );
        expect([...expected].sort(compareStrings)).to.deep.equal(expected);
        expect(compareStrings('a', 'B')).to.be.below(0);
        expect(compareCodePoints('a', 'B')).to.be.above(0);
        expect(compareStrings('zzz', '\uffff')).to.be.below(0);
    });

    it('orders ids by their UTF-8 bytes', () => {
        fc.assert(
            fc.property(
                fc.string({ unit: 'binary', maxLength: 6 }),
                fc.string({ unit: 'binary', maxLength: 6 }),
                (a, b) => {
                    const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
                    expect(Math.sign(compareCodePoints(a, b))).to.equal(bytes);
                    expect(Math.sign(compareIds(a, b))).to.equal(bytes);
                },
            ),
            { numRuns: 5000 },
        );
    });

    it('puts every other type below an id', () => {
        for (const other of [null, true, 5, [1], { a: 1 }] as Json[]) {
            expect(compareIds('', other)).to.be.above(0);
        }
    });

    it('is a total order', () => {
        fc.assert(
            fc.property(json, json, json, (a, b, c) => {
                expect(compareKeys(a, a)).to.equal(0);
                const [ab, ba] = [Math.sign(compareKeys(a, b)), Math.sign(compareKeys(b, a))];
                expect(ab + ba).to.equal(0);
                if (ab <= 0 && compareKeys(b, c) <= 0) expect(compareKeys(a, c)).to.be.at.most(0);
            }),
            { numRuns: 3000 },
        );
    });
});
