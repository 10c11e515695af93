import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { CouchdbError, StateDatabase as Documents } from '@goodput/couchdb';
import type { Json, JsonObject } from '@goodput/couchdb';

interface Database {
    readonly docs: Map<string, JsonObject>;
    readonly engine: Documents;
}

type Answer = readonly [status: number, body: Json];

/**
 * As much of CouchDB's HTTP interface as a peer uses, in memory: databases, documents with revisions
 * that are checked, `_bulk_docs`, `_all_docs` by keys, `_index` and `_find`.
 */
export class FakeCouchdb {
    readonly databases = new Map<string, Database>();
    readonly #server: Server;
    /** So many requests fail with 503 before the next succeeds. */
    failures = 0;
    /** Of failing requests, only those whose path has this in it. */
    failing = '';
    #revision = 0;

    private constructor() {
        this.#server = createServer((request, response) => {
            void this.#handle(request, response);
        });
    }

    static async start(): Promise<FakeCouchdb> {
        const fake = new FakeCouchdb();
        await new Promise<void>((resolve) => {
            fake.#server.listen(0, '127.0.0.1', resolve);
        });
        return fake;
    }

    get url(): string {
        return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    }

    async stop(): Promise<void> {
        this.#server.closeAllConnections();
        await new Promise((resolve) => this.#server.close(resolve));
    }

    async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const text = Buffer.concat(chunks).toString();
        const path = (request.url ?? '').split('/').slice(1).map(decodeURIComponent);
        const [status, body] = this.#answer(request.method ?? '', path, text);
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
    }

    #answer(method: string, path: readonly string[], text: string): Answer {
        if (this.failures > 0 && path.join('/').includes(this.failing)) {
            this.failures--;
            return [503, { error: 'unavailable', reason: 'as the test wants it' }];
        }
        const [name = '', what] = path;
        if (name === '') return [200, { couchdb: 'Welcome', version: '3.4.2' }];
        const database = this.databases.get(name);
        const body = (text === '' ? {} : JSON.parse(text)) as JsonObject;
        if (what === undefined) return this.#onDatabase(method, name, database);
        if (!database) return [404, { error: 'not_found', reason: 'Database does not exist.' }];
        switch (what) {
            case '_all_docs':
                return [200, { rows: (body['keys'] as string[]).map((id) => row(database, id)) }];
            case '_bulk_docs':
                return [
                    201,
                    (body['docs'] as JsonObject[]).map((doc) => this.#save(database, doc)),
                ];
            case '_index':
                return refusable(() => {
                    const { ddoc, name: index } = database.engine.createIndex(body);
                    return { result: 'created', id: ddoc, name: index };
                });
            case '_find':
                return refusable(() => {
                    const { docs, bookmark, warning } = database.engine.find(body);
                    return { docs, bookmark: bookmark ?? 'nil', warning: warning ?? '' };
                });
            default:
                return this.#onDocument(method, database, what, body);
        }
    }

    #onDatabase(method: string, name: string, database: Database | undefined): Answer {
        if (method === 'DELETE') {
            this.databases.delete(name);
            return database
                ? [200, { ok: true }]
                : [404, { error: 'not_found', reason: 'missing' }];
        }
        if (database) return [412, { error: 'file_exists', reason: 'The database exists.' }];
        if (!/^[a-z][a-z0-9_$()+/-]*$/.test(name)) {
            return [400, { error: 'illegal_database_name', reason: name }];
        }
        this.databases.set(name, { docs: new Map(), engine: new Documents() });
        return [201, { ok: true }];
    }

    #onDocument(method: string, database: Database, id: string, body: JsonObject): Answer {
        if (method === 'GET') {
            const doc = database.docs.get(id);
            return doc ? [200, doc] : [404, { error: 'not_found', reason: 'missing' }];
        }
        const saved = this.#save(database, { ...body, _id: id });
        return [saved['error'] === undefined ? 201 : 409, saved];
    }

    #save(database: Database, doc: JsonObject): JsonObject {
        const { _id: id } = doc;
        if (typeof id !== 'string') return { error: 'bad_request', reason: 'no _id' };
        const before = database.docs.get(id);
        if (before?.['_rev'] !== doc['_rev']) {
            return { id, error: 'conflict', reason: 'Document update conflict.' };
        }
        if (doc['_deleted'] === true) {
            database.docs.delete(id);
            database.engine.delete(id);
            return { ok: true, id, rev: '' };
        }
        const rev = `${++this.#revision}-fake`;
        database.docs.set(id, { ...doc, _id: id, _rev: rev });
        const version = doc['~version'];
        if (typeof version === 'string') {
            const added = new Set(['_id', '_rev', '~version', '_attachments']);
            const value = Object.entries(doc).filter(([member]) => !added.has(member));
            const text =
                doc['_attachments'] === undefined
                    ? JSON.stringify(Object.fromEntries(value))
                    : 'binary';
            database.engine.put(id, text, version);
        }
        return { ok: true, id, rev };
    }
}

function row(database: Database, id: string): JsonObject {
    const rev = database.docs.get(id)?.['_rev'];
    return rev === undefined ? { key: id, error: 'not_found' } : { key: id, id, value: { rev } };
}

function refusable(request: () => Json): Answer {
    try {
        return [200, request()];
    } catch (error) {
        if (!(error instanceof CouchdbError)) throw error;
        return [error.status ?? 400, { error: error.error ?? '', reason: error.reason ?? '' }];
    }
}
