import { expect } from 'chai';
import {
    adviseIndexes,
    lintQueries,
    parseIndexRequest,
    scanSources,
    workloadFromSources,
    type CouchdbIndex,
    type SourceQuery,
} from '../index.js';

async function scan(source: string, file = 'contract.ts'): Promise<readonly SourceQuery[]> {
    const { queries, unreadable } = await scanSources(new Map([[file, source]]));
    expect(unreadable).to.deep.equal([]);
    return queries;
}

async function only(source: string, file?: string): Promise<SourceQuery> {
    const queries = await scan(source, file);
    expect(queries).to.have.length(1);
    return queries[0]!;
}

describe('the search for queries in sources', () => {
    it('finds one given as text', async () => {
        const found = await only(`
            class C { async q(ctx) {
                return ctx.stub.getQueryResult('{"selector":{"owner":"alice"}}');
            } }`);
        expect(found.query).to.deep.equal({ selector: { owner: 'alice' } });
        expect(found).to.include({
            file: 'contract.ts',
            line: 3,
            joined: false,
            paginated: false,
            writes: false,
        });
    });

    it('finds one put through JSON.stringify, with what only running tells left open', async () => {
        const found = await only(`
            @Info({ title: 'x' })
            export class C extends Contract {
                @Transaction(false)
                async q(ctx: Context, owner: string, @Param() min: number): Promise<string> {
                    const selector = { docType: 'asset', owner, size: { $gte: min } } as const;
                    const query = { selector, sort: [{ size: 'desc' }] } satisfies object;
                    const rows = await ctx.stub.getQueryResultWithPagination(JSON.stringify(query), 50, '');
                    return rows!.metadata.bookmark;
                }
            }`);
        expect(found.query).to.deep.equal({
            selector: { docType: 'asset', owner: '«owner»', size: { $gte: '«min»' } },
            sort: [{ size: 'desc' }],
        });
        expect(found.paginated).to.equal(true);
    });

    it('follows an object filled in step by step', async () => {
        const found = await only(
            `exports.q = async function (ctx, owner) {
                let query = {};
                query.selector = {};
                query.selector.docType = 'asset';
                query.selector['owner'] = owner;
                query.limit = -1;
                const text = JSON.stringify(query);
                return ctx.stub.getQueryResult(text);
            };`,
            'old.js',
        );
        expect(found.query).to.deep.equal({
            selector: { docType: 'asset', owner: '«owner»' },
            limit: -1,
        });
    });

    it('sees where text is joined', async () => {
        const template = await only(
            'async (s, o, n) => s.getQueryResult(`{"selector":{"owner":"${o}","size":${n}}}`)',
        );
        expect(template.joined).to.equal(true);
        expect(template.query).to.deep.equal({ selector: { owner: '«o»', size: '«n»' } });
        const plus = await only(
            `async (s, o) => s.getQueryResult('{"selector":{"owner":"' + o + '"}}')`,
        );
        expect(plus.joined).to.equal(true);
        expect(plus.query).to.deep.equal({ selector: { owner: '«o»' } });
        const constant = await only(
            `const A = '{"selector":'; const f = (s) => s.getQueryResult(A + '{"a":1}}')`,
        );
        expect(constant).to.deep.include({ joined: false, query: { selector: { a: 1 } } });
    });

    it('does not take a joined value inside an object for a joined query', async () => {
        const found = await only(
            'async (s, o) => s.getQueryResult(JSON.stringify({ selector: { id: `asset-${o}` } }))',
        );
        expect(found.joined).to.equal(false);
        expect(found.query).to.deep.equal({ selector: { id: 'asset-«o»' } });
    });

    it('reads the query builder, and the index it is given from another file', async () => {
        const { queries, definitions } = await scanSources(
            new Map([
                [
                    'indexes.ts',
                    `export const byOwner = defineIndex<Asset>({ name: 'byOwner', fields: ['docType', 'owner', 'size'] });`,
                ],
                [
                    'contract.ts',
                    `async function q(stub: Stub, owner: string) {
                        const query = queryIndex(byOwner).equal('docType', 'asset').equal('owner', owner);
                        const narrowed = query.between('size', { atLeast: 5, below: 10 }).sort('desc').fields('size');
                        return stub.getQueryResultWithPagination(narrowed.toString(), 10, '');
                    }`,
                ],
            ]),
        );
        expect([...definitions.keys()]).to.deep.equal(['byOwner']);
        expect(queries[0]?.query).to.deep.equal({
            selector: {
                docType: { $eq: 'asset' },
                owner: { $eq: '«owner»' },
                size: { $gte: 5, $lt: 10 },
            },
            sort: [{ size: 'desc' }],
            fields: ['size'],
            use_index: ['byOwnerDoc', 'byOwner'],
        });
    });

    it('knows the collection and whether the same function writes', async () => {
        const [first, second] = await scan(`class C {
            async a(ctx) {
                await ctx.stub.putState('k', v);
                return ctx.stub.getPrivateDataQueryResult('secret', '{"selector":{"a":1}}');
            }
            async b(ctx, where) { return ctx.stub.getPrivateDataQueryResult(where, '{"selector":{"a":1}}'); }
        }`);
        expect(first).to.include({ collection: 'secret', writes: true });
        expect(second).to.include({ collection: undefined, writes: false });
    });

    it('says so when it cannot read a query', async () => {
        const found = await only('async (s, text) => s.getQueryResult(text)');
        expect(found.query).to.equal(undefined);
        expect(found.joined).to.equal(false);
    });

    it('follows a query handed to a function that only passes it on', async () => {
        const source = `class C extends Contract {
            async byOwner(ctx, owner) {
                const query = {};
                query.selector = { docType: 'asset' };
                query.selector.owner = owner;
                return this.read(ctx, JSON.stringify(query));
            }
            async adHoc(ctx, text) { return this.read(ctx, text); }
            async read(ctx, text = '') {
                const rows = await ctx.stub.getQueryResult(text);
                return rows;
            }
        }`;
        const found = await scan(source, 'contract.js');
        expect(found.map(({ line, query }) => [line, query])).to.deep.equal([
            [6, { selector: { docType: 'asset', owner: '«owner»' } }],
            [8, undefined],
        ]);
        const { queries } = await scanSources(
            new Map([
                [
                    'all.ts',
                    `export const all = (stub: Stub, query: object) => stub.getQueryResult(JSON.stringify(query));`,
                ],
                ['contract.ts', `const q = (s: Stub, o: string) => all(s, { selector: { o } });`],
                // Another function of that name.
                ['other.ts', `const other = Promise.all([1, 2], { most: 3 });`],
            ]),
        );
        expect(queries.map(({ file, query }) => [file, query])).to.deep.equal([
            ['contract.ts', { selector: { o: '«o»' } }],
        ]);
    });

    it('ends on functions that hand on to each other', async () => {
        const found = await only(
            'const a = (s, q) => { b(s, q); s.getQueryResult(q); }; const b = (s, q) => a(s, q);',
        );
        expect(found.query).to.equal(undefined);
    });

    it('does not take a parameter for the constant it hides', async () => {
        const found = await only(
            `const q = '{"selector":{"a":1}}'; const f = (s, { q }) => s.getQueryResult(q);`,
        );
        expect(found.query).to.equal(undefined);
    });

    it('reads what is assigned to a variable declared without a value', async () => {
        const found = await only(
            `const f = (s, o) => { let q; q = { selector: { o } }; return s.getQueryResult(JSON.stringify(q)); };`,
        );
        expect(found.query).to.deep.equal({ selector: { o: '«o»' } });
    });

    it('finds a method called by its quoted name', async () => {
        const found = await only(`f = (s) => s['getQueryResult']('{"selector":{"a":1}}');`);
        expect(found.query).to.deep.equal({ selector: { a: 1 } });
    });

    for (const [given, read] of [
        ['{ selector: { o: { $in: list } } }', { selector: { o: { $in: ['«list»'] } } }],
        ['{ selector: { o: { $size: n } } }', { selector: { o: { $size: 0 } } }],
        ['{ selector: { o: { $mod: [n, 1] } } }', { selector: { o: { $mod: [1, 0] } } }],
        [
            '{ selector: { o: { $elemMatch: inner } } }',
            { selector: { o: { $elemMatch: { $exists: true } } } },
        ],
        [
            '{ selector: { o: 1 }, sort: [{ o: way }], fields: names, use_index: hint }',
            { selector: { o: 1 }, sort: [{ o: 'asc' }] },
        ],
        ['{ selector: { $or: list } }', undefined],
        ['{ selector: { $and: [{ o: 1 }, ...list] } }', undefined],
        ['{ selector: { o: { $exists: flag } } }', undefined],
        ['{ selector: { o: { $not: inner } } }', undefined],
        ['{ selector: { o: 1, ...rest } }', undefined],
        ['{ selector: { [name]: 1 } }', undefined],
        ['{ selector: where }', undefined],
        ['{ selector: { o: 1 }, sort: by }', undefined],
        ['{ selector: { o: 1 }, sort: [{ [by]: "asc" }] }', undefined],
        ['{ ...rest, limit: 1 }', undefined],
    ] as const) {
        it(`takes nothing unknown for wrong: ${given}`, async () => {
            const found = await only(
                `const f = (s) => s.getQueryResult(JSON.stringify(${given}));`,
            );
            expect(found.query).to.deep.equal(read);
            const indexesOf = (): CouchdbIndex[] => [
                parseIndexRequest({ index: { fields: ['o'] }, ddoc: 'd', name: 'o' }),
            ];
            const rules = lintQueries([found], { indexesOf }).map(({ rule }) => rule);
            expect(rules).to.not.include('Q26');
            expect(rules.includes('Q27')).to.equal(read === undefined);
            // A workload of it can be advised on.
            adviseIndexes({ queries: workloadFromSources([found]) });
        });
    }

    it('tells of a $beginsWith after conditions it contradicts, on which Mango fails', async () => {
        const rulesOf = async (selector: string): Promise<string[]> => {
            const found = await only(
                `f = (s) => s.getQueryResultWithPagination('{"selector":${selector}}', 9, '');`,
            );
            // A workload with such a query can be advised on.
            adviseIndexes({ queries: workloadFromSources([found]) });
            return lintQueries([found], { indexesOf: () => [] }).map(({ rule }) => rule);
        };
        expect(await rulesOf('{"$and":[{"a":{"$lt":2}},{"a":{"$beginsWith":"x"}}]}')).to.deep.equal(
            ['Q25'],
        );
        // A peer writes $beginsWith first, and then only the range is empty.
        expect(await rulesOf('{"a":{"$lt":2,"$beginsWith":"x"}}')).to.deep.equal(['Q01']);
    });

    it('ends on constants that refer to each other', async () => {
        const found = await only('const a = b; const b = a; const f = (s) => s.getQueryResult(a);');
        expect(found.query).to.equal(undefined);
    });

    it('goes on past a file it cannot parse', async () => {
        const { queries, unreadable } = await scanSources(
            new Map([
                ['bad.ts', 'class {'],
                ['good.ts', `f.getQueryResult('{"selector":{}}')`],
            ]),
        );
        expect(queries).to.have.length(1);
        expect(unreadable.map(({ code }) => code)).to.deep.equal(['COUCHDB_SOURCE_UNREADABLE']);
    });
});
