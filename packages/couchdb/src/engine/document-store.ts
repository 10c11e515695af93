import BTree from 'sorted-btree';
import { compareCodePoints } from '../collation.js';
import { refused } from '../errors.js';
import type { JsonObject } from '../json.js';
import type { CouchdbIndex } from '../mango/index-definition.js';
import { View } from './view.js';

/** Which ids to read. */
export interface IdRange {
    /** The lowest id. */
    readonly first: string;
    /** The highest id; undefined when there is none. */
    readonly last: string | undefined;
    readonly descending: boolean;
}

/** Documents by id, and the indexes over them, kept up to date together. */
export class DocumentStore {
    readonly #documents = new Map<string, JsonObject>();
    readonly #ids = new BTree<string, undefined>(undefined, compareCodePoints);
    readonly #views = new Map<string, View>();

    /** Number of documents. */
    get size(): number {
        return this.#documents.size;
    }

    /** The indexes, in the order they were made. */
    get indexes(): CouchdbIndex[] {
        return [...this.#views.values()].map(({ index }) => index);
    }

    /** A document, or undefined when there is none. */
    document(id: string): JsonObject | undefined {
        return this.#documents.get(id);
    }

    /** Puts a document in the place of any other with its id. */
    put(id: string, document: JsonObject): void {
        const before = this.#documents.get(id);
        for (const view of this.#views.values()) {
            if (before !== undefined) view.remove(id, before);
            view.add(id, document);
        }
        this.#documents.set(id, document);
        if (before === undefined) this.#ids.set(id, undefined);
    }

    /** Removes a document; nothing happens when there is none. */
    delete(id: string): void {
        const before = this.#documents.get(id);
        if (before === undefined) return;
        for (const view of this.#views.values()) view.remove(id, before);
        this.#documents.delete(id);
        this.#ids.delete(id);
    }

    /** Adds an index, or replaces the one with its design document and name. */
    addIndex(index: CouchdbIndex): void {
        const view = new View(index);
        for (const [id, document] of this.#documents) view.add(id, document);
        this.#views.set(JSON.stringify([index.ddoc, index.name]), view);
    }

    /** The rows of an index. */
    view(index: CouchdbIndex): View {
        const view = this.#views.get(JSON.stringify([index.ddoc, index.name]));
        if (view === undefined) throw refused(404, 'not_found', `no index ${index.name}`);
        return view;
    }

    /** Yields ids in the order of their bytes. */
    *ids({ first, last, descending }: IdRange): Generator<string> {
        const keys = descending ? this.#ids.entriesReversed(last) : this.#ids.entries(first);
        for (const [id] of keys) yield id;
    }
}
