import { createHash } from 'node:crypto';
import { refused } from '../errors.js';
import { goJson, isJsonObject, type Json, type JsonObject } from '../json.js';
import { designId, type CouchdbIndex } from './index-definition.js';
import { normalizeSelector } from './normalize.js';
import { ANY, selectorJson } from './selector.js';
import { parseSort } from './sort.js';
import { DEFAULT_COUCHDB_VERSION, type CouchdbVersion } from './version.js';

const MEMBERS = new Set(['index', 'type', 'name', 'ddoc', 'w', 'partitioned']);
const INDEX_MEMBERS = new Set(['fields', 'partial_filter_selector']);

function nameOf(request: JsonObject, member: 'name' | 'ddoc', generated: () => string): string {
    if (!Object.hasOwn(request, member)) return generated();
    const value = request[member] ?? null;
    if (typeof value !== 'string') {
        throw refused(400, 'invalid_string', `Invalid string: ${JSON.stringify(value)}`);
    }
    if (value === '') {
        throw refused(400, 'invalid_empty_string', 'Index name or ddoc cannot be empty string');
    }
    return value;
}

function checkType(type: Json): void {
    if (type === 'json') return;
    if (type === 'text' || type === 'nouveau') {
        throw refused(503, 'required index service unavailable', type);
    }
    throw refused(400, 'invalid_index', `Invalid type for index: ${JSON.stringify(type)}`);
}

function refuseUnknown(object: JsonObject, known: ReadonlySet<string>): void {
    const unknown = Object.keys(object).find((name) => !known.has(name));
    if (unknown !== undefined) {
        throw refused(400, 'invalid_key', `Invalid key ${unknown} for this request.`);
    }
}

/**
 * Reads an index definition as CouchDB reads the body of `POST /db/_index`.
 *
 * CouchDB makes the name of an index that has none from a hash of Erlang's own form of it; the name
 * made here is another, equally stable, one.
 *
 * @throws CouchdbError `COUCHDB_REFUSED` with the error CouchDB gives
 */
export function parseIndexRequest(
    request: Json,
    version: CouchdbVersion = DEFAULT_COUCHDB_VERSION,
): CouchdbIndex {
    if (!isJsonObject(request)) {
        throw refused(400, 'bad_request', 'Request body must be a JSON object');
    }
    if (!Object.hasOwn(request, 'index')) {
        throw refused(400, 'missing_required_key', 'Missing required key: index');
    }
    const generated = (): string =>
        createHash('sha1')
            .update(goJson(request['index'] ?? null))
            .digest('hex');
    const name = nameOf(request, 'name', generated);
    const ddoc = designId(nameOf(request, 'ddoc', generated));
    refuseUnknown(request, MEMBERS);
    checkType(request['type'] ?? 'json');
    const definition = request['index'] ?? null;
    if (!isJsonObject(definition)) {
        const got = JSON.stringify(definition);
        throw refused(400, 'invalid_index', `JSON indexes must be an object, not: ${got}`);
    }
    if (!Object.hasOwn(definition, 'fields')) {
        throw refused(400, 'missing_required_key', 'Missing required key: fields');
    }
    const fields = parseSort(definition['fields'] ?? null);
    const filter = definition['partial_filter_selector'];
    refuseUnknown(definition, INDEX_MEMBERS);
    const partialFilter = filter === undefined ? ANY : normalizeSelector(filter, version);
    return { ddoc, name, fields, partialFilter };
}

/** Writes an index the way `_index` and `_explain` show it. */
export function indexJson(index: CouchdbIndex): JsonObject {
    if (index.ddoc === '') {
        return {
            ddoc: null,
            name: index.name,
            type: 'special',
            def: { fields: [{ _id: 'asc' }] },
        };
    }
    const fields = index.fields.map(({ field, direction }) => ({ [field]: direction }));
    const filter = selectorJson(index.partialFilter);
    const partial = index.partialFilter.kind === 'any' ? {} : { partial_filter_selector: filter };
    return {
        ddoc: index.ddoc,
        name: index.name,
        type: 'json',
        partitioned: false,
        def: { fields, ...partial },
    };
}
