import { expect } from 'chai';
import fc from 'fast-check';
import {
    adviseIndexes,
    CouchdbError,
    explainQuery,
    indexRequest,
    parseIndexRequest,
    queryShape,
    StateDatabase,
    toCouchdbIndex,
    workloadFromLog,
    type CouchdbIndex,
    type Json,
    type JsonObject,
} from '../index.js';

function index(name: string, fields: Json): CouchdbIndex {
    return parseIndexRequest({ index: { fields }, ddoc: name, name });
}

const OWNERS = 50;
const sample: JsonObject[] = Array.from({ length: 1000 }, (_, at) => ({
    _id: `k${String(at)}`,
    docType: 'asset',
    owner: `o${String(at % OWNERS)}`,
    size: at,
    color: ['red', 'green'][at % 2] ?? '',
}));

function failure(action: () => unknown): string {
    try {
        action();
    } catch (error) {
        if (error instanceof CouchdbError) return error.code;
        throw error;
    }
    return '';
}

describe('the index advisor', () => {
    it('orders columns: the most selective equality, sort, one range', () => {
        const query = {
            selector: { docType: 'asset', owner: 'o1', size: { $gt: 5 }, color: { $gte: 'a' } },
            sort: ['docType', 'owner', 'color'],
        };
        const { create } = adviseIndexes({ queries: [{ query }], sample });
        expect(create.map(({ fields }) => fields)).to.deep.equal([
            ['docType', 'owner', 'color', 'size'],
        ]);
        const indexes = create.map(toCouchdbIndex);
        expect(explainQuery(indexes, query).index?.['name']).to.equal('byDocTypeOwnerColorSize');
    });

    it('puts the most selective equality first', () => {
        const query = { selector: { docType: 'asset', owner: 'o1', color: 'red' }, sort: ['size'] };
        const { create } = adviseIndexes({ queries: [{ query }], sample });
        expect(create.map(({ fields }) => fields)).to.deep.equal([
            ['owner', 'color', 'docType', 'size'],
        ]);
    });

    it('predicts keys before and after, as the engine then counts them', () => {
        const query = { selector: { owner: 'o7', size: { $gte: 500 } } };
        const advice = adviseIndexes({ queries: [{ query, name: 'q' }], sample });
        const [one] = advice.queries;
        expect(one).to.deep.equal({
            name: 'q',
            shape: queryShape(query),
            weight: 1,
            before: { index: '_all_docs', keysExamined: 1000, docsExamined: 1000, results: 10 },
            after: { index: 'byOwnerSize', keysExamined: 10, docsExamined: 10, results: 10 },
        });
        const database = new StateDatabase();
        for (const { _id, ...value } of sample)
            database.put(JSON.stringify(_id), JSON.stringify(value), '1:0');
        database.createIndex(indexRequest(advice.create[0]!));
        expect(database.find({ ...query, limit: 1000 }).stats.totalKeysExamined).to.equal(10);
        expect(advice.readCost).to.deep.equal({ before: 1000, after: 10 });
        expect(advice.writeCost).to.deep.equal({ before: 0, after: 1 });
    });

    it('merges queries that one index serves', () => {
        const queries = [
            { query: { selector: { owner: 'o1', size: { $gt: 5 } } } },
            { query: { selector: { owner: 'o2', size: 7 } } },
            { query: { selector: { size: 9, owner: 'o3' } } },
            { query: { selector: { owner: 'o4', size: { $lt: 3 } }, sort: ['owner', 'size'] } },
        ];
        const { create, queries: advised } = adviseIndexes({ queries, sample });
        expect(create.map(({ fields }) => fields)).to.deep.equal([['owner', 'size']]);
        expect(advised.every(({ after }) => after.index === 'byOwnerSize')).to.equal(true);
    });

    it('names indexes that are unused or redundant', () => {
        const indexes = [
            index('o', ['owner']),
            index('os', ['owner', 'size']),
            index('c', ['color']),
        ];
        const queries = [{ query: { selector: { owner: 'o1', size: { $gt: 100 } } } }];
        const advice = adviseIndexes({ queries, indexes, sample });
        expect(advice.keep.map(({ name }) => name)).to.deep.equal(['os']);
        expect(advice.drop.map(({ index: { name }, why }) => [name, why])).to.deep.equal([
            ['o', 'unused'],
            ['c', 'unused'],
        ]);
        expect(advice.create).to.deep.equal([]);
    });

    it('counts what an index costs the writes', () => {
        const queries = [{ query: { selector: { owner: 'o1' } } }];
        const cheap = adviseIndexes({ queries, sample, writes: 100 });
        expect(cheap.create).to.have.length(1);
        const dear = adviseIndexes({ queries, sample, writes: 1_000_000 });
        expect(dear.create).to.deep.equal([]);
    });

    it('drops a longer index that hardly reads less, and calls it redundant', () => {
        const indexes = [index('o', ['owner']), index('od', ['owner', 'docType'])];
        const queries = [
            { query: { selector: { owner: 'o1', docType: 'asset' } } },
            { query: { selector: { owner: 'o1' } } },
        ];
        const advice = adviseIndexes({ queries, indexes, sample, writes: 100 });
        expect(advice.keep.map(({ name }) => name)).to.deep.equal(['o']);
        expect(advice.drop.map(({ why }) => why)).to.deep.equal(['redundant']);
    });

    it('takes shapes, putting values of the sample in the open places', () => {
        const shape = JSON.parse(
            queryShape({ selector: { owner: 'x', size: { $gt: 1, $lt: 2 } } }),
        ) as JsonObject;
        const advice = adviseIndexes({ queries: [{ query: shape }], sample });
        expect(advice.create.map(({ fields }) => fields)).to.deep.equal([['owner', 'size']]);
        expect(advice.queries[0]?.after.keysExamined).to.be.within(1, 20);
    });

    it('makes the index of a sort that CouchDB refuses today', () => {
        const queries = [{ query: { selector: { owner: 'o1' }, sort: ['size'] } }];
        const advice = adviseIndexes({ queries, sample });
        expect(advice.queries[0]?.before.index).to.equal(undefined);
        expect(advice.queries[0]?.after.index).to.equal('byOwnerSize');
    });

    it('has nothing to propose for what no index narrows', () => {
        const queries = [
            { query: { selector: { $or: [{ a: 1 }, { b: 2 }] } } },
            { query: { selector: { a: { $exists: false } } } },
            { query: { nonsense: 1 } },
            { query: { selector: { 'a..b': 1 } } },
        ];
        expect(adviseIndexes({ queries, sample }).create).to.deep.equal([]);
    });

    it('assumes shares when there is no sample', () => {
        const advice = adviseIndexes({
            queries: [{ query: { selector: { a: 1, b: { $gt: 2 } } } }],
            documents: 100_000,
        });
        expect(advice.create.map(({ fields }) => fields)).to.deep.equal([['a', 'b']]);
        expect(advice.queries[0]?.before.keysExamined).to.equal(100_000);
        expect(advice.queries[0]?.after.keysExamined).to.equal(1500);
    });

    it('reads a recorded log', () => {
        const line = (selector: JsonObject): string =>
            JSON.stringify({ shape: queryShape({ selector }) });
        const log = `${line({ a: 1 })}\n${line({ a: 2 })}\n\n${line({ b: 1 })}\n`;
        expect(workloadFromLog(log).map(({ weight }) => weight)).to.deep.equal([2, 1]);
        for (const bad of ['{', '{}', '{"shape":"x"}', '{"shape":"[]"}', '[]']) {
            expect(
                failure(() => workloadFromLog(bad)),
                bad,
            ).to.equal('COUCHDB_WORKLOAD_INVALID');
        }
    });

    it('leaves out of a log what the monitor could not read', () => {
        const log = '{"shape":"?"}\n{"shape":"{\\"selector\\":{\\"a\\":\\"?\\"}}"}';
        expect(workloadFromLog(log).map(({ weight }) => weight)).to.deep.equal([1]);
    });

    it('advises on one database: the public state or a collection', () => {
        const shape = '{\\"selector\\":{\\"a\\":\\"?\\"}}';
        const other = '{\\"selector\\":{\\"b\\":\\"?\\"}}';
        const queries = workloadFromLog(
            `{"shape":"${shape}","collection":""}\n{"shape":"${shape}","collection":"secret"}\n` +
                `{"shape":"${other}","collection":"secret"}`,
        );
        expect(queries).to.have.length(3);
        const made = (collection?: string): unknown[] =>
            adviseIndexes({ queries, ...(collection !== undefined && { collection }) }).create.map(
                (one) => [one.fields, one.collection],
            );
        expect(made()).to.deep.equal([[['a'], undefined]]);
        expect(made('secret')).to.deep.equal([
            [['a'], 'secret'],
            [['b'], 'secret'],
        ]);
    });

    it('advises on the rest when a query compares what no index can hold', () => {
        const queries = [
            { query: { selector: { $and: ['x', { owner: 'o1' }] } } },
            { query: { selector: { owner: 'o1' } } },
        ];
        const { create } = adviseIndexes({ queries, sample });
        expect(create.map(({ fields }) => fields)).to.deep.equal([['owner']]);
    });

    it('proposes as many columns as an index may have', () => {
        const names = Array.from({ length: 30 }, (_, at) => `f${String(at)}`);
        const selector = { ...Object.fromEntries(names.map((name) => [name, 1])), z: { $gt: 1 } };
        const { create, queries } = adviseIndexes({ queries: [{ query: { selector } }] });
        expect(create[0]?.fields).to.have.length(16).and.include('z');
        expect(queries[0]?.after.index).to.equal(create[0]?.name);
    });

    it('refuses weights and numbers that are none', () => {
        const query = { selector: { a: 1 } };
        for (const weight of [-1, Number.NaN, Infinity]) {
            expect(failure(() => adviseIndexes({ queries: [{ query, weight }] }))).to.equal(
                'COUCHDB_WORKLOAD_INVALID',
            );
        }
        expect(failure(() => adviseIndexes({ queries: [], writes: -1 }))).to.equal(
            'COUCHDB_WORKLOAD_INVALID',
        );
        const many = Array.from({ length: 10_001 }, () => ({ query }));
        expect(failure(() => adviseIndexes({ queries: many }))).to.equal(
            'COUCHDB_WORKLOAD_INVALID',
        );
    });

    it('never makes the workload dearer, and keeps no index it could spare', () => {
        const field = fc.constantFrom('docType', 'owner', 'size', 'color');
        const condition = fc.constantFrom<Json>(
            'asset',
            { $gt: 10 },
            { $lte: 'o3' },
            { $in: ['red'] },
            { $ne: 1 },
            'o5',
            7,
        );
        const query = fc
            .dictionary(field, condition, { minKeys: 1, maxKeys: 3 })
            .map((selector) => ({ query: { selector } }));
        const existing = fc
            .uniqueArray(field, { maxLength: 2 })
            .map((fields) => (fields.length === 0 ? [] : [index('x', fields)]));
        fc.assert(
            fc.property(
                fc.array(query, { minLength: 1, maxLength: 6 }),
                existing,
                (queries, indexes) => {
                    const advice = adviseIndexes({
                        queries,
                        indexes,
                        sample: sample.slice(0, 100),
                    });
                    const total = (when: 'before' | 'after'): number =>
                        advice.readCost[when] + 2 * advice.writeCost[when];
                    expect(total('after')).to.be.at.most(total('before') + 1e-6);
                    const kept = [...advice.keep, ...advice.create.map(toCouchdbIndex)].map(
                        ({ name }) => name,
                    );
                    const used = new Set(advice.queries.map(({ after }) => after.index));
                    expect(kept.filter((name) => !used.has(name))).to.deep.equal([]);
                },
            ),
            { numRuns: 100 },
        );
    });
});
