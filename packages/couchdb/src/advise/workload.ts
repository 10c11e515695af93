import { CouchdbError } from '../errors.js';
import { isJsonObject, type Json, type JsonObject } from '../json.js';
import type { SourceQuery } from '../lint/source-queries.js';
import type { WorkloadQuery } from './advise.js';

/** The queries of a chaincode's sources as a workload, each of the same weight. */
export function workloadFromSources(queries: readonly SourceQuery[]): WorkloadQuery[] {
    return queries.flatMap(({ query, file, line }) =>
        query === undefined ? [] : [{ query, name: `${file}:${String(line)}` }],
    );
}

function invalid(line: number, problem: string): CouchdbError {
    const message = `Line ${String(line)} of the query log ${problem}. Record it again, or remove the line.`;
    return new CouchdbError('COUCHDB_WORKLOAD_INVALID', message);
}

function shapeIn(text: string, line: number): JsonObject {
    let record: unknown;
    try {
        record = JSON.parse(text);
    } catch {
        throw invalid(line, 'is not JSON');
    }
    const { shape } = isJsonObject(record) ? record : {};
    if (typeof shape !== 'string') throw invalid(line, 'has no "shape"');
    try {
        const query = JSON.parse(shape) as Json;
        if (isJsonObject(query)) return query;
    } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
    }
    throw invalid(line, 'has a "shape" that is no query');
}

/**
 * Reads a log of queries, one JSON record with a `shape` a line, as the monitoring wrapper writes it,
 * into a workload weighted by how often each shape ran.
 *
 * @throws CouchdbError `COUCHDB_WORKLOAD_INVALID`
 */
export function workloadFromLog(log: string): WorkloadQuery[] {
    const queries = new Map<string, { query: JsonObject; weight: number }>();
    for (const [at, line] of log.split('\n').entries()) {
        if (line.trim() === '') continue;
        const query = shapeIn(line, at + 1);
        const key = JSON.stringify(query);
        const known = queries.get(key);
        if (known === undefined) queries.set(key, { query, weight: 1 });
        else known.weight++;
    }
    return [...queries.values()];
}
