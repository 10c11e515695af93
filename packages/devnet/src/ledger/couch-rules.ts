import { CouchdbError, goJson, validateKey, validateValue } from '@goodput/couchdb';
import type { JsonObject } from '@goodput/couchdb';

import { refuse } from './refusals.js';

/** Refuses keys that CouchDB cannot have, in a peer's words. */
export function checkCouchKey(key: string): void {
    if (isAccepted(validateKey, key)) return;
    if (key === '') {
        refuse('invalid key. Empty string is not supported as a key by couchdb');
    }
    if (key.startsWith('_')) refuse(`invalid key [${key}], cannot begin with "_"`);
    refuse(`invalid key [${Buffer.from(key).toString('hex')}], must be a UTF-8 string`);
}

/** Refuses keys and values that CouchDB cannot have, in a peer's words. */
export function checkCouchKeyAndValue(key: string, value?: Uint8Array): void {
    checkCouchKey(key);
    if (!value || isAccepted(validateValue, value)) return;
    const document = documentOf(value) ?? {};
    const field = Object.keys(document).find((name) => name === '~version' || name.startsWith('_'));
    refuse(`field [${field}] is not valid for the CouchDB state database`);
}

/** Whether CouchDB can have a value under a key. */
export function couchAccepts(key: string, value: Uint8Array): boolean {
    return isAccepted(validateKey, key) && isAccepted(validateValue, value);
}

/**
 * The bytes that come back for a written value: JSON objects are parsed and written anew on their
 * way into CouchDB, everything else stays as it is.
 */
export function couchStored(value: Uint8Array): Uint8Array {
    const document = documentOf(value);
    return document ? Buffer.from(goJson(document)) : value;
}

/** The JSON object a value is, or undefined if it is anything else. */
export function documentOf(value: Uint8Array): JsonObject | undefined {
    try {
        const parsed: unknown = JSON.parse(Buffer.from(value).toString());
        const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
        return isObject ? (parsed as JsonObject) : undefined;
    } catch (error) {
        if (error instanceof SyntaxError) return undefined;
        throw error;
    }
}

/** An answer of CouchDB as a peer passes it on to a chaincode. */
export function refusedByCouch(status: number, error: string, reason: string): never {
    refuse(
        `error handling CouchDB request. Error:${error},  Status Code:${status},  Reason:${reason}`,
    );
}

function isAccepted<T>(check: (subject: T) => void, subject: T): boolean {
    try {
        check(subject);
        return true;
    } catch (error) {
        if (error instanceof CouchdbError) return false;
        throw error;
    }
}
