import { compareCodePoints } from '../collation.js';
import { CouchdbError } from '../errors.js';
import { isJsonObject, textOf, type Json, type JsonObject } from '../json.js';
import { parseIndexRequest } from '../mango/create-index.js';
import { parseFindRequest } from '../mango/find-request.js';
import type { CouchdbIndex } from '../mango/index-definition.js';
import { planQuery, type Plan } from '../mango/plan.js';
import {
    COUCHDB_VERSIONS,
    DEFAULT_COUCHDB_VERSION,
    type CouchdbVersion,
} from '../mango/version.js';
import { DocumentStore } from './document-store.js';
import { executePlan, type FindResult } from './find.js';
import { readValue, refuseReserved, validateKey, valueOf, VERSION_FIELD } from './restrictions.js';
import { RichQuery, type RichQueryOptions } from './rich-query.js';

/** How a {@link StateDatabase} behaves. */
export interface StateDatabaseOptions {
    /** The CouchDB release to behave like. @default '3.4' */
    readonly version?: CouchdbVersion;
    /** Rows of one internal page, core.yaml's `internalQueryLimit`. @default 1000 */
    readonly internalQueryLimit?: number;
    /** Rows of one query, core.yaml's `totalQueryLimit`; cut off silently. @default 100000 */
    readonly totalQueryLimit?: number;
    /** Told of every warning CouchDB would give; a peer only writes it to its log. */
    readonly onWarning?: (warning: string, request: JsonObject) => void;
}

/** What became of one index file. */
export interface IndexFileOutcome {
    readonly file: string;
    /** The index made of it; undefined when CouchDB refused it. */
    readonly index: CouchdbIndex | undefined;
    /** Why CouchDB refused it, which a peer only writes to its log. */
    readonly refusal: CouchdbError | undefined;
}

const BINARY_STUB = { content_type: 'application/octet-stream', revpos: 1, stub: true };

function checkOptions(options: StateDatabaseOptions): void {
    const { version = DEFAULT_COUCHDB_VERSION } = options;
    if (!COUCHDB_VERSIONS.includes(version)) {
        throw new CouchdbError(
            'COUCHDB_OPTION_INVALID',
            `version is ${JSON.stringify(version)}; use one of ${COUCHDB_VERSIONS.join(', ')}.`,
        );
    }
    for (const name of ['internalQueryLimit', 'totalQueryLimit'] as const) {
        const value = options[name] ?? 1;
        if (Number.isInteger(value) && value > 0) continue;
        const message = `${name} is ${String(value)}; give a whole number of rows above 0.`;
        throw new CouchdbError('COUCHDB_OPTION_INVALID', message);
    }
}

/**
 * The state of one namespace or collection as a peer keeps it in CouchDB, in memory: rows in, rich
 * queries out, with CouchDB's planner, collation, sort, warnings and errors.
 *
 * @example
 * ```ts
 * const database = new StateDatabase();
 * database.createIndex({ index: { fields: ['owner'] }, ddoc: 'byOwner', name: 'byOwner' });
 * database.put('asset1', '{"owner":"alice"}', '1:0');
 * for (const row of database.query('{"selector":{"owner":"alice"}}')) console.log(row.key);
 * ```
 */
export class StateDatabase {
    readonly #store = new DocumentStore();
    readonly #binary = new Map<string, Uint8Array>();
    readonly #version: CouchdbVersion;
    readonly #onWarning: StateDatabaseOptions['onWarning'];

    /** Rows of one internal page. */
    readonly internalQueryLimit: number;
    /** Rows of one query. */
    readonly totalQueryLimit: number;

    /** @throws CouchdbError `COUCHDB_OPTION_INVALID` */
    constructor(options: StateDatabaseOptions = {}) {
        checkOptions(options);
        this.#version = options.version ?? DEFAULT_COUCHDB_VERSION;
        this.#onWarning = options.onWarning;
        this.internalQueryLimit = options.internalQueryLimit ?? 1000;
        this.totalQueryLimit = options.totalQueryLimit ?? 100_000;
    }

