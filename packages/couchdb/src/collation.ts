import type { Json, JsonObject } from './json.js';

/** Sorts above every JSON value; the end of a key range that is open at the top. */
export const MAX_KEY = Symbol('MAX_KEY');

/** A value of an index key, or the end of all of them. */
export type KeyPart = Json | typeof MAX_KEY;

// CouchDB opens ICU's root collation. English does not tailor it, and unlike 'und' it is never
// replaced by the locale of the machine.
const collator = new Intl.Collator('en', {
    usage: 'sort',
    sensitivity: 'variant',
    ignorePunctuation: false,
    numeric: false,
    caseFirst: 'false',
});

// Code units from U+E000 up sort below surrogates in UTF-16 and the other way by code point.
function codePointOrder(unit: number): number {
    if (unit < 0xd800) return unit;
    return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

/** Compares strings by code point, which is the order of their UTF-8 bytes. */
export function compareCodePoints(a: string, b: string): number {
    const length = Math.min(a.length, b.length);
    for (let at = 0; at < length; at++) {
        const left = a.charCodeAt(at);
        const right = b.charCodeAt(at);
        if (left !== right) return codePointOrder(left) - codePointOrder(right);
    }
    return a.length - b.length;
}

/** Compares strings as CouchDB does in views and selectors: ICU's root collation. */
export function compareStrings(a: string, b: string): number {
    return a === b ? 0 : collator.compare(a, b);
}

// null < false < true < numbers < strings < arrays < objects < the end
function rank(value: KeyPart): number {
    switch (typeof value) {
        case 'boolean':
            return value ? 2 : 1;
        case 'number':
            return 3;
        case 'string':
            return 4;
        case 'symbol':
            return 7;
        default:
            return value === null ? 0 : Array.isArray(value) ? 5 : 6;
    }
}

function compareArrays(a: readonly KeyPart[], b: readonly KeyPart[]): number {
    const length = Math.min(a.length, b.length);
    for (let at = 0; at < length; at++) {
        const order = compareKeys(a[at] as KeyPart, b[at] as KeyPart);
        if (order !== 0) return order;
    }
    return a.length - b.length;
}

function compareObjects(a: JsonObject, b: JsonObject): number {
    const left = Object.keys(a).sort(compareCodePoints);
    const right = Object.keys(b).sort(compareCodePoints);
    const length = Math.min(left.length, right.length);
    for (let at = 0; at < length; at++) {
        const leftName = left[at] ?? '';
        const rightName = right[at] ?? '';
        const order =
            compareStrings(leftName, rightName) ||
            compareKeys(a[leftName] ?? null, b[rightName] ?? null);
        if (order !== 0) return order;
    }
    return left.length - right.length;
}

/**
 * Compares two values as CouchDB orders keys of a view and as selectors compare: by type, numbers by
 * size, strings by ICU collation, arrays element by element, objects member by member in the order a
 * peer stores them.
 *
 * @returns below, at or above zero
 * @example
 * ```ts
 * compareKeys('a', 'B'); // below zero: ICU puts a before B, bytes do not
 * ```
 */
export function compareKeys(a: KeyPart, b: KeyPart): number {
    if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b);
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    const order = rank(a) - rank(b);
    if (order !== 0 || typeof a !== 'object' || a === null) return order;
    if (Array.isArray(a)) return compareArrays(a, b as readonly KeyPart[]);
    return compareObjects(a as JsonObject, b as JsonObject);
}

// Erlang's own order of terms: numbers, then atoms, then tuples (objects), then lists, then strings.
function termRank(value: Json): number {
    if (typeof value === 'number') return 0;
    if (value === null || typeof value === 'boolean') return 1;
    if (typeof value === 'string') return 4;
    return Array.isArray(value) ? 3 : 2;
}

/**
 * Compares a document id with anything else, as Mango does for conditions on `_id`: strings by their
 * bytes, and every other type below every string.
 */
export function compareIds(id: Json, other: Json): number {
    if (typeof id === 'string' && typeof other === 'string') return compareCodePoints(id, other);
    return termRank(id) - termRank(other) || compareKeys(id, other);
}
