import { expect } from 'chai';
import { CouchdbError, StateDatabase, type Json } from '../index.js';

function text(value: Uint8Array): string {
    return Buffer.from(value).toString('utf8');
}

function failure(action: () => unknown): CouchdbError {
    try {
        action();
    } catch (error) {
        if (error instanceof CouchdbError) return error;
        throw error;
    }
    throw new Error('expected a refusal');
}

function query(selector: Json, rest: Record<string, Json> = {}): string {
    return JSON.stringify({ selector, ...rest });
}

function filled(rows: number): StateDatabase {
    const database = new StateDatabase();
    for (let at = 0; at < rows; at++) {
        const value = { owner: at % 2 === 0 ? 'alice' : 'Bob', size: at };
        database.put(
            `asset${String(at).padStart(5, '0')}`,
            JSON.stringify(value),
            `1:${String(at)}`,
        );
    }
    return database;
}

const BY_OWNER = { index: { fields: ['owner', 'size'] }, ddoc: 'byOwner', name: 'byOwner' };

describe('the embedded state database', () => {
    it('gives back key, value as a peer writes it, and version', () => {
        const database = new StateDatabase();
        database.put('k', ' {"b": "<", "a": [1.0]} ', '7:3');
        const [row] = [...database.query(query({ b: '<' }))];
        expect(row?.key).to.equal('k');
        expect(text(row!.value)).to.equal('{"a":[1],"b":"\\u003c"}');
        expect(row?.version).to.equal('7:3');
    });

    it('replaces and deletes rows in every index', () => {
        const database = filled(10);
        database.createIndex(BY_OWNER);
        database.put('asset00000', '{"owner":"carol","size":1}', '2:0');
        database.delete('asset00002');
        database.delete('absent');
        const alice = [...database.query(query({ owner: 'alice', size: { $gt: null } }))];
        expect(alice.map(({ key }) => key)).to.deep.equal([
            'asset00004',
            'asset00006',
            'asset00008',
        ]);
        const carol = [...database.query(query({ owner: 'carol', size: { $gte: 0 } }))];
        expect(carol.map(({ version }) => version)).to.deep.equal(['2:0']);
        expect(database.size).to.equal(9);
    });

    it('refuses keys and values CouchDB cannot hold, and writes nothing', () => {
        const database = new StateDatabase();
        for (const key of ['', '_x', 'a\ud800']) {
            expect(
                failure(() => {
                    database.put(key, '{}', '1:0');
                }).code,
            ).to.equal('COUCHDB_KEY_INVALID');
        }
        for (const value of ['{"_id":1}', '{"~version":1}', '{"_x":1}']) {
            expect(
                failure(() => {
                    database.put('k', value, '1:0');
                }).code,
            ).to.equal('COUCHDB_VALUE_INVALID');
        }
        database.put('k', '{"a":{"_x":1,"~version":2}}', '1:0');
        expect(database.size).to.equal(1);
    });

    it('keeps a value that is no JSON object as an attachment', () => {
        const database = new StateDatabase();
        for (const [key, value] of [
            ['a', '[1]'],
            ['b', 'null'],
            ['c', '"x"'],
            ['d', '{not json'],
        ] as const) {
            database.put(key, value, '1:0');
        }
        expect([...database.query(query({ a: 1 }))]).to.deep.equal([]);
        const rows = [...database.query(query({ _id: { $gte: 'a' } }))];
        expect(rows.map(({ value }) => text(value))).to.deep.equal([
            '[1]',
            'null',
            '"x"',
            '{not json',
        ]);
        const projected = [...database.query(query({ _id: 'a' }, { fields: ['a'] }))];
        expect(projected.map(({ value }) => text(value))).to.deep.equal(['{}']);
        database.put('a', '{"x":1}', '2:0');
        expect(text([...database.query(query({ _id: 'a' }))][0]!.value)).to.equal('{"x":1}');
    });

    it('sorts by ICU collation and breaks ties by id', () => {
        const database = new StateDatabase();
        database.createIndex({ index: { fields: ['name'] } });
        for (const [key, name] of [
            ['1', 'b'],
            ['2', 'B'],
            ['3', 'a'],
            ['4', 'A'],
            ['5', 'a'],
        ] as const) {
            database.put(key, JSON.stringify({ name }), '1:0');
        }
        const names = (direction: string): string[] =>
            [
                ...database.query(query({ name: { $gt: null } }, { sort: [{ name: direction }] })),
            ].map(({ key }) => key);
        expect(names('asc')).to.deep.equal(['3', '5', '4', '1', '2']);
        expect(names('desc')).to.deep.equal(['2', '1', '4', '5', '3']);
    });

    it('answers 400 no_usable_index to a sort no index yields', () => {
        const error = failure(() => filled(3).query(query({ size: 1 }, { sort: ['size'] })));
        expect([error.code, error.status, error.error]).to.deep.equal([
            'COUCHDB_REFUSED',
            400,
            'no_usable_index',
        ]);
    });

    it('projects fields, nested ones too', () => {
        const database = new StateDatabase();
        database.put('k', '{"a":{"b":1,"c":2},"d":3}', '1:0');
        const [row] = [...database.query(query({ d: 3 }, { fields: ['a.b', 'd', 'absent'] }))];
        expect(text(row!.value)).to.equal('{"a":{"b":1},"d":3}');
    });

    it('reads internal pages of 1000 rows and misses none', () => {
        const database = filled(2500);
        const all = database.query(query({ size: { $gte: 0 } }));
        expect([...all].length).to.equal(2500);
        expect(all.pages.map(({ docs }) => docs.length)).to.deep.equal([1000, 1000, 500]);
        database.createIndex(BY_OWNER);
        const sorted = { sort: [{ owner: 'desc' }, { size: 'desc' }] };
        const descending = [...database.query(query({ owner: { $gt: null } }, sorted))];
        expect(new Set(descending.map(({ key }) => key)).size).to.equal(2500);
        expect(descending[0]?.key).to.equal('asset02499');
    });

    it('applies skip again on every internal page, as a peer does', () => {
        const rows = [...filled(2500).query(query({ size: { $gte: 0 } }, { skip: 10 }))];
        expect(rows.length).to.equal(2500 - 3 * 10);
    });

    it('overwrites the limit of the query', () => {
        expect([...filled(50).query(query({ size: { $gte: 0 } }, { limit: 1 }))].length).to.equal(
            50,
        );
    });

    it('pages by bookmark', () => {
        const database = filled(25);
        database.createIndex(BY_OWNER);
        const selector = query({ owner: 'alice', size: { $gt: null } });
        const keys: string[] = [];
        let bookmark = '';
        for (;;) {
            const page = database.query(selector, { pageSize: 5, bookmark });
            const rows = [...page];
            keys.push(...rows.map(({ key }) => key));
            bookmark = page.bookmark;
            expect(page.fetchedRecordsCount).to.equal(rows.length);
            if (rows.length < 5) break;
        }
        expect(keys.length).to.equal(13);
        expect(new Set(keys).size).to.equal(13);
        expect([...database.query(selector, { pageSize: 5, bookmark })]).to.deep.equal([]);
        expect(database.query(selector, { pageSize: 5, bookmark }).bookmark).to.equal(bookmark);
    });

    it('passes over a row when the one its bookmark points to is gone, as CouchDB does', () => {
        const database = filled(10);
        const all = query({ size: { $gt: null } });
        const first = database.query(all, { pageSize: 4 });
        const keys = [...first].map(({ key }) => key);
        const { bookmark } = first;
        const next = (): string[] =>
            [...database.query(all, { pageSize: 2, bookmark })].map(({ key }) => key);
        const [fifth = '', sixth = ''] = next();
        database.delete(keys[3] ?? '');
        expect(next()[0]).to.equal(sixth);
        database.put(`${keys[3] ?? ''}a`, '{"size":4}', '2:0');
        expect(next()[0]).to.equal(fifth);
    });

    it('gives the bookmark nil for nothing, and refuses it back', () => {
        const database = filled(3);
        const nothing = database.query(query({ owner: 'nobody' }), { pageSize: 5 });
        expect([...nothing]).to.deep.equal([]);
        expect(nothing.bookmark).to.equal('nil');
        const again = failure(() => database.query(query({ owner: 'x' }), { bookmark: 'nil' }));
        expect(again.error).to.equal('invalid_bookmark');
    });

    it('cuts a query off at totalQueryLimit without an error', () => {
        const database = new StateDatabase({ totalQueryLimit: 7, internalQueryLimit: 3 });
        for (let at = 0; at < 10; at++) database.put(`k${String(at)}`, '{"a":1}', '1:0');
        const rows = database.query(query({ a: 1 }));
        expect([...rows].length).to.equal(7);
        expect(rows.isTruncated).to.equal(true);
        expect(rows.pages.length).to.equal(3);
        const page = database.query(query({ a: 1 }), { pageSize: 8 });
        expect([...page].length).to.equal(7);
    });

    it('reads across internal pages inside one page asked for', () => {
        const database = new StateDatabase({ internalQueryLimit: 3 });
        for (let at = 0; at < 10; at++) database.put(`k${String(at)}`, '{"a":1}', '1:0');
        const page = database.query(query({ a: 1 }), { pageSize: 8 });
        expect([...page].length).to.equal(8);
        expect(page.pages.map(({ docs }) => docs.length)).to.deep.equal([3, 3, 2]);
        const rest = [...database.query(query({ a: 1 }), { pageSize: 8, bookmark: page.bookmark })];
        expect(rest.map(({ key }) => key)).to.deep.equal(['k8', 'k9']);
    });

    it('warns when no index is usable, when use_index is passed over, and of long scans', () => {
        const warnings: string[] = [];
        const database = new StateDatabase({ onWarning: (warning) => warnings.push(warning) });
        for (let at = 0; at < 40; at++) {
            database.put(`k${String(at)}`, JSON.stringify({ a: at, b: 1 }), '1:0');
        }
        database.query(query({ a: 1 }, { use_index: 'none' }));
        expect(warnings.pop()).to.match(
            /^_design\/none was not used.*\nNo matching index found.*\nThe number/,
        );
        database.createIndex({ index: { fields: ['b'] }, ddoc: 'd', name: 'b' });
        database.query(query({ b: 1, a: { $in: [1, 2] } }, { use_index: ['d', 'b'] }));
        expect(warnings.pop()).to.match(/^The number of documents examined is high/);
        database.query(query({ b: 1 }));
        expect(warnings).to.deep.equal([]);
    });

    it('answers a covered query from the index alone', () => {
        const database = filled(4);
        database.createIndex({
            index: { fields: ['owner', 'size', '~version'] },
            name: 'c',
            ddoc: 'c',
        });
        const selector = { owner: 'alice', size: { $gt: null }, '~version': { $gt: null } };
        const run = database.query(query(selector, { fields: ['size'] }));
        expect([...run].map(({ value }) => text(value))).to.deep.equal([
            '{"size":0}',
            '{"size":2}',
        ]);
        expect(run.pages[0]?.stats.totalDocsExamined).to.equal(0);
        expect(run.pages[0]?.stats.totalKeysExamined).to.equal(2);
    });

    it('refuses options and values it cannot work with', () => {
        const database = new StateDatabase();
        for (const action of [
            () => new StateDatabase({ version: '2.0' as '3.3' }),
            () => new StateDatabase({ internalQueryLimit: 0 }),
            () => new StateDatabase({ totalQueryLimit: Number.NaN }),
            () => database.query(query({}), { pageSize: 1.5 }),
        ]) {
            expect(failure(action).code).to.equal('COUCHDB_OPTION_INVALID');
        }
        const bad = failure(() => {
            database.put('k', undefined as unknown as string, '1:0');
        });
        expect(bad.code).to.equal('COUCHDB_VALUE_INVALID');
    });

    it('refuses a query that is no JSON object, and fields that are no array', () => {
        const database = new StateDatabase();
        for (const bad of ['', '[]', 'null', '{', query({}, { fields: 'a' })]) {
            expect(failure(() => database.query(bad)).code).to.equal('COUCHDB_QUERY_UNREADABLE');
        }
        expect(failure(() => database.query('{}')).error).to.equal('missing_required_key');
        expect(failure(() => database.query(query({}, { nonsense: 1 }))).error).to.equal(
            'invalid_key',
        );
        expect(failure(() => database.query(query({}, { allow_fallback: false }))).error).to.equal(
            'invalid_key',
        );
    });

    it('applies index files by name and goes on past one CouchDB refuses', () => {
        const database = filled(4);
        const outcomes = database.applyIndexFiles(
            new Map([
                ['b.json', JSON.stringify(BY_OWNER)],
                [
                    'a.json',
                    JSON.stringify({ index: { fields: [{ a: 'asc' }, { b: 'desc' }] }, name: 'a' }),
                ],
                ['c.json', JSON.stringify({ ...BY_OWNER, index: { fields: ['size'] } })],
            ]),
        );
        expect(outcomes.map(({ file, refusal }) => [file, refusal?.error])).to.deep.equal([
            ['a.json', 'unsupported_mixed_sort'],
            ['b.json', undefined],
            ['c.json', undefined],
        ]);
        expect(database.indexes.map(({ fields }) => fields)).to.deep.equal([
            [{ field: 'size', direction: 'asc' }],
        ]);
    });
});
