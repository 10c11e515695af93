import { refused } from '../errors.js';
import { isJsonObject, type Json, type JsonObject } from '../json.js';

/** Marks a path that leads nowhere: the last object lacks the member. */
export const NOT_FOUND = Symbol('not found');

/** Marks a path that goes through something that is neither object nor array. */
export const BAD_PATH = Symbol('bad path');

/** What a path leads to. */
export type Found = Json | typeof NOT_FOUND | typeof BAD_PATH;

/**
 * Splits a field name at its dots. `\.` stands for a dot inside a member's name.
 *
 * @throws CouchdbError `COUCHDB_REFUSED` (`invalid_field_name`) when a part is empty
 */
export function parseField(field: string): string[] {
    const parts = field.includes('\\')
        ? field.split(/(?<!\\)\./).map((part) => part.replaceAll('\\', ''))
        : field.split('.');
    if (parts.includes(''))
        throw refused(400, 'invalid_field_name', `Invalid field name: ${field}`);
    return parts;
}

function arrayElement(values: readonly Json[], name: string): Found {
    if (!/^[+-]?\d+$/.test(name)) return BAD_PATH;
    const position = Number(name);
    return position >= 0 && position < values.length ? (values[position] ?? null) : BAD_PATH;
}

/** Follows a path into a value. Numbers in a path pick elements of arrays. */
export function getField(value: Json, path: readonly string[]): Found {
    let current: Json = value;
    for (const name of path) {
        if (isJsonObject(current)) {
            if (!Object.hasOwn(current, name)) return NOT_FOUND;
            current = current[name] ?? null;
        } else if (Array.isArray(current)) {
            const element = arrayElement(current as readonly Json[], name);
            if (typeof element === 'symbol') return element;
            current = element;
        } else return BAD_PATH;
    }
    return current;
}

/** Puts a value at a path, making the objects on the way; used to project `fields`. */
export function setField(target: JsonObject, path: readonly string[], value: Json): JsonObject {
    const [name = '', ...rest] = path;
    const inner = Object.hasOwn(target, name) ? target[name] : undefined;
    if (rest.length > 0 && inner !== undefined && !isJsonObject(inner)) return target;
    const next =
        rest.length === 0 ? value : setField(isJsonObject(inner) ? inner : {}, rest, value);
    return Object.fromEntries([...Object.entries(target), [name, next]]);
}
