import { ChaincodeError } from './errors.js';

/** What JSON can say. */
export type JsonValue =
    string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

const MAX_DEPTH = 200;

function refuse(path: string, why: string): never {
    throw new ChaincodeError(
        'CHAINCODE_JSON_INVALID',
        `${path === '' ? 'the value' : path} ${why}`,
    );
}

function writeNumber(value: number, path: string): string {
    if (!Number.isFinite(value)) refuse(path, `is ${value}, which JSON cannot say`);
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
        refuse(path, 'is an integer beyond 2^53, which loses digits on CouchDB; write it as text');
    }
    // ECMAScript's shortest form is the one RFC 8785 asks for; minus zero becomes 0.
    return Object.is(value, -0) ? '0' : String(value);
}

function writeString(value: string, path: string): string {
    if (!value.isWellFormed()) refuse(path, 'has a lone surrogate, which UTF-8 cannot say');
    return JSON.stringify(value);
}

function isPlain(value: object): value is Record<string, unknown> {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === null || prototype === Object.prototype) return true;
    // Class instances are data as well; boxed and built-in values are not.
    return !(
        value instanceof Map ||
        value instanceof Set ||
        value instanceof RegExp ||
        value instanceof Promise ||
        ArrayBuffer.isView(value)
    );
}

function hasToJson(value: object): value is { toJSON(): unknown } {
    return 'toJSON' in value && typeof value.toJSON === 'function';
}

function writeObject(value: object, path: string, depth: number): string {
    if (depth > MAX_DEPTH) refuse(path, `is nested deeper than ${MAX_DEPTH}, or in a circle`);
    if (Array.isArray(value)) {
        const items = value.map((item: unknown, index) =>
            write(item, `${path}[${index}]`, depth + 1),
        );
        return `[${items.join(',')}]`;
    }
    if (!ArrayBuffer.isView(value) && hasToJson(value)) {
        return write(value.toJSON(), path, depth + 1);
    }
    if (!isPlain(value)) refuse(path, `is a ${value.constructor.name}, not plain data`);
    // Members are sorted by UTF-16 units: RFC 8785 asks for that and not for the order of bytes.
    const members: string[] = [];
    for (const key of Object.keys(value).sort()) {
        const member = value[key];
        if (member === undefined || typeof member === 'function') continue;
        const at = path === '' ? key : `${path}.${key}`;
        members.push(`${writeString(key, at)}:${write(member, at, depth + 1)}`);
    }
    return `{${members.join(',')}}`;
}

function write(value: unknown, path: string, depth: number): string {
    if (value === null) return 'null';
    switch (typeof value) {
        case 'string':
            return writeString(value, path);
        case 'number':
            return writeNumber(value, path);
        case 'boolean':
            return value ? 'true' : 'false';
        case 'object':
            return writeObject(value, path, depth);
        case 'bigint':
            return refuse(path, 'is a bigint; write it as text, so that no database rounds it');
        default:
            return refuse(path, `is ${typeof value}, which JSON cannot say`);
    }
}

/**
 * The one JSON text of a value: RFC 8785, so that every peer stores and returns the same bytes.
 *
 * Refuses what would differ between peers or change in a state database: integers beyond 2^53, NaN,
 * lone surrogates, bigints, maps and sets. Undefined members are left out, as `JSON.stringify` does.
 *
 * @example
 * ```ts
 * import { canonicalJson } from '@goodput/chaincode';
 *
 * console.log(canonicalJson({ b: 1, a: [true, 'x'] })); // => {"a":[true,"x"],"b":1}
 * ```
 */
export function canonicalJson(value: unknown): string {
    return write(value, '', 0);
}

/** {@link canonicalJson} as bytes, ready for `putState`. */
export function canonicalBytes(value: unknown): Buffer {
    return Buffer.from(canonicalJson(value));
}
