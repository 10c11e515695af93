import { goJson } from '@goodput/couchdb';
import type { JsonObject } from '@goodput/couchdb';

import { decodeVersion } from './couch-layout.js';
import { encodeRow } from './range-rows.js';
import { refuse } from './refusals.js';
import type { RowSource } from './result-batches.js';
import type { RichQuery } from './state-database.js';

/** One answer of `_find`. */
export interface Page {
    readonly docs: readonly JsonObject[];
    readonly bookmark: string;
}

export const NO_PAGE: Page = { docs: [], bookmark: '' };

/** The rows of a rich query, fetched page by page as a peer fetches them. */
export class ServerRows implements RowSource {
    readonly #query: RichQuery;
    readonly #fetch: (limit: number, bookmark: string) => Promise<Page>;
    readonly #pageLimit: number;
    #page = NO_PAGE;
    #at = 0;
    #returned = 0;

    constructor(
        query: RichQuery,
        fetch: (limit: number, bookmark: string) => Promise<Page>,
        pageLimit: number,
    ) {
        this.#query = query;
        this.#fetch = fetch;
        this.#pageLimit = pageLimit;
        this.#page = { docs: [], bookmark: query.paging?.bookmark ?? '' };
    }

    /** Fetches the first page, so that a query CouchDB refuses is refused at once. */
    async start(): Promise<void> {
        const pageSize = this.#query.paging?.pageSize ?? 0;
        const left = pageSize - this.#returned;
        const limit = pageSize > 0 ? Math.min(left, this.#pageLimit) : this.#pageLimit;
        this.#page = await this.#fetch(limit, this.#page.bookmark);
        this.#at = 0;
    }

    async next(): Promise<Uint8Array | undefined> {
        const pageSize = this.#query.paging?.pageSize ?? 0;
        if (pageSize > 0 && this.#returned >= pageSize) return undefined;
        if (this.#at >= this.#pageLimit) await this.start();
        const document = this.#page.docs[this.#at];
        if (!document) return undefined;
        this.#at++;
        this.#returned++;
        const { _id: key, '~version': versionText } = document;
        if (typeof key !== 'string' || typeof versionText !== 'string') {
            // also a peer fails on documents that are not its own
            refuse('version field ~version was not found');
        }
        const version = decodeVersion(versionText);
        this.#query.onRow?.({ key, version });
        return encodeRow(this.#query.rowNamespace, key, this.#valueOf(key, document));
    }

    bookmark(): string {
        return this.#page.bookmark;
    }

    close(): void {
        this.#page = NO_PAGE;
    }

    /** The document without what a peer has added; a binary value from where it is at hand. */
    #valueOf(key: string, document: JsonObject): Uint8Array {
        const { namespace, state } = this.#query;
        if ('_attachments' in document) {
            return state?.get(namespace, key)?.value ?? new Uint8Array();
        }
        const added = new Set(['_id', '_rev', '~version']);
        const members = Object.entries(document).filter(([name]) => !added.has(name));
        return Buffer.from(goJson(Object.fromEntries(members)));
    }
}
