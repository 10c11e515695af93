import type { IndexFiles } from '../engine/index-files.js';
import { CouchdbError } from '../errors.js';
import { parseFindRequest } from '../mango/find-request.js';
import { ALL_DOCS, type CouchdbIndex } from '../mango/index-definition.js';
import { planQuery } from '../mango/plan.js';
import { DEFAULT_COUCHDB_VERSION, type CouchdbVersion } from '../mango/version.js';
import { indexesOfCollection, readIndexDefinitions } from './lint-indexes.js';
import type { QueryToCheck } from './lint-queries.js';
import { queryShape } from './shape.js';

/** Which index answers which query. */
export interface IndexUse {
    /** Queries by the path of the index file they use. */
    readonly usedBy: ReadonlyMap<string, readonly QueryToCheck[]>;
    /** Paths of index files that no query uses. */
    readonly unusedIndexes: readonly string[];
    /** Queries without a usable index, with the reason. */
    readonly unindexedQueries: readonly { readonly query: QueryToCheck; readonly why: string }[];
}

function answer(
    indexes: readonly CouchdbIndex[],
    query: QueryToCheck,
    version: CouchdbVersion,
): CouchdbIndex | string {
    if (query.query === undefined) return 'the query cannot be read from the source';
    try {
        const { index, warnings } = planQuery(indexes, parseFindRequest(query.query, version));
        if (index.name === ALL_DOCS)
            return `CouchDB reads every document: ${queryShape(query.query)}`;
        return warnings.length > 0 ? warnings.join('; ') : index;
    } catch (error) {
        if (error instanceof CouchdbError) return error.message;
        throw error;
    }
}

/**
 * Says which index files the given queries use. A chaincode is sound when `unusedIndexes` and
 * `unindexedQueries` are both empty: every shipped index is used by a shipped query, and every shipped
 * query has a usable index.
 *
 * @example
 * ```ts
 * const { queries } = await scanSources(readSources('chaincode/asset'));
 * const use = indexUse(readIndexFiles('chaincode/asset'), queries);
 * expect(use.unusedIndexes).to.deep.equal([]);
 * expect(use.unindexedQueries).to.deep.equal([]);
 * ```
 */
export function indexUse(
    files: IndexFiles,
    queries: readonly QueryToCheck[],
    version: CouchdbVersion = DEFAULT_COUCHDB_VERSION,
): IndexUse {
    const { indexes } = readIndexDefinitions(files);
    const usedBy = new Map<string, QueryToCheck[]>();
    const unindexedQueries: { query: QueryToCheck; why: string }[] = [];
    for (const query of queries) {
        const { collection = '' } = query;
        const found = answer(indexesOfCollection(indexes, collection), query, version);
        const filed = indexes.find(({ index }) => index === found);
        if (typeof found === 'string' || filed === undefined) {
            unindexedQueries.push({
                query,
                why: typeof found === 'string' ? found : 'no index file',
            });
        } else usedBy.set(filed.path, [...(usedBy.get(filed.path) ?? []), query]);
    }
    const unusedIndexes = [...files.keys()].filter((path) => !usedBy.has(path));
    return { usedBy, unusedIndexes, unindexedQueries };
}
