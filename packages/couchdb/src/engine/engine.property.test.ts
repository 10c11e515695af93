import { createRequire } from 'node:module';
import { expect } from 'chai';
import fc from 'fast-check';
import {
    compareKeys,
    compileSelector,
    CouchdbError,
    normalizeSelector,
    StateDatabase,
    type Json,
    type JsonObject,
} from '../index.js';

const { matchesSelector } = createRequire(__filename)('pouchdb-selector-core') as {
    readonly matchesSelector: (document: JsonObject, selector: JsonObject) => boolean;
};

const FIELDS = ['a', 'b', 'c'] as const;
const field = fc.constantFrom(...FIELDS);
const value = fc.constantFrom<Json>(null, false, true, 0, 1, 2, 'a', 'B', 'b');
const ORDER = ['$eq', '$ne', '$gt', '$gte', '$lt', '$lte'] as const;
const condition: fc.Arbitrary<JsonObject> = fc.oneof(
    fc.tuple(fc.constantFrom(...ORDER), value).map(([op, operand]) => ({ [op]: operand })),
    fc
        .tuple(fc.constantFrom('$gt', '$gte'), value, fc.constantFrom('$lt', '$lte'), value)
        .map(([low, from, high, to]) => ({ [low]: from, [high]: to })),
    fc.constantFrom<JsonObject>(
        { $exists: true },
        { $exists: false },
        { $in: [1, 'a'] },
        { $nin: [0, 'B'] },
        { $in: [] },
    ),
);
const leaf = fc.dictionary(field, condition, {
    minKeys: 1,
    maxKeys: 3,
    noNullPrototype: true,
}) as fc.Arbitrary<JsonObject>;
const { selector } = fc.letrec<{ selector: JsonObject }>((tie) => ({
    selector: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        { weight: 4, arbitrary: leaf },
        {
            weight: 1,
            arbitrary: fc
                .array(tie('selector'), { minLength: 1, maxLength: 2 })
                .map((parts) => ({ $and: parts })),
        },
        {
            weight: 1,
            arbitrary: fc
                .array(tie('selector'), { minLength: 1, maxLength: 2 })
                .map((parts) => ({ $or: parts })),
        },
        {
            weight: 1,
            arbitrary: fc
                .array(tie('selector'), { minLength: 1, maxLength: 2 })
                .map((parts) => ({ $nor: parts })),
        },
        { weight: 1, arbitrary: tie('selector').map((part) => ({ $not: part })) },
    ),
}));
const document = fc.dictionary(field, value, {
    maxKeys: 3,
    noNullPrototype: true,
}) as fc.Arbitrary<JsonObject>;
const columnsOf = fc.uniqueArray(field, { minLength: 1, maxLength: 3 });

const OPPOSITE: Readonly<Record<string, string>> = {
    $eq: '$ne',
    $ne: '$eq',
    $gt: '$lte',
    $lte: '$gt',
    $lt: '$gte',
    $gte: '$lt',
    $in: '$nin',
    $nin: '$in',
};

function holds(op: string, found: Json, operand: Json): boolean {
    const order = compareKeys(found, operand);
    const list = (Array.isArray(operand) ? operand : []) as Json[];
    const isIn = list.some((one) => compareKeys(found, one) === 0);
    return (
        {
            $eq: order === 0,
            $ne: order !== 0,
            $gt: order > 0,
            $gte: order >= 0,
            $lt: order < 0,
            $lte: order <= 0,
            $in: isIn,
            $nin: !isIn,
        }[op] ?? false
    );
}

/** Reads a selector as it is written, with nothing normalised: the oracle. */
function naive(where: JsonObject, row: JsonObject, negated = false): boolean {
    const results = Object.entries(where).map(([name, inner]) => {
        if (name === '$not') return naive(inner as JsonObject, row, !negated);
        if (name === '$and' || name === '$or' || name === '$nor') {
            const flipped = name === '$nor' ? !negated : negated;
            const parts = (inner as JsonObject[]).map((part) => naive(part, row, flipped));
            const isAll = name === '$and' ? !negated : name === '$or' ? negated : flipped;
            return isAll ? parts.every(Boolean) : parts.some(Boolean);
        }
        const tests = Object.entries(inner as JsonObject).map(([op, operand]) => {
            const exists = Object.hasOwn(row, name);
            if (op === '$exists') return exists === (operand !== negated);
            return exists && holds(negated ? (OPPOSITE[op] ?? op) : op, row[name] ?? null, operand);
        });
        return negated ? tests.some(Boolean) : tests.every(Boolean);
    });
    return negated ? results.some(Boolean) : results.every(Boolean);
}

