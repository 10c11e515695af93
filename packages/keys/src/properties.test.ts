import { expect } from 'chai';
import fc from 'fast-check';
import { compareKeys, defineKey, part, type KeyRange } from './index.js';
import { awkwardText, codecCases, type CodecCase } from './testing/codec-arbitraries.test.js';
import { couchDb, levelDb, type StateModel } from './testing/state-models.test.js';

const runs = { numRuns: 10_000 };
const bytesOrder = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

describe('every codec', () => {
    for (const { name, codec, values, order } of codecCases) {
        it(`${name} keeps order, tells values apart and reads back`, () => {
            fc.assert(
                fc.property(values, values, (a, b) => {
                    const [textA, textB] = [codec.encode(a), codec.encode(b)];
                    const wanted = Math.sign(order(a, b));
                    expect(bytesOrder(textA, textB)).to.equal(wanted);
                    expect(compareKeys(textA, textB)).to.equal(wanted);
                    expect(Math.sign(codec.compare(a, b))).to.equal(wanted);
                    expect(codec.decode(textA)).to.deep.equal(a);
                }),
                runs,
            );
        });
    }
});

/** Two or three codecs, and rows of values for them. */
interface Shape {
    readonly cases: readonly CodecCase[];
    readonly rows: readonly (readonly unknown[])[];
}

function shapes(rowCount: number): fc.Arbitrary<Shape> {
    return fc.array(fc.constantFrom(...codecCases), { minLength: 2, maxLength: 3 }).chain((cases) =>
        fc.record({
            cases: fc.constant(cases),
            rows: fc.array(fc.tuple(...cases.map(({ values }) => values)), {
                minLength: rowCount,
                maxLength: rowCount,
            }),
        }),
    );
}

const layouts = fc.constantFrom('composite', 'ordered');
const names = ['first', 'second', 'third'];

/** What the tests need of a key whose parts are only known at run time. */
interface LooseKey {
    build(values: object): string;
    parse(key: string): object;
    prefix(values: object): KeyRange;
    range(prefix: object, bounds: object): KeyRange;
}

function keyOf(name: string, layout: string, cases: readonly CodecCase[]): LooseKey {
    const parts = cases.map(({ codec }, index) => part(names[index] ?? '', codec));
    return defineKey({ name, layout: layout as 'ordered', parts });
}

function objectOf(row: readonly unknown[]): Record<string, unknown> {
    return Object.fromEntries(row.map((value, index) => [names[index] ?? '', value]));
}

function orderOf(
    cases: readonly CodecCase[],
    a: readonly unknown[],
    b: readonly unknown[],
): number {
    for (const [index, { order }] of cases.entries()) {
        const result = Math.sign(order(a[index], b[index]));
        if (result !== 0) return result;
    }
    return 0;
}

describe('keys of mixed parts', () => {
    it('sort as their values do, differ when these differ, and read back', () => {
        fc.assert(
            fc.property(shapes(2), layouts, ({ cases, rows }, layout) => {
                const key = keyOf('row', layout, cases);
                const [a = [], b = []] = rows;
                const [textA, textB] = [key.build(objectOf(a)), key.build(objectOf(b))];
                expect(bytesOrder(textA, textB)).to.equal(orderOf(cases, a, b));
                expect(key.parse(textA)).to.deep.equal(objectOf(a));
            }),
            runs,
        );
    });

    it('of different definitions never meet', () => {
        const legalName = fc.constantFrom('a', 'aa', 'b', 'a.a', 'a-1', 'a b', 'row');
        fc.assert(
            fc.property(
                shapes(1),
                shapes(1),
                legalName,
                legalName,
                layouts,
                layouts,
                (one, two, nameOne, nameTwo, layoutOne, layoutTwo) => {
                    fc.pre(nameOne !== nameTwo || layoutOne !== layoutTwo);
                    const a = keyOf(nameOne, layoutOne, one.cases).build(
                        objectOf(one.rows[0] ?? []),
                    );
                    const b = keyOf(nameTwo, layoutTwo, two.cases).build(
                        objectOf(two.rows[0] ?? []),
                    );
                    expect(a).to.not.equal(b);
                },
            ),
            runs,
        );
    });
});

describe('scans, on models of both state databases', () => {
    const noise = [
        '\0ro\0a\0',
        '\0rows\0a\0',
        'row',
        'row\u0003',
        'rows\u0001a\u0001',
        'ro\u0001a\u0001',
    ];

    function filled(model: () => StateModel, keys: readonly string[]): StateModel {
        const state = model();
        for (const key of [...keys, ...noise]) state.put(key);
        return state;
    }

    function expectBoth(keys: readonly string[], range: KeyRange, wanted: readonly string[]): void {
        const sorted = [...new Set(wanted)].sort(bytesOrder);
        for (const model of [levelDb, couchDb]) {
            expect(filled(model, keys).scan(range)).to.deep.equal(sorted);
        }
    }

    it('a prefix gives exactly the rows that begin with its values', () => {
        fc.assert(
            fc.property(
                shapes(6),
                layouts,
                fc.nat({ max: 2 }),
                ({ cases, rows }, layout, length) => {
                    const key = keyOf('row', layout, cases);
                    const wanted = (rows[0] ?? []).slice(0, Math.min(length, cases.length - 1));
                    const built = rows.map((row) => ({ row, text: key.build(objectOf(row)) }));
                    const matching = built.filter(
                        ({ row }) => orderOf(cases.slice(0, wanted.length), row, wanted) === 0,
                    );
                    expectBoth(
                        built.map(({ text }) => text),
                        key.prefix(objectOf(wanted)),
                        matching.map(({ text }) => text),
                    );
                },
            ),
            runs,
        );
    });

    it('a range gives exactly the rows between its bounds', () => {
        fc.assert(
            fc.property(
                shapes(8),
                fc.nat({ max: 1 }),
                fc.boolean(),
                fc.boolean(),
                ({ cases, rows }, length, hasFrom, hasTo) => {
                    const key = keyOf('row', 'ordered', cases);
                    const fixed = (rows[0] ?? []).slice(0, length);
                    const { codec, order } = cases[length]!;
                    // Bounds are in the order of the values, which newest-first codecs turn round.
                    const sign = codec.descending === true ? -1 : 1;
                    const bounds = [rows[1]?.[length], rows[2]?.[length]].sort(
                        (a, b) => sign * order(a, b),
                    );
                    const from = hasFrom ? bounds[0] : undefined;
                    const to = hasTo ? bounds[1] : undefined;
                    const built = rows.map((row) => ({ row, text: key.build(objectOf(row)) }));
                    const matching = built.filter(
                        ({ row }) =>
                            orderOf(cases.slice(0, length), row, fixed) === 0 &&
                            (from === undefined || sign * order(row[length], from) >= 0) &&
                            (to === undefined || sign * order(row[length], to) < 0),
                    );
                    expectBoth(
                        built.map(({ text }) => text),
                        key.range(objectOf(fixed), { from, to }),
                        matching.map(({ text }) => text),
                    );
                },
            ),
            runs,
        );
    });

    it('are the same on both, whatever the keys', () => {
        const key = fc.oneof(
            awkwardText,
            awkwardText.map((text) => `a${text}`),
        );
        fc.assert(
            fc.property(fc.uniqueArray(key, { maxLength: 8 }), key, key, (keys, a, b) => {
                const legal = keys.filter((text) => !text.startsWith('_'));
                const range = { startKey: a, endKey: b };
                expect(filled(levelDb, legal).scan(range)).to.deep.equal(
                    filled(couchDb, legal).scan(range),
                );
            }),
            runs,
        );
    });
});
