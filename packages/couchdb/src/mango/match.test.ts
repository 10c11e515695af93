import { expect } from 'chai';
import { CouchdbError } from '../errors.js';
import type { Json } from '../json.js';
import { compileSelector } from './match.js';
import { normalizeSelector } from './normalize.js';
import { selectorJson } from './selector.js';

function matches(selector: Json, document: Json): boolean {
    return compileSelector(normalizeSelector(selector))(document);
}

function refusal(action: () => unknown): string | undefined {
    try {
        action();
    } catch (error) {
        if (error instanceof CouchdbError) return `${String(error.status)} ${String(error.error)}`;
        throw error;
    }
    return undefined;
}

const CASES: readonly (readonly [
    what: string,
    selector: Json,
    document: Json,
    expected: boolean,
])[] = [
    ['the empty selector matches all', {}, { a: 1 }, true],
    ['a bare value is equality', { a: 1 }, { a: 1 }, true],
    ['several members all count', { a: 1, b: 2 }, { a: 1, b: 3 }, false],
    ['nested names join with dots', { a: { b: 1 } }, { a: { b: 1 } }, true],
    ['dots reach into objects', { 'a.b': 1 }, { a: { b: 1 } }, true],
    ['an escaped dot belongs to the name', { 'a\\.b': 1 }, { 'a.b': 1 }, true],
    ['numbers pick elements of arrays', { 'a.1': 'y' }, { a: ['x', 'y'] }, true],
    ['an object in a value is compared whole', { a: { $eq: { b: 1 } } }, { a: { b: 1 } }, true],
    ['an empty object is a value', { a: {} }, { a: {} }, true],
    ['an array is not its element', { a: 1 }, { a: [1] }, false],
    ['null is not absence', { a: null }, {}, false],
    ['$ne does not match absence', { a: { $ne: 1 } }, {}, false],
    ['$nin does not match absence', { a: { $nin: [1] } }, {}, false],
    ['$lt takes every lower type', { a: { $lt: 1 } }, { a: null }, true],
    ['$gt takes every higher type', { a: { $gt: 1 } }, { a: 'x' }, true],
    ['$gt null takes false', { a: { $gt: null } }, { a: false }, true],
    ['strings compare by ICU', { a: { $gt: 'a' } }, { a: 'B' }, true],
    ['_id compares by bytes', { _id: { $gt: 'a' } }, { _id: 'B' }, false],
    ['_id is above every other type', { _id: { $gt: 99 } }, { _id: '' }, true],
    ['$exists false matches absence', { a: { $exists: false } }, {}, true],
    ['$exists false does not match null', { a: { $exists: false } }, { a: null }, false],
    [
        '$exists false does not match through a string',
        { 'a.b': { $exists: false } },
        { a: 'x' },
        false,
    ],
    ['$exists true matches null', { a: { $exists: true } }, { a: null }, true],
    ['$in compares', { a: { $in: [1, 2] } }, { a: 2 }, true],
    ['$in looks into an array', { a: { $in: [1, 2] } }, { a: [5, 2] }, true],
    ['$in does not compare an array whole', { a: { $in: [[1]] } }, { a: [1] }, false],
    ['$in of nothing matches nothing', { a: { $in: [] } }, { a: 1 }, false],
    ['$nin of nothing matches', { a: { $nin: [] } }, { a: 1 }, true],
    ['$nin looks into an array', { a: { $nin: [1] } }, { a: [1, 2] }, false],
    ['$all wants each', { a: { $all: [1, 2] } }, { a: [2, 3, 1] }, true],
    ['$all of nothing matches nothing', { a: { $all: [] } }, { a: [] }, false],
    ['$all takes one list whole', { a: { $all: [[1, 2]] } }, { a: [1, 2] }, true],
    ['$all is about arrays', { a: { $all: [1] } }, { a: 1 }, false],
    [
        '$elemMatch wants one element',
        { a: { $elemMatch: { $gt: 3, $lt: 5 } } },
        { a: [1, 4] },
        true,
    ],
    ['$elemMatch wants it in one', { a: { $elemMatch: { $gt: 3, $lt: 5 } } }, { a: [1, 6] }, false],
    ['$elemMatch looks at members', { a: { $elemMatch: { b: 1 } } }, { a: [{ b: 1 }] }, true],
    ['$elemMatch is about arrays', { a: { $elemMatch: { b: 1 } } }, { a: { b: 1 } }, false],
    [
        '$not in $elemMatch takes absence',
        { a: { $elemMatch: { $not: { b: 1 } } } },
        { a: [{}] },
        true,
    ],
    [
        '$nor in $elemMatch fails and so matches nothing',
        { a: { $elemMatch: { $nor: [{ b: 1 }] } } },
        { a: [{}] },
        false,
    ],
    ['$allMatch wants every element', { a: { $allMatch: { $gt: 1 } } }, { a: [2, 3] }, true],
    ['$allMatch of no element fails', { a: { $allMatch: { $gt: 1 } } }, { a: [] }, false],
    [
        '$keyMapMatch looks at member names',
        { a: { $keyMapMatch: { $eq: 'k' } } },
        { a: { k: 1 } },
        true,
    ],
    ['$type names types', { a: { $type: 'array' } }, { a: [] }, true],
    ['$type of null', { a: { $type: 'null' } }, { a: null }, true],
    ['$size counts', { a: { $size: 2 } }, { a: [1, 2] }, true],
    ['$mod divides', { a: { $mod: [3, -1] } }, { a: -4 }, true],
    ['$mod is about integers', { a: { $mod: [3, 1] } }, { a: 1.5 }, false],
    ['$regex searches', { a: { $regex: 'b+' } }, { a: 'abbc' }, true],
    ['$regex is about strings', { a: { $regex: '1' } }, { a: 1 }, false],
    ['$regex takes leading flags', { a: { $regex: '(?i)ABC' } }, { a: 'xabc' }, true],
    ['$regex dollar is before a last line feed', { a: { $regex: 'b$' } }, { a: 'ab\n' }, true],
    ['$regex dot matches one byte', { a: { $regex: '^..$' } }, { a: '\u00e9' }, true],
    ['$regex with a bracket first in a class', { a: { $regex: '^[]x]+$' } }, { a: 'x]' }, true],
    ['$regex POSIX classes', { a: { $regex: '^[[:digit:]]+$' } }, { a: '42' }, true],
    ['$beginsWith', { a: { $beginsWith: 'ab' } }, { a: 'abc' }, true],
    ['$beginsWith is about strings', { a: { $beginsWith: '1' } }, { a: 12 }, false],
    ['$or', { $or: [{ a: 1 }, { b: 1 }] }, { b: 1 }, true],
    ['an empty $or is true', { a: 1, $or: [] }, { a: 1 }, true],
    ['$nor', { $nor: [{ a: 1 }, { a: 2 }] }, { a: 3 }, true],
    ['$nor does not match absence', { $nor: [{ a: 1 }] }, {}, false],
    ['$not of a range', { $not: { a: { $gt: 5 } } }, { a: 5 }, true],
    ['$not of a regex', { a: { $not: { $regex: 'x' } } }, { a: 'y' }, true],
    ['$not of a regex does not match absence', { a: { $not: { $regex: 'x' } } }, {}, false],
    ['$and of an empty object compares with it', { $and: [{}] }, { a: 1 }, false],
];

