import { ANY, type Selector } from './selector.js';
import type { SortField } from './sort.js';

/** An index as CouchDB knows it: its design document, its name and what it holds. */
export interface CouchdbIndex {
    /** Design document, with its `_design/`. */
    readonly ddoc: string;
    readonly name: string;
    readonly fields: readonly SortField[];
    /** Documents it holds, beyond having every field; `any` holds them all. */
    readonly partialFilter: Selector;
}

/** The name of the pseudo index that reads every document. */
export const ALL_DOCS = '_all_docs';

/** The pseudo index that reads every document in the order of their ids. */
export const ALL_DOCS_INDEX: CouchdbIndex = Object.freeze({
    ddoc: '',
    name: ALL_DOCS,
    fields: [{ field: '_id', direction: 'asc' as const }],
    partialFilter: ANY,
});

/** Names of an index's columns. */
export function columns(index: CouchdbIndex): string[] {
    return index.fields.map(({ field }) => field);
}

/** Whether an index holds a part of the documents only. */
export function isPartial(index: CouchdbIndex): boolean {
    return index.partialFilter.kind !== 'any';
}

/** Puts `_design/` before a design document's name that lacks it. */
export function designId(name: string): string {
    return name.startsWith('_design/') ? name : `_design/${name}`;
}
