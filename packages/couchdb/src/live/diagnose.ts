import { CouchdbError } from '../errors.js';
import { goJson, isJsonObject, type Json, type JsonObject } from '../json.js';
import { explainQuery, type Explanation } from '../mango/explain.js';
import { DEFAULT_COUCHDB_VERSION, type CouchdbVersion } from '../mango/version.js';
import type { CouchdbClient, LiveFindResult } from './couchdb-client.js';

/** What CouchDB does with a query, and whether the planner here agrees. */
export interface Diagnosis {
    readonly live: Explanation;
    readonly predicted: Explanation;
    /** Members in which they differ; empty when they agree. */
    readonly differences: readonly string[];
    /** What the query read, when it was run. */
    readonly run: LiveFindResult | undefined;
}

/** The planner's release line for a CouchDB version: the newest modelled one for any newer. */
export function versionLine(version: string): CouchdbVersion {
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major < 3 || (major === 3 && minor <= 3)) return '3.3';
    return major === 3 && minor === 4 ? '3.4' : '3.5';
}

function nameOf(index: JsonObject | null): string {
    return index === null ? 'none' : goJson([index['ddoc'] ?? null, index['name'] ?? null]);
}

function candidatesOf({ index_candidates: candidates }: Explanation): string {
    const lines = (candidates ?? []).map(({ index, analysis }) =>
        goJson([
            index['ddoc'] ?? null,
            index['name'] ?? null,
            analysis.usable,
            analysis.reasons.map(({ name }) => name),
        ]),
    );
    return lines.sort().join('\n');
}

function argumentsOf({ mrargs }: Explanation): string {
    const { start_key: start = null, end_key: end = null, direction = null } = mrargs ?? {};
    return goJson([start, end, direction]);
}

/** Members in which two explanations of one query differ. */
export function compareExplanations(live: Explanation, predicted: Explanation): string[] {
    const pairs: readonly (readonly [string, string, string])[] = [
        ['index', nameOf(live.index), nameOf(predicted.index)],
        ['mrargs', argumentsOf(live), argumentsOf(predicted)],
        ['covering', String(live.covering), String(predicted.covering)],
        ['index_candidates', candidatesOf(live), candidatesOf(predicted)],
    ];
    return pairs.filter(([, a, b]) => a !== b).map(([name]) => name);
}

/**
 * Explains a query by a live CouchDB and by the planner here, and says where they differ.
 *
 * @throws CouchdbError `COUCHDB_SERVER_FAILED`, `COUCHDB_REFUSED`
 * @example
 * ```ts
 * const { live, differences } = await diagnoseQuery(couchdb, { selector: { owner: 'alice' } });
 * ```
 */
export async function diagnoseQuery(
    couchdb: CouchdbClient,
    request: Json,
    options: { readonly run?: boolean } = {},
): Promise<Diagnosis> {
    if (!isJsonObject(request)) {
        throw new CouchdbError('COUCHDB_QUERY_UNREADABLE', 'The query must be a JSON object.');
    }
    const version = versionLine((await couchdb.version()) || DEFAULT_COUCHDB_VERSION);
    const indexes = await couchdb.indexes();
    const live = await couchdb.explain(request);
    const predicted = explainQuery(indexes, request, { version, database: live.dbname });
    const run = options.run === true ? await couchdb.find(request) : undefined;
    return { live, predicted, differences: compareExplanations(live, predicted), run };
}
