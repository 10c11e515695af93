import { CouchdbError, StateDatabase as Documents } from '@goodput/couchdb';
import type { RichQuery as Rows } from '@goodput/couchdb';
import type { Version } from '@goodput/rwset';

import { isBookkeeping } from './bookkeeping.js';
import { checkCouchKey, checkCouchKeyAndValue, couchAccepts } from './couch-rules.js';
import { couchStored, refusedByCouch } from './couch-rules.js';
import { isHashedNamespace } from './namespaces.js';
import { promised } from './promised.js';
import { encodeRow } from './range-rows.js';
import { refuse } from './refusals.js';
import type { RowSource } from './result-batches.js';
import type { IndexOutcome, RichQuery, StateDatabase } from './state-database.js';
import type { WorldState } from './state.js';
import type { StateWrite } from './storage.js';

/** How {@link EmbeddedCouch} behaves. */
export interface EmbeddedCouchOptions {
    readonly internalQueryLimit: number;
    readonly totalQueryLimit: number;
    /** Told what a peer would write to its log. */
    readonly log: (line: string) => void;
    /** The index files deployed to a namespace so far, oldest first. */
    readonly indexFiles: (namespace: string) => readonly ReadonlyMap<string, string>[];
}

/**
 * CouchDB's rules and rich queries without a CouchDB. The documents of a namespace are set up when it
 * is first queried, and follow its writes from then on.
 */
export class EmbeddedCouch implements StateDatabase {
    readonly kind = 'couchdb';
    readonly rangeBatchSize: number;
    readonly checkKey = checkCouchKey;
    readonly checkKeyAndValue = checkCouchKeyAndValue;
    readonly accepts = couchAccepts;
    readonly stored = couchStored;
    readonly #options: EmbeddedCouchOptions;
    readonly #documents = new Map<string, Documents>();

    constructor(options: EmbeddedCouchOptions) {
        this.#options = options;
        this.rangeBatchSize = options.internalQueryLimit;
    }

    query(query: RichQuery): Promise<RowSource> {
        return promised(() => {
            const { namespace, state, isPast, paging } = query;
            const documents =
                state === undefined
                    ? this.#emptyDocuments(namespace)
                    : isPast === true
                      ? this.#filledDocuments(namespace, state)
                      : this.#documentsOf(namespace, state);
            const rows = answered(() =>
                documents.query(query.query, {
                    pageSize: paging?.pageSize ?? 0,
                    bookmark: paging?.bookmark ?? '',
                }),
            );
            return new DocumentRows(rows, query);
        });
    }

    opened(): Promise<void> {
        return Promise.resolve();
    }

    apply(writes: readonly StateWrite[]): Promise<void> {
        for (const { namespace, key, value } of writes) {
            const documents = this.#documents.get(namespace);
            if (!documents || isBookkeeping(namespace) || isHashedNamespace(namespace)) continue;
            if (value) documents.put(key, value.value, versionText(value.version));
            else documents.delete(key);
        }
        return Promise.resolve();
    }

    outOfStep(): void {
        this.#documents.clear();
    }

    rewound(): Promise<void> {
        this.#documents.clear();
        return Promise.resolve();
    }

    deployIndexes(
        namespace: string,
        files: ReadonlyMap<string, string>,
    ): Promise<readonly IndexOutcome[]> {
        // also refused files are known only when they are tried: on a database of their own, if the
        // namespace has not been queried yet
        const documents = this.#documents.get(namespace) ?? new Documents();
        const outcomes = applyFiles(documents, files);
        return Promise.resolve(outcomes);
    }

    #documentsOf(namespace: string, state: WorldState): Documents {
        let documents = this.#documents.get(namespace);
        if (!documents) {
            documents = this.#filledDocuments(namespace, state);
            this.#documents.set(namespace, documents);
        }
        return documents;
    }

    #filledDocuments(namespace: string, state: WorldState): Documents {
        const documents = this.#emptyDocuments(namespace);
        for (const { key, value, version } of state.range(namespace, '', '')) {
            documents.put(key, value, versionText(version));
        }
        return documents;
    }

    #emptyDocuments(namespace: string): Documents {
        const { internalQueryLimit, totalQueryLimit, log, indexFiles } = this.#options;
        const documents = new Documents({
            internalQueryLimit,
            totalQueryLimit,
            onWarning: (warning, request) => {
                log(
                    `The query [${JSON.stringify(request)}] caused the following warning: ` +
                        `[${warning}]`,
                );
            },
        });
        for (const files of indexFiles(namespace)) applyFiles(documents, files);
        return documents;
    }
}

/** The rows of a rich query as a chaincode gets them. */
class DocumentRows implements RowSource {
    readonly #rows: Rows;
    readonly #query: RichQuery;

    constructor(rows: Rows, query: RichQuery) {
        this.#rows = rows;
        this.#query = query;
    }

    next(): Promise<Uint8Array | undefined> {
        return promised(() => {
            const row = answered(() => this.#rows.next());
            if (!row) return undefined;
            this.#query.onRow?.({ key: row.key, version: parseVersion(row.version) });
            return encodeRow(this.#query.rowNamespace, row.key, row.value);
        });
    }

    bookmark(): string {
        return this.#rows.bookmark;
    }

    close(): void {
        // nothing is held open: every page was a request of its own
    }
}

function applyFiles(documents: Documents, files: ReadonlyMap<string, string>): IndexOutcome[] {
    return documents.applyIndexFiles(files).map(({ file, refusal }) => ({
        file,
        refusal: refusal?.reason ?? refusal?.message,
    }));
}

/** Gives CouchDB's own errors the form in which they reach a chaincode. */
function answered<T>(request: () => T): T {
    try {
        return request();
    } catch (error) {
        if (!(error instanceof CouchdbError)) throw error;
        const { status, error: name, reason, message } = error;
        if (status === undefined) refuse(message);
        return refusedByCouch(status, name ?? '', reason ?? '');
    }
}

function versionText({ blockNum, txNum }: Version): string {
    return `${blockNum}:${txNum}`;
}

function parseVersion(text: string): Version {
    const [blockNum, txNum] = text.split(':').map(Number);
    return { blockNum: blockNum ?? 0, txNum: txNum ?? 0 };
}
