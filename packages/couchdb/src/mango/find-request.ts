import { refused } from '../errors.js';
import { isJsonObject, type Json, type JsonObject } from '../json.js';
import { normalizeSelector } from './normalize.js';
import type { Selector } from './selector.js';
import { parseSort, type SortField } from './sort.js';
import { couchdbFeatures, DEFAULT_COUCHDB_VERSION, type CouchdbVersion } from './version.js';

/** CouchDB's own limit for a request that names none. */
export const COUCHDB_DEFAULT_LIMIT = 25;

/** A request to `_find` or `_explain`, checked and with every option filled in. */
export interface FindRequest {
    readonly selector: Selector;
    /** `[]`, `[design document]` or `[design document, index name]`. */
    readonly useIndex: readonly string[];
    /** Where to go on; undefined starts at the beginning. */
    readonly bookmark: string | undefined;
    readonly limit: number;
    readonly skip: number;
    readonly sort: readonly SortField[];
    /** Fields to return; undefined returns whole documents. */
    readonly fields: readonly string[] | undefined;
    readonly r: number;
    readonly conflicts: boolean;
    readonly stale: 'ok' | false;
    readonly update: boolean;
    readonly stable: boolean;
    readonly executionStats: boolean;
    /** Whether an unusable `use_index` is passed over; only CouchDB 3.5 can be told not to. */
    readonly allowFallback: boolean;
    readonly version: CouchdbVersion;
}

function shown(value: Json): string {
    return JSON.stringify(value);
}

function useIndex(value: Json): string[] {
    const parts = typeof value === 'string' ? value.split('/') : value;
    if (parts === null) return [];
    if (Array.isArray(parts) && parts.every((part: Json) => typeof part === 'string')) {
        const names = parts;
        const named = typeof value === 'string' && names[0] === '_design' && names.length > 1;
        const rest = named ? names.slice(1) : names;
        if (rest.length <= 2) return rest;
    }
    throw refused(400, 'invalid_index_name', `Invalid index name: ${shown(value)}`);
}

function bookmark(value: Json): string | undefined {
    if (value === null || value === '') return undefined;
    if (typeof value === 'string') return value;
    throw refused(400, 'invalid_bookmark', `Invalid bookmark value: ${shown(value)}`);
}

function fields(value: Json): string[] | undefined {
    if (!Array.isArray(value)) {
        const reason = `Fields must be an array of strings, not: ${shown(value)}`;
        throw refused(400, 'invalid_fields', reason);
    }
    const bad = (value as Json[]).find((item) => typeof item !== 'string');
    if (bad !== undefined) {
        throw refused(400, 'invalid_field', `Invalid JSON for field spec: ${shown(bad)}`);
    }
    return value.length === 0 ? undefined : (value as string[]);
}

function count(value: Json): number {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
    const reason = `${shown(value)} is not an integer greater than or equal to zero`;
    throw refused(400, 'invalid_non_neg_integer', reason);
}

function positive(value: Json): number {
    if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value;
    const reason = `${shown(value)} is not an integer greater than zero`;
    throw refused(400, 'invalid_pos_integer', reason);
}

function boolean(value: Json): boolean {
    if (typeof value === 'boolean') return value;
    throw refused(400, 'invalid_boolean', `Invalid boolean value: ${shown(value)}`);
}

function stale(value: Json): 'ok' | false {
    if (value === 'ok') return 'ok';
    if (value === 'false' || value === false) return false;
    const reason = `Invalid value for stale: ${shown(value)}`;
    throw refused(400, 'invalid_ok_or_false_value', reason);
}

function partition(value: Json): string {
    if (value === '') return '';
    const reason = 'partition queries are not supported: state databases are not partitioned';
    throw refused(400, 'bad_request', reason);
}

const OPTIONS = new Set([
    'selector',
    'use_index',
    'bookmark',
    'limit',
    'skip',
    'sort',
    'fields',
    'partition',
    'r',
    'conflicts',
    'stale',
    'update',
    'stable',
    'execution_stats',
]);

function refuseUnknown(request: JsonObject, version: CouchdbVersion): void {
    const { allowFallback } = couchdbFeatures(version);
    const unknown = Object.keys(request).find(
        (name) => !OPTIONS.has(name) && !(allowFallback && name === 'allow_fallback'),
    );
    if (unknown !== undefined) {
        throw refused(400, 'invalid_key', `Invalid key ${unknown} for this request.`);
    }
}

/**
 * Checks a request as CouchDB checks the body of `_find`.
 *
 * @throws CouchdbError `COUCHDB_REFUSED` with the error CouchDB gives
 */
export function parseFindRequest(
    request: Json,
    version: CouchdbVersion = DEFAULT_COUCHDB_VERSION,
): FindRequest {
    if (!isJsonObject(request)) {
        throw refused(400, 'bad_request', 'Request body must be a JSON object');
    }
    const given = <T>(name: string, fallback: T, read: (value: Json) => T): T =>
        Object.hasOwn(request, name) ? read(request[name] ?? null) : fallback;
    if (!Object.hasOwn(request, 'selector')) {
        throw refused(400, 'missing_required_key', 'Missing required key: selector');
    }
    const parsed: FindRequest = {
        selector: normalizeSelector(request['selector'] ?? null, version),
        useIndex: given('use_index', [], useIndex),
        bookmark: given('bookmark', undefined, bookmark),
        limit: given('limit', COUCHDB_DEFAULT_LIMIT, count),
        skip: given('skip', 0, count),
        sort: given('sort', [], parseSort),
        fields: given('fields', undefined, fields),
        r: given('r', 1, positive),
        conflicts: given('conflicts', false, boolean),
        stale: given('stale', false as const, stale),
        update: given('update', true, boolean),
        stable: given('stable', false, boolean),
        executionStats: given('execution_stats', false, boolean),
        allowFallback: given('allow_fallback', true, boolean),
        version,
    };
    given('partition', '', partition);
    refuseUnknown(request, version);
    return parsed;
}
