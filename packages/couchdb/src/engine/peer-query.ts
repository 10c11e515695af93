import { CouchdbError } from '../errors.js';
import { isJsonObject, type Json, type JsonObject } from '../json.js';
import { VERSION_FIELD } from './restrictions.js';

/** Reads a rich query as a peer does. */
function readQuery(query: string): JsonObject {
    let value: unknown;
    try {
        value = JSON.parse(query);
    } catch (cause) {
        const detail = cause instanceof Error ? cause.message : String(cause);
        throw new CouchdbError(
            'COUCHDB_QUERY_UNREADABLE',
            `The query is not JSON: ${detail}. Build it with JSON.stringify, never by joining text.`,
            { cause },
        );
    }
    if (isJsonObject(value)) return value;
    throw new CouchdbError(
        'COUCHDB_QUERY_UNREADABLE',
        'The query must be a JSON object such as {"selector":{…}}.',
    );
}

/**
 * Changes a query as a peer does before CouchDB sees it: `limit` is overwritten, `_id` and `~version`
 * are added to `fields`, the bookmark is put in. Everything else goes through as it is, `skip` too,
 * which therefore applies again on each internal page.
 *
 * @throws CouchdbError `COUCHDB_QUERY_UNREADABLE`
 */
export function peerRewrite(query: string, limit: number, bookmark: string): JsonObject {
    const parsed = readQuery(query);
    const { fields } = parsed;
    if (fields !== undefined && !Array.isArray(fields)) {
        throw new CouchdbError(
            'COUCHDB_QUERY_UNREADABLE',
            `"fields" must be an array, got ${JSON.stringify(fields)}. Write ["name", …].`,
        );
    }
    return {
        ...parsed,
        ...(fields === undefined ? {} : { fields: [...(fields as Json[]), '_id', VERSION_FIELD] }),
        limit,
        ...(bookmark === '' ? {} : { bookmark }),
    };
}
