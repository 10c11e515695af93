/** Every code a {@link CouchdbError} can carry, with what it means. */
export const ERROR_CODES = {
    COUCHDB_OPTION_INVALID: 'An option of the embedded engine has a value it cannot work with.',
    COUCHDB_REFUSED:
        'CouchDB answers this request with an error; `status`, `error` and `reason` say which.',
    COUCHDB_QUERY_UNREADABLE:
        'The query cannot be read: not JSON, `fields` is no array, or it nests too deep.',
    COUCHDB_REGEX_UNSUPPORTED:
        'The embedded engine cannot run this regular expression as CouchDB would.',
    COUCHDB_KEY_INVALID: 'CouchDB cannot store a row under this key.',
    COUCHDB_VALUE_INVALID: 'CouchDB cannot store this value.',
    COUCHDB_INDEX_INVALID:
        'An index definition in code is not one CouchDB and a peer can both use.',
    COUCHDB_QUERY_INVALID:
        'The query builder was asked for a query that would not do what it says.',
    COUCHDB_FOLDER_UNREADABLE: 'A folder or file of indexes or sources cannot be read or written.',
    COUCHDB_SOURCE_UNREADABLE: 'A source file cannot be parsed as TypeScript or JavaScript.',
    COUCHDB_WORKLOAD_INVALID: 'A recorded workload or its sample of documents has the wrong form.',
    COUCHDB_SERVER_FAILED: 'A live CouchDB could not be reached or did not answer as CouchDB does.',
    COUCHDB_INDEX_FILE_INVALID: "The index file does not pass the peer's own validation.",
} as const;

/** A stable error code of this package. */
export type CouchdbErrorCode = keyof typeof ERROR_CODES;

/** What a {@link CouchdbError} knows besides its message. */
export interface CouchdbErrorDetails {
    /** HTTP status CouchDB answers with. */
    readonly status?: number;
    /** CouchDB's own short name of the error, such as `no_usable_index`. */
    readonly error?: string;
    /** CouchDB's own explanation. */
    readonly reason?: string;
    readonly cause?: unknown;
}

/** What went wrong with an index, a query, a row, or a CouchDB. */
export class CouchdbError extends Error {
    override readonly name = 'CouchdbError';
    readonly code: CouchdbErrorCode;
    /** HTTP status, when CouchDB answers (or would answer) with one. */
    readonly status: number | undefined;
    /** CouchDB's own short name of the error, such as `no_usable_index`. */
    readonly error: string | undefined;
    /** CouchDB's own explanation. */
    readonly reason: string | undefined;

    constructor(code: CouchdbErrorCode, message: string, details: CouchdbErrorDetails = {}) {
        super(message, details.cause === undefined ? undefined : { cause: details.cause });
        this.code = code;
        this.status = details.status;
        this.error = details.error;
        this.reason = details.reason;
    }
}

/** An answer CouchDB would give instead of rows. */
export function refused(status: number, error: string, reason: string): CouchdbError {
    return new CouchdbError(
        'COUCHDB_REFUSED',
        `CouchDB refuses this with ${String(status)} ${error}: ${reason}`,
        { status, error, reason },
    );
}
