import { refused } from '../errors.js';
import { isJsonObject, type Json } from '../json.js';
import { ALL_DOCS, columns, type CouchdbIndex } from './index-definition.js';
import { indexableFields } from './ranges.js';
import { selectorJson, type Selector } from './selector.js';
import { couchdbFeatures, type CouchdbVersion } from './version.js';

/** Why an index cannot answer a query; CouchDB's own words. */
export type Unusable = 'needs_text_search' | 'field_mismatch' | 'sort_order_mismatch';

/** Fields of `wanted` that some matching document may lack. */
export function notRequired(selector: Selector, wanted: readonly string[]): string[] {
    if (wanted.length === 0) return [];
    switch (selector.kind) {
        case 'and': {
            let left: readonly string[] = wanted;
            for (const part of selector.parts) left = notRequired(part, left);
            return [...left];
        }
        case 'or': {
            // Nothing is missing from no branches: an empty $or "requires" every field there is.
            const missing = selector.parts.flatMap((part) => notRequired(part, wanted));
            return [...new Set(missing)];
        }
        case 'field': {
            const { field, condition } = selector;
            const absent = 'value' in condition && condition.op === '$exists' && !condition.value;
            return absent ? [...wanted] : wanted.filter((name) => name !== field);
        }
        default:
            return [...wanted];
    }
}

/** Whether every matching document has the same value in this field. */
export function isConstant(selector: Selector, field: string): boolean {
    if (selector.kind === 'and') return selector.parts.some((part) => isConstant(part, field));
    return selector.kind === 'field' && selector.field === field && selector.condition.op === '$eq';
}

function isPrefix(sort: readonly string[], names: readonly string[]): boolean {
    return sort.every((field, at) => names[at] === field);
}

/** Whether an index with these columns yields rows in the order of the sort. */
export function canSort(
    names: readonly string[],
    sort: readonly string[],
    selector: Selector,
): boolean {
    if (sort.length === 0) return true;
    const at = names.findIndex((name) => name === sort[0] || !isConstant(selector, name));
    return at >= 0 && isPrefix(sort, names.slice(at));
}

// Mango looks for $text through a walk that has no clause for null, for a list in a list or for an
// object of several members, and fails on them whenever an index is judged.
function walksText(value: Json): void {
    if (!isJsonObject(value)) {
        if (value !== null && typeof value !== 'object') return;
        throw refused(500, 'unknown_error', 'function_clause');
    }
    const members = Object.values(value);
    if (members.length === 0) return;
    if (members.length > 1) walksText([]);
    const [inner = null] = members;
    if (Array.isArray(inner)) inner.forEach(walksText);
    else if (isJsonObject(inner)) walksText(inner);
}

const walked = new WeakSet<Selector>();

/** Looks through a selector once, however many indexes are judged by it. */
function refuseUnwalkable(selector: Selector): void {
    if (walked.has(selector)) return;
    walksText(selectorJson(selector));
    walked.add(selector);
}

/** Says whether the special index over all documents can answer. */
function allDocsUnusable(
    selector: Selector,
    sort: readonly string[],
    version: CouchdbVersion,
): Unusable[] {
    if (sort.length === 0) return [];
    const reasons: Unusable[] = [];
    if (!indexableFields(selector, version).includes('_id')) reasons.push('field_mismatch');
    if (!isPrefix(sort, ['_id'])) reasons.push('sort_order_mismatch');
    return reasons;
}

/**
 * Says why an index cannot answer a query; an empty list means that it can.
 *
 * @throws CouchdbError `COUCHDB_REFUSED` (500) for selectors on which Mango itself fails
 */
export function unusable(
    index: CouchdbIndex,
    selector: Selector,
    sort: readonly string[],
    version: CouchdbVersion,
): Unusable[] {
    if (index.name === ALL_DOCS) return allDocsUnusable(selector, sort, version);
    const names = columns(index);
    const wanted = names.filter(
        (name) => name !== '_id' && name !== '_rev' && !sort.includes(name),
    );
    const lacksField = notRequired(selector, [...new Set(wanted)]).length > 0;
    if (couchdbFeatures(version).eagerUsability || !lacksField) refuseUnwalkable(selector);
    const reasons: Unusable[] = [];
    if (lacksField) reasons.push('field_mismatch');
    if (!canSort(names, sort, selector)) reasons.push('sort_order_mismatch');
    return reasons;
}
