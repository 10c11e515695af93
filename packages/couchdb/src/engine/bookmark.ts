import { refused } from '../errors.js';
import type { Json } from '../json.js';

/** What CouchDB gives as a bookmark when a query without one has found nothing. */
export const NO_BOOKMARK = 'nil';

/** Where a query goes on: after the row with this key and id. */
export interface Bookmark {
    readonly key: Json;
    readonly id: string;
}

/** Packs a bookmark into the opaque text a client hands back. */
export function packBookmark({ key, id }: Bookmark): string {
    return Buffer.from(JSON.stringify([id, key]), 'utf8').toString('base64url');
}

/**
 * Unpacks a bookmark.
 *
 * @throws CouchdbError `COUCHDB_REFUSED` (`invalid_bookmark`) for anything {@link packBookmark} has not
 *   made, which includes CouchDB's own `nil`
 */
export function unpackBookmark(text: string): Bookmark {
    try {
        const value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown;
        if (Array.isArray(value) && value.length === 2 && typeof value[0] === 'string') {
            return { id: value[0], key: value[1] as Json };
        }
    } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
    }
    throw refused(400, 'invalid_bookmark', `Invalid bookmark value: ${JSON.stringify(text)}`);
}
