import { goJson, isJsonObject, type Json, type JsonObject } from '../json.js';

/** What stands for a value in a shape. */
export const SHAPE_VALUE = '?';

const LISTS_OF_SELECTORS = new Set(['$and', '$or', '$nor']);
const SELECTORS = new Set(['$not', '$elemMatch', '$allMatch', '$keyMapMatch']);
// Operators whose argument says what is asked rather than with which value.
const TELLING = new Set(['$exists', '$type', '$size', '$mod']);

function selectorShape(selector: Json): Json {
    if (!isJsonObject(selector)) return SHAPE_VALUE;
    const members = Object.entries(selector).map(([name, value]): [string, Json] => {
        if (LISTS_OF_SELECTORS.has(name) && Array.isArray(value)) {
            return [name, (value as Json[]).map(selectorShape)];
        }
        if (SELECTORS.has(name)) return [name, selectorShape(value)];
        if (TELLING.has(name)) return [name, value];
        if (name === '$in' || name === '$nin' || name === '$all') return [name, [SHAPE_VALUE]];
        if (name.startsWith('$')) return [name, SHAPE_VALUE];
        return [name, isJsonObject(value) ? selectorShape(value) : { $eq: SHAPE_VALUE }];
    });
    return Object.fromEntries(members);
}

// Members that hold names of fields and indexes only.
const SHAPED_AS_THEY_ARE = new Set(['sort', 'fields', 'use_index']);
const VOLATILE = new Set(['bookmark', 'limit', 'skip']);

/**
 * The shape of a query: fields, operators, sort and hints without a single value, the same text for
 * queries that differ in values only. Safe to log.
 *
 * @example
 * ```ts
 * queryShape({ selector: { owner: 'alice' } }); // {"selector":{"owner":{"$eq":"?"}}}
 * ```
 */
export function queryShape(query: JsonObject): string {
    const members = Object.entries(query)
        .filter(([name]) => !VOLATILE.has(name))
        .map(([name, value]): [string, Json] => {
            if (name === 'selector') return [name, selectorShape(value)];
            return [name, SHAPED_AS_THEY_ARE.has(name) ? value : SHAPE_VALUE];
        });
    return goJson(Object.fromEntries(members));
}
