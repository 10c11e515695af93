/** The CouchDB release lines whose query planner is modelled. */
export type CouchdbVersion = '3.3' | '3.4' | '3.5';

/** Every modelled release line. */
export const COUCHDB_VERSIONS: readonly CouchdbVersion[] = ['3.3', '3.4', '3.5'];

/** What differs between the modelled release lines. */
export interface CouchdbFeatures {
    /** `$beginsWith` exists and narrows an index (3.4). */
    readonly beginsWith: boolean;
    /** `$exists` counts as a range when indexes are compared (3.4). */
    readonly existsNarrows: boolean;
    /** An index that lists every field asked for answers without reading documents (3.4). */
    readonly covering: boolean;
    /** `_explain` lists the candidates and says why each lost (3.4). */
    readonly candidates: boolean;
    /** `allow_fallback` is an option of a query (3.5). */
    readonly allowFallback: boolean;
    /** Usability rules are all evaluated, even when the first has already failed (3.4). */
    readonly eagerUsability: boolean;
}

/** The version assumed when none is given: the one Fabric's own tests run against. */
export const DEFAULT_COUCHDB_VERSION: CouchdbVersion = '3.4';

const FEATURES: Readonly<Record<CouchdbVersion, CouchdbFeatures>> = {
    '3.3': {
        beginsWith: false,
        existsNarrows: false,
        covering: false,
        candidates: false,
        allowFallback: false,
        eagerUsability: false,
    },
    '3.4': {
        beginsWith: true,
        existsNarrows: true,
        covering: true,
        candidates: true,
        allowFallback: false,
        eagerUsability: true,
    },
    '3.5': {
        beginsWith: true,
        existsNarrows: true,
        covering: true,
        candidates: true,
        allowFallback: true,
        eagerUsability: true,
    },
};

/** What a release line can do. */
export function couchdbFeatures(version: CouchdbVersion): CouchdbFeatures {
    return FEATURES[version];
}
