import { CouchdbError } from '../errors.js';
import { isJsonObject, type Json, type JsonObject } from '../json.js';
import { parseIndexRequest } from '../mango/create-index.js';
import type { ExecutionStats } from '../engine/find.js';
import type { Explanation } from '../mango/explain.js';
import type { CouchdbIndex } from '../mango/index-definition.js';

/** Where a live CouchDB is. */
export interface CouchdbClientOptions {
    /** Its address, such as `http://localhost:5984`; user and password may be part of it. */
    readonly url: string;
    /** A database: `CHANNEL_CHAINCODE`, or `CHANNEL_CHAINCODE$$pCOLLECTION` for private data. */
    readonly database: string;
    /** How long an answer may take, in milliseconds. @default 30000 */
    readonly timeoutMilliseconds?: number;
}

/** A row of `_find`, the warning and how much was read. */
export interface LiveFindResult {
    readonly docs: readonly JsonObject[];
    readonly bookmark: string;
    readonly warning: string | undefined;
    readonly stats: ExecutionStats | undefined;
    readonly milliseconds: number | undefined;
}

function failed(what: string, detail: string, cause?: unknown): CouchdbError {
    const message = `CouchDB: ${what}: ${detail}. Check the URL, the credentials and the database.`;
    return new CouchdbError('COUCHDB_SERVER_FAILED', message, { cause });
}

function numberIn(object: JsonObject, name: string): number {
    const value = object[name];
    return typeof value === 'number' ? value : 0;
}

function statsOf(value: Json | undefined): ExecutionStats | undefined {
    if (!isJsonObject(value)) return undefined;
    return {
        totalKeysExamined: numberIn(value, 'total_keys_examined'),
        totalDocsExamined: numberIn(value, 'total_docs_examined'),
        totalQuorumDocsExamined: numberIn(value, 'total_quorum_docs_examined'),
        resultsReturned: numberIn(value, 'results_returned'),
    };
}

/** "fetch failed" says nothing; what it was caused by does. */
function reasonOf(cause: unknown): string {
    if (!(cause instanceof Error)) return String(cause);
    return cause.cause instanceof Error ? cause.cause.message : cause.message;
}

/**
 * Asks a CouchDB directly, for diagnosis: what it would do with a query, and what a query costs. A peer
 * gives neither away. Only `createIndex`, `createDatabase`, `deleteDatabase` and `putDocuments` change
 * anything; they are for a database of your own, never for one a peer keeps its state in.
 *
 * @example
 * ```ts
 * const couchdb = new CouchdbClient({ url: 'http://localhost:5984', database: 'mychannel_asset' });
 * const { index } = await couchdb.explain({ selector: { owner: 'alice' } });
 * ```
 */
export class CouchdbClient {
    readonly #base: string;
    readonly #authorization: string | undefined;
    readonly #database: string;
    readonly #timeout: number;

    constructor(options: CouchdbClientOptions) {
        let url: URL;
        try {
            url = new URL(options.url);
        } catch {
            // The cause would show the address, and a password in it.
            throw failed('the address', 'it is no URL');
        }
        const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
        this.#authorization =
            url.username === '' ? undefined : `Basic ${Buffer.from(user).toString('base64')}`;
        this.#base = `${url.protocol}//${url.host}${url.pathname.replace(/\/$/, '')}`;
        this.#database = encodeURIComponent(options.database);
        this.#timeout = options.timeoutMilliseconds ?? 30_000;
    }

    async #request(method: string, path: string, body?: Json): Promise<JsonObject> {
        const what = `${method} ${path === '' ? '/' : path}`;
        let status: number;
        let text: string;
        try {
            const response = await fetch(`${this.#base}${path}`, {
                method,
                redirect: 'error',
                signal: AbortSignal.timeout(this.#timeout),
                headers: {
                    accept: 'application/json',
                    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
                    ...(this.#authorization === undefined
                        ? {}
                        : { authorization: this.#authorization }),
                },
                ...(body === undefined ? {} : { body: JSON.stringify(body) }),
            });
            status = response.status;
            text = await response.text();
        } catch (cause) {
            throw failed(what, reasonOf(cause), cause);
        }
        return this.#read(what, status, text);
    }

    #read(what: string, status: number, text: string): JsonObject {
        let answer: unknown;
        try {
            answer = JSON.parse(text);
        } catch (cause) {
            throw failed(what, `the answer (status ${String(status)}) is not JSON`, cause);
        }
        if (Array.isArray(answer)) return { rows: answer as Json[] };
        if (!isJsonObject(answer)) throw failed(what, 'the answer is no object');
        if (status < 400) return answer;
        const { error, reason } = answer;
        const [name, why] = [error, reason].map((one) => (typeof one === 'string' ? one : ''));
        throw new CouchdbError(
            'COUCHDB_REFUSED',
            `CouchDB answers ${what} with ${String(status)} ${name ?? ''}: ${why ?? ''}`,
            { status, error: name ?? '', reason: why ?? '' },
        );
    }

    /** CouchDB's version, such as `3.4.2`. */
    async version(): Promise<string> {
        const { version } = await this.#request('GET', '/');
        return typeof version === 'string' ? version : '';
    }

    /** What CouchDB would do with a request, by its own `_explain`. */
    async explain(request: JsonObject): Promise<Explanation> {
        const answer = await this.#request('POST', `/${this.#database}/_explain`, request);
        return answer as unknown as Explanation;
    }

    /** Runs a request and says what it read. */
    async find(request: JsonObject): Promise<LiveFindResult> {
        const asked = { ...request, execution_stats: true };
        const answer = await this.#request('POST', `/${this.#database}/_find`, asked);
        const { docs, bookmark, warning, execution_stats: stats } = answer;
        const time = isJsonObject(stats) ? stats['execution_time_ms'] : undefined;
        return {
            docs: Array.isArray(docs) ? (docs as Json[]).filter(isJsonObject) : [],
            bookmark: typeof bookmark === 'string' ? bookmark : '',
            warning: typeof warning === 'string' ? warning : undefined,
            stats: statsOf(stats),
            milliseconds: typeof time === 'number' ? time : undefined,
        };
    }

    /** The JSON indexes of the database. */
    async indexes(): Promise<CouchdbIndex[]> {
        const { indexes } = await this.#request('GET', `/${this.#database}/_index`);
        const listed = Array.isArray(indexes) ? (indexes as Json[]).filter(isJsonObject) : [];
        return listed
            .filter(({ type }) => type === 'json')
            .map(({ ddoc = null, name = null, def = null }) =>
                parseIndexRequest({ ddoc, name, index: def }, '3.5'),
            );
    }

    /** Makes an index. */
    async createIndex(definition: JsonObject): Promise<void> {
        await this.#request('POST', `/${this.#database}/_index`, definition);
    }

    /** Makes the database. */
    async createDatabase(): Promise<void> {
        await this.#request('PUT', `/${this.#database}`);
    }

    /** Deletes the database with all it holds. */
    async deleteDatabase(): Promise<void> {
        await this.#request('DELETE', `/${this.#database}`);
    }

    /** Stores documents. */
    async putDocuments(docs: readonly JsonObject[]): Promise<void> {
        await this.#request('POST', `/${this.#database}/_bulk_docs`, { docs: [...docs] });
    }

    /** Some documents, for the advisor; design documents are left out. */
    async sample(limit: number): Promise<JsonObject[]> {
        const { docs } = await this.find({ selector: { _id: { $gt: null } }, limit });
        return [...docs];
    }
}
