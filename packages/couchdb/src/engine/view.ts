import BTree from 'sorted-btree';
import { compareCodePoints, compareKeys, type KeyPart } from '../collation.js';
import type { Json } from '../json.js';
import { getField, parseField } from '../mango/field-path.js';
import { type CouchdbIndex } from '../mango/index-definition.js';
import { compileSelector, type Matcher } from '../mango/match.js';

/** A row of an index: the indexed values and the document they come from. */
export interface ViewRow {
    readonly key: readonly Json[];
    readonly id: string;
}

/** A place between rows: a key that may be a part of one, and an id among equal keys. */
export interface ViewPlace {
    readonly key: readonly KeyPart[];
    /** Below every id when undefined. */
    readonly id?: string | undefined;
}

interface Entry {
    readonly key: readonly KeyPart[];
    readonly id: string;
}

// Above every id, so that an end key takes in all rows that equal it.
const LAST_ID = '\u{10ffff}\u{10ffff}';

function compareEntries(a: Entry, b: Entry): number {
    const length = Math.min(a.key.length, b.key.length);
    for (let at = 0; at < length; at++) {
        const order = compareKeys(a.key[at] as KeyPart, b.key[at] as KeyPart);
        if (order !== 0) return order;
    }
    return a.key.length - b.key.length || compareCodePoints(a.id, b.id);
}

/** What an index reads. */
export interface Scan {
    readonly start: ViewPlace;
    readonly end: ViewPlace;
    readonly descending: boolean;
}

/** An index kept up to date document by document. */
export class View {
    readonly index: CouchdbIndex;
    readonly #paths: readonly (readonly string[])[];
    readonly #holds: Matcher;
    readonly #rows = new BTree<Entry, undefined>(undefined, compareEntries);

    constructor(index: CouchdbIndex) {
        this.index = index;
        this.#paths = index.fields.map(({ field }) => parseField(field));
        this.#holds = compileSelector(index.partialFilter);
    }

    /** Rows it holds. */
    get size(): number {
        return this.#rows.size;
    }

    /** The row a document has in this index, if it has every field and passes the filter. */
    #entry(id: string, document: Json): Entry | undefined {
        const key: Json[] = [];
        for (const path of this.#paths) {
            const found = getField(document, path);
            if (typeof found === 'symbol') return undefined;
            key.push(found);
        }
        return this.#holds(document) ? { key, id } : undefined;
    }

    /** Takes in a document that was not there before. */
    add(id: string, document: Json): void {
        const entry = this.#entry(id, document);
        if (entry !== undefined) this.#rows.set(entry, undefined);
    }

    /** Drops a document, given as it was when it was added. */
    remove(id: string, document: Json): void {
        const entry = this.#entry(id, document);
        if (entry !== undefined) this.#rows.delete(entry);
    }

    /** Yields rows between two places, both included, in the order asked for. */
    *scan({ start, end, descending }: Scan): Generator<ViewRow> {
        const low: Entry = { key: start.key, id: start.id ?? '' };
        const high: Entry = { key: end.key, id: end.id ?? LAST_ID };
        const rows = descending ? this.#rows.entriesReversed(high) : this.#rows.entries(low);
        for (const [entry] of rows) {
            const outside = descending
                ? compareEntries(entry, low) < 0
                : compareEntries(entry, high) > 0;
            if (outside) return;
            yield entry as ViewRow;
        }
    }
}