function stored(
    rows: readonly JsonObject[],
    indexes: readonly (readonly string[])[],
): StateDatabase {
    const database = new StateDatabase({ internalQueryLimit: 4 });
    indexes.forEach((fields, at) => {
        database.createIndex({
            index: { fields: [...fields] },
            ddoc: `i${String(at)}`,
            name: `i${String(at)}`,
        });
    });
    rows.forEach((row, at) => {
        database.put(`k${String(at)}`, JSON.stringify(row), '1:0');
    });
    return database;
}

const setting = fc.record({
    rows: fc.array(document, { maxLength: 20 }),
    indexes: fc.array(columnsOf, { maxLength: 3 }),
    where: selector,
});

/** Where Mango fails instead of answering, the engine does as well, and there is nothing to compare. */
function unlessMangoFails<T>(ask: () => T): T {
    try {
        return ask();
    } catch (error) {
        fc.pre(!(error instanceof CouchdbError && error.reason === 'function_clause'));
        throw error;
    }
}

describe('the embedded engine, on random documents, indexes and queries,', () => {
    it('gives the rows a naive filter gives, whatever index answers', function () {
        this.timeout(180_000);
        fc.assert(
            fc.property(setting, ({ rows, indexes, where }) => {
                const expected = rows.flatMap((row, at) =>
                    naive(where, row) ? [`k${String(at)}`] : [],
                );
                const query = JSON.stringify({ selector: where });
                const database = stored(rows, indexes);
                const found = unlessMangoFails(() => [...database.query(query)]);
                expect(found.map(({ key }) => key).sort()).to.deep.equal(expected.sort());
            }),
            { numRuns: 2000 },
        );
    });

    it('loses no row by any index the planner calls usable', function () {
        this.timeout(180_000);
        fc.assert(
            fc.property(setting, ({ rows, indexes, where }) => {
                const database = stored(rows, indexes);
                const expected = rows
                    .flatMap((row, at) => (naive(where, row) ? [`k${String(at)}`] : []))
                    .sort();
                indexes.forEach((_, at) => {
                    const request = { selector: where, use_index: `i${String(at)}` };
                    if (database.plan(request).index.name !== `i${String(at)}`) return;
                    const query = JSON.stringify(request);
                    const found = unlessMangoFails(() => [...database.query(query)]);
                    expect(found.map(({ key }) => key).sort()).to.deep.equal(expected);
                });
            }),
            { numRuns: 2000 },
        );
    });

    it('sorts, or says that no index yields the sort', function () {
        this.timeout(180_000);
        fc.assert(
            fc.property(
                setting,
                columnsOf,
                fc.constantFrom('asc', 'desc'),
                ({ rows, indexes, where }, sort, direction) => {
                    const database = stored(rows, indexes);
                    const query = JSON.stringify({
                        selector: where,
                        sort: sort.map((name) => ({ [name]: direction })),
                    });
                    let keys: string[];
                    try {
                        const rowsFound = unlessMangoFails(() => [...database.query(query)]);
                        keys = rowsFound.map(({ key }) => key);
                    } catch (error) {
                        if (!(error instanceof CouchdbError)) throw error;
                        expect(error.error).to.equal('no_usable_index');
                        return;
                    }
                    const rowOf = (key: string): JsonObject => rows[Number(key.slice(1))] ?? {};
                    const sortKey = (key: string): Json[] =>
                        sort.map((name) => rowOf(key)[name] ?? null);
                    for (let at = 1; at < keys.length; at++) {
                        const order = compareKeys(sortKey(keys[at - 1]!), sortKey(keys[at]!));
                        expect(direction === 'asc' ? order <= 0 : order >= 0).to.equal(true);
                    }
                    const expected = rows.flatMap((row, at) =>
                        naive(where, row) && sort.every((name) => Object.hasOwn(row, name))
                            ? [`k${String(at)}`]
                            : [],
                    );
                    expect([...keys].sort()).to.deep.equal(expected.sort());
                },
            ),
            { numRuns: 2000 },
        );
    });

    it('gives the same pages by bookmark as all at once, also backwards', () => {
        fc.assert(
            fc.property(
                setting,
                fc.integer({ min: 1, max: 5 }),
                ({ rows, indexes, where }, pageSize) => {
                    const database = stored(rows, indexes);
                    const query = JSON.stringify({ selector: where });
                    const rowsFound = unlessMangoFails(() => [...database.query(query)]);
                    const all = rowsFound.map(({ key }) => key);
                    const paged: string[] = [];
                    let bookmark = '';
                    for (;;) {
                        const page = database.query(query, { pageSize, bookmark });
                        const keys = [...page].map(({ key }) => key);
                        paged.push(...keys);
                        bookmark = page.bookmark;
                        if (keys.length < pageSize) break;
                    }
                    expect(paged).to.deep.equal(all);
                },
            ),
            { numRuns: 500 },
        );
    });

    it('keeps its indexes level with rows that are replaced and deleted', () => {
        const change = fc.record({ key: fc.integer({ min: 0, max: 6 }), row: fc.option(document) });
        fc.assert(
            fc.property(fc.array(change, { maxLength: 30 }), columnsOf, (changes, fields) => {
                const [live, rows] = [stored([], [fields]), new Map<string, JsonObject>()];
                for (const { key, row } of changes) {
                    const name = `k${String(key)}`;
                    if (row === null) {
                        live.delete(name);
                        rows.delete(name);
                    } else {
                        live.put(name, JSON.stringify(row), '1:0');
                        rows.set(name, row);
                    }
                }
                const where = Object.fromEntries(fields.map((name) => [name, { $exists: true }]));
                const keys = [...live.query(JSON.stringify({ selector: where }))].map(
                    ({ key }) => key,
                );
                const expected = [...rows].filter(([, row]) =>
                    fields.every((name) => Object.hasOwn(row, name)),
                );
                expect(keys.sort()).to.deep.equal(expected.map(([key]) => key).sort());
            }),
            { numRuns: 500 },
        );
    });
});

