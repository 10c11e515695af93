import { expect } from 'chai';
import fc from 'fast-check';
import { goJson, type Json } from './json.js';

describe('JSON as a peer writes it', () => {
    it('sorts members and escapes what Go escapes', () => {
        expect(goJson({ b: [1, null, true], a: '<&>\u2028\b' })).to.equal(
            '{"a":"\\u003c\\u0026\\u003e\\u2028\\b","b":[1,null,true]}',
        );
        expect(goJson({ '\u{10000}': 1, '\uffff': 2 })).to.equal('{"\uffff":2,"\u{10000}":1}');
    });

    it('writes numbers as Go does', () => {
        expect(goJson([1e21, 1e20, 1e-7, 0.000001, -0])).to.equal(
            '[1e+21,100000000000000000000,1e-7,0.000001,0]',
        );
    });

    it('puts the replacement character where half a surrogate pair stands', () => {
        expect(goJson('a\ud800b\u{1f600}')).to.equal('"a\ufffdb\u{1f600}"');
    });

    it('reads back to the same value', () => {
        fc.assert(
            fc.property(fc.jsonValue() as fc.Arbitrary<Json>, (value) => {
                const text = goJson(value);
                expect(goJson(JSON.parse(text) as Json)).to.equal(text);
                const plain = JSON.parse(JSON.stringify(value)) as Json;
                if (!/[\ud800-\udfff]/.test(text)) expect(JSON.parse(text)).to.deep.equal(plain);
            }),
        );
    });
});
