import { expect } from 'chai';
import fc from 'fast-check';
import {
    CouchdbError,
    defineIndex,
    indexRequest,
    queryIndex,
    StateDatabase,
    type Json,
    type QueryValue,
} from '../index.js';

interface Asset {
    docType: string;
    owner: string;
    size: number;
}

const byOwner = defineIndex<Asset>({ name: 'byOwner', fields: ['docType', 'owner', 'size'] });

function problem(action: () => unknown): string {
    try {
        action();
    } catch (error) {
        if (error instanceof CouchdbError && error.code === 'COUCHDB_QUERY_INVALID')
            return error.message;
        throw error;
    }
    return '';
}

describe('the query builder', () => {
    it('names its index and sorts by what is free', () => {
        const text = queryIndex(byOwner)
            .equal('docType', 'asset')
            .equal('owner', 'alice')
            .between('size', { atLeast: 2, below: 9 })
            .sort('desc')
            .fields('size')
            .toString();
        expect(JSON.parse(text)).to.deep.equal({
            selector: {
                docType: { $eq: 'asset' },
                owner: { $eq: 'alice' },
                size: { $gte: 2, $lt: 9 },
            },
            sort: [{ size: 'desc' }],
            fields: ['size'],
            use_index: ['byOwnerDoc', 'byOwner'],
        });
    });

    it('knows the fields of its index', () => {
        const byColor = queryIndex(
            defineIndex<{ color: string }>({ name: 'byColor', fields: ['color'] }),
        );
        // @ts-expect-error -- the type has no such field
        expect(() => byColor.equal('size', 1).toString()).to.throw();
    });

    it('cannot be made to carry an operator by a value', () => {
        for (const value of [{ $gt: null }, [1], undefined, Number.NaN, Infinity, 5n, () => 1]) {
            const build = (): unknown => queryIndex(byOwner).equal('owner', value as QueryValue);
            expect(problem(build)).to.match(/"owner" is compared with/);
        }
        expect(problem(() => queryIndex(byOwner).equal('$or' as 'owner', 1))).to.match(
            /not the name of a field/,
        );
        fc.assert(
            fc.property(fc.string(), (value) => {
                const query = queryIndex(byOwner)
                    .equal('owner', value)
                    .exists('docType')
                    .exists('size')
                    .toJSON();
                expect((query['selector'] as Record<string, Json>)['owner']).to.deep.equal({
                    $eq: value,
                });
            }),
        );
    });

    it('refuses what the index could not answer', () => {
        expect(problem(() => queryIndex(byOwner).equal('owner', 'a').toString())).to.match(
            /without a condition on "docType", "size"/,
        );
        expect(problem(() => queryIndex(byOwner).toString())).to.match(/no condition/);
        expect(problem(() => queryIndex(byOwner).equal('owner', 'a').equal('owner', 'b'))).to.match(
            /two \$eq/,
        );
        expect(problem(() => queryIndex(byOwner).between('size', {}))).to.match(/no end/);
        expect(problem(() => queryIndex(byOwner).fields())).to.match(/given none/);
        expect(problem(() => queryIndex(byOwner).isIn('owner', []))).to.match(/no values/);
        expect(problem(() => queryIndex(byOwner).isIn('owner', ['a', null]))).to.match(
            /null in a list/,
        );
    });

    it('repeats the filter of a partial index', () => {
        const open = defineIndex<{ state: string; due: number }>({
            name: 'open',
            fields: ['due'],
            partialFilter: { state: 'open' },
        });
        const query = queryIndex(open).between('due', { below: 5 });
        expect(query.toJSON()['selector']).to.deep.equal({
            $and: [{ due: { $lt: 5 } }, { state: 'open' }],
        });
        const database = new StateDatabase();
        database.createIndex(indexRequest(open));
        database.put('a', '{"state":"open","due":1}', '1:0');
        database.put('b', '{"state":"done","due":2}', '1:0');
        expect([...database.query(query.toString())].map(({ key }) => key)).to.deep.equal(['a']);
    });

    it('always gives a query its index answers without a warning', () => {
        const database = new StateDatabase({ onWarning: (warning) => expect.fail(warning) });
        database.createIndex(indexRequest(byOwner));
        database.put('a', '{"docType":"asset","owner":"x","size":1}', '1:0');
        const value = fc.constantFrom<QueryValue>('asset', 'x', 1, null, true);
        fc.assert(
            fc.property(
                fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
                value,
                fc.constantFrom('asc' as const, 'desc' as const, undefined),
                (held, compared, direction) => {
                    const query = queryIndex(byOwner);
                    (['docType', 'owner', 'size'] as const).forEach((field, at) => {
                        if (held[at]) query.equal(field, compared);
                        else query.exists(field);
                    });
                    if (direction !== undefined) query.sort(direction);
                    const run = database.query(query.toString());
                    expect(run.pages[0]?.plan.index.name).to.equal('byOwner');
                },
            ),
            { numRuns: 200 },
        );
    });
});
