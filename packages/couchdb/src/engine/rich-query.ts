import { CouchdbError } from '../errors.js';
import { textOf, type JsonObject } from '../json.js';
import type { FindResult } from './find.js';
import { peerRewrite } from './peer-query.js';
import { VERSION_FIELD } from './restrictions.js';

/** A row of a rich query. */
export interface RichQueryRow {
    readonly key: string;
    /** The value, in the bytes a chaincode gets. */
    readonly value: Uint8Array;
    /** The version the row was put with. */
    readonly version: string;
}

/** How a rich query is run. */
export interface RichQueryOptions {
    /** Rows asked for; 0 for all. Beyond 0 (or with a bookmark) the query is a paginated one. */
    readonly pageSize?: number;
    /** Where to go on. @default '' */
    readonly bookmark?: string;
}

/** What a rich query needs of the database. */
export interface RichQuerySource {
    readonly internalQueryLimit: number;
    readonly totalQueryLimit: number;
    readonly find: (request: JsonObject) => FindResult;
    /** The value in bytes; `projected` when only some fields were asked for. */
    readonly toValue: (document: JsonObject) => Uint8Array;
}

/**
 * A rich query in progress, row by row, with the internal pages a peer reads: each page is a request of
 * its own and sees the database as it is then.
 */
export class RichQuery implements Iterable<RichQueryRow> {
    readonly #source: RichQuerySource;
    readonly #query: string;
    readonly #pageSize: number;
    readonly #pages: FindResult[] = [];
    readonly #total: number;
    #bookmark: string;
    #page: readonly JsonObject[];
    #at = 0;
    #returned = 0;

    /** Runs the first page, so that a query CouchDB refuses is refused here. */
    constructor(source: RichQuerySource, query: string, options: RichQueryOptions = {}) {
        const { pageSize = 0, bookmark = '' } = options;
        if (!Number.isInteger(pageSize)) {
            const message = `pageSize is ${String(pageSize)}; give a whole number of rows, 0 for all.`;
            throw new CouchdbError('COUCHDB_OPTION_INVALID', message);
        }
        this.#source = source;
        this.#query = query;
        this.#pageSize = pageSize;
        this.#bookmark = bookmark;
        const limit = source.totalQueryLimit;
        this.#total = pageSize > 0 ? Math.min(pageSize, limit) : limit;
        this.#page = this.#fetch();
    }

    #fetch(): readonly JsonObject[] {
        const { internalQueryLimit } = this.#source;
        const left = this.#pageSize - this.#returned;
        const limit = this.#pageSize > 0 ? Math.min(left, internalQueryLimit) : internalQueryLimit;
        const result = this.#source.find(peerRewrite(this.#query, limit, this.#bookmark));
        this.#pages.push(result);
        this.#bookmark = result.bookmark ?? '';
        return result.docs;
    }

    /** Where the next query goes on; `nil` when nothing was found, as CouchDB says it. */
    get bookmark(): string {
        return this.#bookmark;
    }

    /** The internal pages read so far: what each examined, and CouchDB's warnings. */
    get pages(): readonly FindResult[] {
        return this.#pages;
    }

    /** Rows given so far. */
    get fetchedRecordsCount(): number {
        return this.#returned;
    }

    /** Whether `totalQueryLimit` has ended the query, which a peer does without a word. */
    get isTruncated(): boolean {
        return this.#returned >= this.#source.totalQueryLimit;
    }

    /** The next row, or undefined after the last. */
    next(): RichQueryRow | undefined {
        if (this.#returned >= this.#total || this.#page.length === 0) return undefined;
        if (this.#at >= this.#source.internalQueryLimit) {
            this.#page = this.#fetch();
            this.#at = 0;
        }
        const document = this.#page[this.#at];
        if (document === undefined) return undefined;
        this.#at++;
        this.#returned++;
        return {
            key: textOf(document, '_id'),
            value: this.#source.toValue(document),
            version: textOf(document, VERSION_FIELD),
        };
    }

    *[Symbol.iterator](): Generator<RichQueryRow> {
        for (let row = this.next(); row !== undefined; row = this.next()) yield row;
    }
}