describe('a selector', () => {
    for (const [what, selector, document, expected] of CASES) {
        it(what, () => {
            expect(matches(selector, document)).to.equal(expected);
        });
    }

    it('is brought into normal form', () => {
        expect(selectorJson(normalizeSelector({ $not: { a: { $gt: 1, $lt: 5 } } }))).to.deep.equal({
            $or: [{ a: { $lte: 1 } }, { a: { $gte: 5 } }],
        });
        expect(selectorJson(normalizeSelector({ a: { b: { $gt: 1 }, c: 2 } }))).to.deep.equal({
            $and: [{ 'a.b': { $gt: 1 } }, { 'a.c': { $eq: 2 } }],
        });
        expect(
            selectorJson(normalizeSelector({ $nor: [{ $not: { a: 1 } }, { $or: [{ b: 1 }] }] })),
        ).to.deep.equal({
            $and: [{ a: { $eq: 1 } }, { $and: [{ b: { $ne: 1 } }] }],
        });
    });

    it('is refused as CouchDB refuses it', () => {
        const bad: readonly (readonly [Json, string])[] = [
            [[], '400 invalid_selector_json'],
            [{ a: { $foo: 1 } }, '400 invalid_operator'],
            [{ $where: 'x' }, '400 not_supported'],
            [{ a: { $in: 1 } }, '400 bad_arg'],
            [{ a: { $exists: 1 } }, '400 bad_arg'],
            [{ a: { $regex: '(' } }, '400 bad_arg'],
            [{ a: { $mod: [1.5, 0] } }, '400 bad_arg'],
            [{ a: { $size: -1 } }, '400 bad_arg'],
            [{ $and: {} }, '400 bad_arg'],
            [{ $not: 1 }, '400 bad_arg'],
            [{ a: { $beginsWith: 1 } }, '400 invalid_operator'],
            [{ $eq: 1 }, '400 invalid_selector'],
        ];
        for (const [selector, expected] of bad) {
            expect(
                refusal(() => normalizeSelector(selector)),
                JSON.stringify(selector),
            ).to.equal(expected);
        }
        expect(refusal(() => normalizeSelector({ a: { $beginsWith: 'x' } }, '3.3'))).to.equal(
            '400 invalid_operator',
        );
        expect(refusal(() => matches({ 'a..b': 1 }, {}))).to.equal('400 invalid_field_name');
        expect(refusal(() => matches({ a: { $mod: [0, 1] } }, { a: 1 }))).to.equal('500 badarith');
    });

    it('with a regular expression only PCRE has is refused, never guessed', () => {
        for (const pattern of ['a++', '(?>a)', '\\Qa\\E', '(?x) a b', '\\pL']) {
            let code = '';
            try {
                matches({ a: { $regex: pattern } }, { a: 'a' });
            } catch (error) {
                if (error instanceof CouchdbError) code = error.code;
            }
            expect(code, pattern).to.equal('COUCHDB_REGEX_UNSUPPORTED');
        }
    });

    it('that nests without end is refused before the stack is exhausted', () => {
        const nested = (levels: number): Json =>
            Array.from({ length: levels }).reduce<Json>((inner) => ({ $not: inner }), { a: 1 });
        expect(matches(nested(498), { a: 1 })).to.equal(true);
        expect(() => normalizeSelector(nested(20_000)))
            .to.throw(CouchdbError, 'more than 500 levels')
            .with.property('code', 'COUCHDB_QUERY_UNREADABLE');
    });

    it('with a regular expression that would search without end is stopped', function () {
        this.timeout(180_000);
        const selector = { a: { $regex: '^(a+)+$' } };
        expect(matches(selector, { a: 'aaa' })).to.equal(true);
        expect(matches(selector, { a: 'aab' })).to.equal(false);
        expect(() => matches(selector, { a: `${'a'.repeat(60)}!` }))
            .to.throw(CouchdbError, 'timed out')
            .with.property('code', 'COUCHDB_REGEX_UNSUPPORTED');
    });
});
