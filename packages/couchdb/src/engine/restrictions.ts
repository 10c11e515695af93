import { CouchdbError } from '../errors.js';
import { goJson, isJsonObject, type Json, type JsonObject } from '../json.js';

/** The field in which a peer keeps a row's version and metadata. */
export const VERSION_FIELD = '~version';

const utf8 = new TextDecoder('utf-8');

/**
 * Checks a key as a peer does before it lets CouchDB have it.
 *
 * @throws CouchdbError `COUCHDB_KEY_INVALID` for the empty key, a key that begins with `_`, and a key
 *   that is not well-formed
 */
export function validateKey(key: string): void {
    const shown = JSON.stringify(key);
    if (key === '') {
        throw new CouchdbError(
            'COUCHDB_KEY_INVALID',
            'The key is empty, which CouchDB cannot store. Use at least one character.',
        );
    }
    if (key.startsWith('_')) {
        throw new CouchdbError(
            'COUCHDB_KEY_INVALID',
            `The key ${shown} begins with "_", which CouchDB keeps for itself. Begin it otherwise.`,
        );
    }
    if (/\p{Surrogate}/u.test(key)) {
        throw new CouchdbError(
            'COUCHDB_KEY_INVALID',
            `The key ${shown} holds half a surrogate pair and has no UTF-8 form. Use whole characters.`,
        );
    }
}

/** A value as text and, when it is a JSON object, as that object. */
export interface ReadValue {
    /** The object a rich query can look into; undefined for anything else. */
    readonly object: JsonObject | undefined;
}

/**
 * Reads a value as a peer does: a JSON object becomes a document, everything else an attachment that
 * no rich query looks into.
 */
export function readValue(value: Uint8Array | string): ReadValue {
    if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
        const message = `The value is ${typeof value}; give text or bytes.`;
        throw new CouchdbError('COUCHDB_VALUE_INVALID', message);
    }
    const text = typeof value === 'string' ? value : utf8.decode(value);
    if (!/^\s*\{/.test(text)) return { object: undefined };
    try {
        const parsed = JSON.parse(text) as Json;
        return { object: isJsonObject(parsed) ? parsed : undefined };
    } catch (error) {
        if (error instanceof SyntaxError) return { object: undefined };
        throw error;
    }
}

/**
 * Checks a value as a peer does before it lets CouchDB have it: a JSON object may have no member named
 * `~version` or beginning with `_` at its top level.
 *
 * @throws CouchdbError `COUCHDB_VALUE_INVALID`
 */
export function validateValue(value: Uint8Array | string): void {
    refuseReserved(readValue(value).object);
}

/** Refuses an object with a reserved member. */
export function refuseReserved(object: JsonObject | undefined): void {
    const name = Object.keys(object ?? {}).find(
        (member) => member === VERSION_FIELD || member.startsWith('_'),
    );
    if (name === undefined) return;
    throw new CouchdbError(
        'COUCHDB_VALUE_INVALID',
        `The value has a member named ${JSON.stringify(name)}, which CouchDB and the peer keep for ` +
            'themselves. Rename it, or put it into a nested object.',
    );
}

/** A document's value as a rich query gives it back: without the members the peer added. */
export function valueOf(document: JsonObject): string {
    const added = new Set(['_id', '_rev', VERSION_FIELD]);
    const members = Object.entries(document).filter(([name]) => !added.has(name));
    return goJson(Object.fromEntries(members));
}
