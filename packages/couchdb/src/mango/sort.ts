import { refused } from '../errors.js';
import { isJsonObject, type Json } from '../json.js';

/** Which way a sort or an index column runs. */
export type Direction = 'asc' | 'desc';

/** A field and its direction. */
export interface SortField {
    readonly field: string;
    readonly direction: Direction;
}

function sortField(value: Json): SortField {
    if (typeof value === 'string' && value !== '') return { field: value, direction: 'asc' };
    if (isJsonObject(value)) {
        const [member, ...others] = Object.entries(value);
        const [field = '', direction] = member ?? [];
        if (others.length === 0 && (direction === 'asc' || direction === 'desc')) {
            return { field, direction };
        }
    }
    throw refused(400, 'invalid_sort_field', `Invalid sort field: ${JSON.stringify(value)}`);
}

/**
 * Reads a `sort`, or the `fields` of an index, which Mango reads by the same rules.
 *
 * @throws CouchdbError `COUCHDB_REFUSED` for anything CouchDB refuses, such as mixed directions
 */
export function parseSort(value: Json): SortField[] {
    if (!Array.isArray(value)) {
        const reason = `Sort must be an array of sort specs, not: ${JSON.stringify(value)}`;
        throw refused(400, 'invalid_sort_json', reason);
    }
    const fields = (value as Json[]).map(sortField);
    if (new Set(fields.map(({ direction }) => direction)).size > 1) {
        const reason = 'Sorts currently only support a single direction for all fields.';
        throw refused(400, 'unsupported_mixed_sort', reason);
    }
    return fields;
}
