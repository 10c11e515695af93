import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import {
    CouchdbClient,
    CouchdbError,
    diagnoseQuery,
    explainQuery,
    parseIndexRequest,
    versionLine,
    type JsonObject,
} from '../index.js';

const INDEX = { index: { fields: ['owner'] }, ddoc: 'byOwner', name: 'byOwner' };

describe('the live CouchDB client', () => {
    let server: Server;
    let url: string;
    let seen: { method: string; path: string; authorization: string | undefined; body: string }[];
    let answer: (path: string, body: string) => { status?: number; body: string };

    beforeEach(async () => {
        seen = [];
        server = createServer((request, response) => {
            const chunks: Buffer[] = [];
            request.on('data', (chunk: Buffer) => chunks.push(chunk));
            request.on('end', () => {
                const body = Buffer.concat(chunks).toString('utf8');
                const path = request.url ?? '';
                seen.push({
                    method: request.method ?? '',
                    path,
                    authorization: request.headers.authorization,
                    body,
                });
                const given = answer(path, body);
                response.writeHead(given.status ?? 200, { 'content-type': 'application/json' });
                response.end(given.body);
            });
        });
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        url = `http://ad%40min:p%3Aw@127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    });
    afterEach(async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
    });

    function serve(explain: (request: JsonObject) => unknown): void {
        answer = (path, body) => {
            if (path === '/') return { body: '{"couchdb":"Welcome","version":"3.4.2"}' };
            if (path.endsWith('/_index')) {
                return {
                    body: JSON.stringify({
                        indexes: [
                            { ddoc: null, name: '_all_docs', type: 'special' },
                            {
                                ddoc: '_design/byOwner',
                                name: 'byOwner',
                                type: 'json',
                                def: { fields: [{ owner: 'asc' }] },
                            },
                        ],
                    }),
                };
            }
            if (path.endsWith('/_explain'))
                return { body: JSON.stringify(explain(JSON.parse(body) as JsonObject)) };
            return {
                body: JSON.stringify({
                    docs: [{ _id: 'a' }],
                    bookmark: 'b',
                    warning: 'w',
                    execution_stats: {
                        total_keys_examined: 3,
                        total_docs_examined: 2,
                        results_returned: 1,
                        execution_time_ms: 1.5,
                    },
                }),
            };
        };
    }

    it('explains and runs a query, and compares with the planner', async () => {
        const index = parseIndexRequest(INDEX);
        serve((request) => explainQuery([index], request, { database: 'mychannel_cc$$psecret' }));
        const couchdb = new CouchdbClient({ url, database: 'mychannel_cc$$psecret' });
        const request = { selector: { owner: 'alice' } };
        const agreed = await diagnoseQuery(couchdb, request, { run: true });
        expect(agreed.differences).to.deep.equal([]);
        expect(agreed.run).to.deep.equal({
            docs: [{ _id: 'a' }],
            bookmark: 'b',
            warning: 'w',
            stats: {
                totalKeysExamined: 3,
                totalDocsExamined: 2,
                totalQuorumDocsExamined: 0,
                resultsReturned: 1,
            },
            milliseconds: 1.5,
        });
        expect(seen.map(({ path }) => path)).to.include('/mychannel_cc%24%24psecret/_explain');
        expect(seen[0]?.authorization).to.equal(
            `Basic ${Buffer.from('ad@min:p:w').toString('base64')}`,
        );
        expect(JSON.parse(seen.at(-1)?.body ?? '')).to.deep.equal({
            ...request,
            execution_stats: true,
        });
        serve((asked) => explainQuery([], asked));
        expect((await diagnoseQuery(couchdb, request)).differences).to.deep.equal([
            'index',
            'mrargs',
            'index_candidates',
        ]);
    });

    it('gives what CouchDB refuses as a typed error', async () => {
        answer = () => ({ status: 400, body: '{"error":"no_usable_index","reason":"why"}' });
        const couchdb = new CouchdbClient({ url, database: 'd' });
        let caught: unknown;
        try {
            await couchdb.find({ selector: {} });
        } catch (error) {
            caught = error;
        }
        expect(caught).to.be.instanceOf(CouchdbError);
        expect(caught).to.include({
            code: 'COUCHDB_REFUSED',
            status: 400,
            error: 'no_usable_index',
            reason: 'why',
        });
    });

    it('gives all else that goes wrong as one typed error, without the password', async () => {
        const codes: string[] = [];
        const attempt = async (client: () => CouchdbClient): Promise<void> => {
            try {
                await client().version();
            } catch (error) {
                if (!(error instanceof CouchdbError)) throw error;
                codes.push(error.code);
                expect(`${error.message}${String(error.stack)}`).not.to.include('p%3Aw');
            }
        };
        answer = () => ({ body: '<html>' });
        await attempt(() => new CouchdbClient({ url, database: 'd' }));
        answer = () => ({ body: '"text"' });
        await attempt(() => new CouchdbClient({ url, database: 'd' }));
        await attempt(() => new CouchdbClient({ url: 'http://127.0.0.1:1', database: 'd' }));
        await attempt(() => new CouchdbClient({ url: 'nonsense', database: 'd' }));
        expect(codes).to.deep.equal(Array.from({ length: 4 }, () => 'COUCHDB_SERVER_FAILED'));
    });

    it('knows the release line of a version', () => {
        expect(
            ['2.3.1', '3.3.3', '3.4.2', '3.5.1', '3.6.0', '4.0.0'].map(versionLine),
        ).to.deep.equal(['3.3', '3.3', '3.4', '3.5', '3.5', '3.5']);
    });
});