    /** Number of rows. */
    get size(): number {
        return this.#store.size;
    }

    /** The indexes there are. */
    get indexes(): readonly CouchdbIndex[] {
        return this.#store.indexes;
    }

    /**
     * Writes a row.
     *
     * @param version any text that names the row's version; a query gives it back
     * @throws CouchdbError `COUCHDB_KEY_INVALID`, `COUCHDB_VALUE_INVALID`: nothing has been written then
     */
    put(key: string, value: Uint8Array | string, version: string): void {
        validateKey(key);
        const { object } = readValue(value);
        refuseReserved(object);
        const added = { _id: key, _rev: `1-${'0'.repeat(32)}`, [VERSION_FIELD]: version };
        if (object === undefined) {
            const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
            this.#binary.set(key, bytes);
            const stub = { ...BINARY_STUB, length: bytes.byteLength };
            this.#store.put(key, { ...added, _attachments: { valueBytes: stub } });
        } else {
            this.#binary.delete(key);
            this.#store.put(key, { ...object, ...added });
        }
    }

    /** Deletes a row; nothing happens when there is none. */
    delete(key: string): void {
        this.#store.delete(key);
        this.#binary.delete(key);
    }

    /**
     * Makes an index as `POST /db/_index` does. One with the design document and name of another
     * replaces it; nothing else ever removes an index.
     *
     * @throws CouchdbError `COUCHDB_REFUSED` with the error CouchDB gives
     */
    createIndex(definition: Json): CouchdbIndex {
        const index = parseIndexRequest(definition, this.#version);
        this.#store.addIndex(index);
        return index;
    }

    /**
     * Applies index files as a peer does when a chaincode is deployed: in the order of their names, and
     * going on when CouchDB refuses one.
     *
     * @param files text of each file by its name, one group of `groupIndexFiles`
     * @returns what became of each file, in the order applied
     */
    applyIndexFiles(files: ReadonlyMap<string, string>): IndexFileOutcome[] {
        return [...files.keys()].sort(compareCodePoints).map((file) => {
            try {
                const definition = JSON.parse(files.get(file) ?? '') as Json;
                return { file, index: this.createIndex(definition), refusal: undefined };
            } catch (error) {
                if (error instanceof CouchdbError)
                    return { file, index: undefined, refusal: error };
                throw error;
            }
        });
    }

    /** Plans a request to `_find` without running it. */
    plan(request: Json): Plan {
        return planQuery(this.#store.indexes, parseFindRequest(request, this.#version));
    }

    /**
     * Answers a request to `_find` as CouchDB does.
     *
     * @throws CouchdbError `COUCHDB_REFUSED` with the error CouchDB gives
     */
    find(request: Json): FindResult {
        const result = executePlan(this.#store, this.plan(request));
        if (result.warning !== undefined && isJsonObject(request)) {
            this.#onWarning?.(result.warning, request);
        }
        return result;
    }

    /**
     * Runs a rich query as a peer does: `limit` overwritten, internal pages, bookmark.
     *
     * @throws CouchdbError `COUCHDB_QUERY_UNREADABLE`, `COUCHDB_REFUSED`
     */
    query(query: string, options: RichQueryOptions = {}): RichQuery {
        return new RichQuery(
            {
                internalQueryLimit: this.internalQueryLimit,
                totalQueryLimit: this.totalQueryLimit,
                find: (request) => this.find(request),
                toValue: (document) => this.#valueOf(document),
            },
            query,
            options,
        );
    }

    // A binary value comes back whole, unless `fields` has left out the attachment it is kept in.
    #valueOf(document: JsonObject): Uint8Array {
        const binary = this.#binary.get(textOf(document, '_id'));
        if (binary !== undefined && Object.hasOwn(document, '_attachments')) return binary;
        return new TextEncoder().encode(valueOf(document));
    }
}
