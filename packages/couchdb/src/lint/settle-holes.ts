import { isJsonObject, type Json, type JsonObject } from '../json.js';
import { hasHole } from './evaluate.js';

const LISTS_OF_SELECTORS = new Set(['$and', '$or', '$nor']);
const LISTS_OF_VALUES = new Set(['$in', '$nin', '$all']);
const INNER_SELECTORS = new Set(['$elemMatch', '$allMatch', '$keyMapMatch']);
// Whose value decides nothing about an index; any that CouchDB accepts will do.
const STAND_INS: Readonly<Record<string, Json>> = { $size: 0, $mod: [1, 0] };

function settleList(parts: readonly Json[]): Json | undefined {
    const settled = parts.map((part) => (isJsonObject(part) ? settleSelector(part) : undefined));
    return settled.includes(undefined) ? undefined : (settled as Json[]);
}

function settleMember(name: string, value: Json): Json | undefined {
    if (LISTS_OF_SELECTORS.has(name)) {
        return Array.isArray(value)
            ? settleList(value as Json[])
            : hasHole(value)
              ? undefined
              : value;
    }
    if (isJsonObject(value)) return settleSelector(value);
    if (!hasHole(value)) return value;
    if (LISTS_OF_VALUES.has(name)) return Array.isArray(value) ? (value as Json) : [value];
    if (INNER_SELECTORS.has(name)) return { $exists: true };
    if (Object.hasOwn(STAND_INS, name)) return STAND_INS[name];
    // Whether it asks for presence or absence, and what is negated, decide about every index.
    return name === '$exists' || name === '$not' ? undefined : value;
}

function settleSelector(selector: JsonObject): JsonObject | undefined {
    const members: [string, Json][] = [];
    for (const [name, value] of Object.entries(selector)) {
        const settled = hasHole(name) ? undefined : settleMember(name, value);
        if (settled === undefined) return undefined;
        members.push([name, settled]);
    }
    return Object.fromEntries(members);
}

function settleSort(sort: Json): Json | undefined {
    if (!Array.isArray(sort)) return hasHole(sort) ? undefined : sort;
    const fields = (sort as Json[]).map((field) => {
        if (!isJsonObject(field)) return field;
        const members = Object.entries(field);
        // Either direction needs the same index.
        return Object.fromEntries(members.map(([name, way]) => [name, hasHole(way) ? 'asc' : way]));
    });
    const names = fields.flatMap((field) => (isJsonObject(field) ? Object.keys(field) : [field]));
    return names.some(hasHole) ? undefined : fields;
}

/**
 * Brings a query read from a source, some of whose values only running it would tell, into a form that
 * can be planned. Unknown values stay, unknown options go.
 *
 * @returns undefined when the fields or operators themselves are unknown, so that nothing can be said
 */
export function settleHoles(query: JsonObject): JsonObject | undefined {
    const { selector, sort, ...options } = query;
    if (Object.keys(query).some(hasHole)) return undefined;
    const settled = isJsonObject(selector) ? settleSelector(selector) : selector;
    const order = sort === undefined ? [] : settleSort(sort);
    if (order === undefined || (settled === undefined && selector !== undefined)) return undefined;
    if (typeof settled === 'string' && hasHole(settled)) return undefined;
    const known = Object.entries(options).filter(
        ([name, value]) => !['fields', 'use_index'].includes(name) || !hasHole(value),
    );
    return {
        ...(settled === undefined ? {} : { selector: settled }),
        ...(sort === undefined ? {} : { sort: order }),
        ...Object.fromEntries(known),
    };
}