describe('the selector evaluation, against pouchdb-selector-core,', () => {
    const number = fc.integer({ min: -3, max: 3 });
    const plain = fc.oneof(number, fc.constantFrom('a', 'b', 'ab'));
    const shared: fc.Arbitrary<JsonObject> = fc.oneof(
        fc
            .tuple(fc.constantFrom(...ORDER), plain)
            .map(([op, operand]): JsonObject => ({ [op]: operand })),
        fc
            .tuple(fc.constantFrom('$in', '$nin'), fc.array(plain, { minLength: 1, maxLength: 3 }))
            .map(([op, list]): JsonObject => ({ [op]: list })),
        fc.constantFrom<JsonObject>(
            { $exists: true },
            { $type: 'number' },
            { $type: 'string' },
            { $mod: [2, 0] },
            { $mod: [2, 1] },
        ),
    );
    const where = fc.dictionary(field, shared, {
        minKeys: 1,
        maxKeys: 3,
        noNullPrototype: true,
    }) as fc.Arbitrary<JsonObject>;
    const whole = fc.record({ a: plain, b: plain, c: plain }) as fc.Arbitrary<JsonObject>;

    it('agrees where every field is there and values are numbers or lower-case text', () => {
        fc.assert(
            fc.property(where, whole, (asked, row) => {
                const withMod = JSON.stringify(asked).includes('$mod');
                if (withMod && Object.values(row).some((one) => typeof one !== 'number')) return;
                const ours = compileSelector(normalizeSelector(asked))(row);
                expect(ours).to.equal(matchesSelector({ _id: 'x', ...row }, asked));
            }),
            { numRuns: 3000 },
        );
    });

    it('differs where that library is not Mango, which is why it is not used', () => {
        const differences: readonly (readonly [JsonObject, JsonObject, boolean])[] = [
            [{ a: { $ne: 1 } }, {}, false],
            [{ a: { $gt: 'a' } }, { a: 'B' }, true],
            [{ $nor: [{ a: 1 }] }, {}, false],
            [{ a: { $all: [] } }, { a: [] }, false],
            [{ 'a.b': { $exists: false } }, { a: 'x' }, false],
            [{ a: { $regex: 'b$' } }, { a: 'ab\n' }, true],
        ];
        for (const [asked, row, mango] of differences) {
            const ours = compileSelector(normalizeSelector(asked))(row);
            expect(ours, JSON.stringify(asked)).to.equal(mango);
            expect(matchesSelector({ _id: 'x', ...row }, asked), JSON.stringify(asked)).to.equal(
                !mango,
            );
        }
    });
});
