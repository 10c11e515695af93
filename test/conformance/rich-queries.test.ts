import { expect } from 'chai';
import { freshKey, race, type Client } from './support/client.js';
import { failureOf } from './support/failure.js';
import { useTarget } from './support/target.js';

interface Row {
    key: string;
    value: string;
}

describe('rich queries', () => {
    const target = useTarget({ stateDatabase: 'couchdb' });
    let client: Client;
    const kind = freshKey('car');
    before(async function () {
        this.timeout(180_000);
        target.current.needs(this, 'rich queries');
        client = target.current.client();
        const cars = [
            { color: 'red', size: 1, tags: ['a', 'b'] },
            { color: 'red', size: 3, tags: ['b'] },
            { color: 'blue', size: 2, owner: { name: 'ann' } },
            { color: 'green', size: 10, tags: [] },
        ];
        for (const [index, car] of cars.entries()) {
            await client.must('put', `${kind}-${index}`, JSON.stringify({ kind, ...car }));
        }
    });

    async function find(query: Record<string, unknown>): Promise<string[]> {
        const selector = { kind, ...(query['selector'] as object) };
        const rows = await client.ask<Row[]>('query', JSON.stringify({ ...query, selector }), '');
        return rows.map(({ key }) => key.slice(kind.length + 1));
    }

    const selectors: [string, object, string[]][] = [
        ['equality', { color: 'red' }, ['0', '1']],
        ['nothing that fits', { color: 'black' }, []],
        ['greater than', { size: { $gt: 2 } }, ['1', '3']],
        ['a range', { size: { $gte: 2, $lt: 10 } }, ['1', '2']],
        ['one of', { color: { $in: ['blue', 'green'] } }, ['2', '3']],
        ['none of', { color: { $nin: ['blue', 'green'] } }, ['0', '1']],
        ['or', { $or: [{ color: 'blue' }, { size: 1 }] }, ['0', '2']],
        ['not', { color: { $ne: 'red' } }, ['2', '3']],
        ['a field within', { 'owner.name': 'ann' }, ['2']],
        ['a field that exists', { owner: { $exists: true } }, ['2']],
        ['all of an array', { tags: { $all: ['b'] } }, ['0', '1']],
        ['an element of an array', { tags: { $elemMatch: { $eq: 'a' } } }, ['0']],
        ['a regular expression', { color: { $regex: '^r' } }, ['0', '1']],
    ];
    for (const [what, selector, expected] of selectors) {
        it(`find by ${what}`, async () => {
            expect((await find({ selector })).sort()).to.deep.equal(expected);
        });
    }

    it('give whole values, whatever fields are asked for beside them', async () => {
        const query = { selector: { kind, color: 'blue' } };
        const rows = await client.ask<Row[]>('query', JSON.stringify(query), '');
        expect(rows).to.have.length(1);
        expect(JSON.parse(rows[0]!.value)).to.deep.equal({
            kind,
            color: 'blue',
            size: 2,
            owner: { name: 'ann' },
        });
    });

    it('come in pages, each with a bookmark to the next', async () => {
        const seen: string[] = [];
        let bookmark = '';
        for (let page = 0; page < 3; page++) {
            const { rows, metadata } = await client.ask<{
                rows: Row[];
                metadata: { bookmark: string; fetchedRecordsCount: number };
            }>('queryPaged', JSON.stringify({ selector: { kind } }), '2', bookmark);
            expect(metadata.fetchedRecordsCount).to.equal(rows.length);
            seen.push(...rows.map(({ key }) => key));
            ({ bookmark } = metadata);
        }
        expect(seen.sort()).to.deep.equal([0, 1, 2, 3].map((index) => `${kind}-${index}`));
    });

    it('refuse an order for which there is no index', async () => {
        const query = { selector: { kind }, sort: [{ neverIndexed: 'asc' }] };
        const failure = await failureOf(client.evaluate('query', JSON.stringify(query), ''));
        expect(failure.text).to.match(/index/i);
    });

    it('refuse what is no query', async () => {
        for (const query of ['{', '{"selector":{"a":{"$noSuch":1}}}']) {
            const failure = await failureOf(client.evaluate('query', query, ''));
            expect(failure.status).to.equal('UNKNOWN');
        }
    });

    it('put what they found into the read set, and nothing else', async () => {
        const query = JSON.stringify({ selector: { kind, color: 'red' } });
        const untouched = await client.endorse('query', [query, freshKey()]);
        const other = await client.endorse('put', [
            `${kind}-2`,
            JSON.stringify({ kind, color: 'blue', size: 2, owner: { name: 'ann' } }),
        ]);
        expect(await race(other, untouched)).to.deep.equal(['VALID', 'VALID']);
        const stale = await client.endorse('query', [query, freshKey()]);
        const change = await client.endorse('put', [
            `${kind}-0`,
            JSON.stringify({ kind, color: 'red', size: 1, tags: ['a', 'b'] }),
        ]);
        expect(await race(change, stale)).to.deep.equal(['VALID', 'MVCC_READ_CONFLICT']);
    });

    it('do not notice what newly fits', async () => {
        const query = JSON.stringify({ selector: { kind, color: 'yellow' } });
        const early = await client.endorse('query', [query, freshKey()]);
        const insert = await client.endorse('put', [
            `${kind}-x`,
            JSON.stringify({ kind, color: 'yellow' }),
        ]);
        expect(await race(insert, early)).to.deep.equal(['VALID', 'VALID']);
    });

    it('do not see what is not JSON', async () => {
        await client.must('put', `${kind}-text`, 'not JSON');
        expect(await find({ selector: { color: 'red' } })).to.not.include('text');
        expect(await client.evaluate('get', `${kind}-text`)).to.equal('not JSON');
    });
});

describe('keys on CouchDB', () => {
    const target = useTarget({ stateDatabase: 'couchdb' });
    before(function () {
        target.current.needs(this, 'rich queries');
    });

    for (const [what, key] of [
        ['an empty one', ''],
        ['one that begins with an underscore', '_key'],
    ] as const) {
        it(`cannot be ${what}`, async () => {
            const failure = await failureOf(target.current.client().endorse('put', [key, 'x']));
            expect(failure.status).to.equal('ABORTED');
            expect(failure.text).to.match(/key/i);
        });
    }

    it('cannot hold JSON with fields that are CouchDB’s own', async () => {
        const client = target.current.client();
        for (const value of ['{"_id":"x"}', '{"~version":1}']) {
            const failure = await failureOf(client.endorse('put', [freshKey(), value]));
            expect(failure.status).to.equal('ABORTED');
        }
    });
});

describe('rich queries on LevelDB', () => {
    const target = useTarget();

    it('are refused', async function () {
        target.current.needs(this, 'an embedded network');
        const client = target.current.client();
        const failure = await failureOf(client.evaluate('query', '{"selector":{}}', ''));
        expect(failure.text).to.match(/not supported for leveldb/i);
    });
});
