import { CouchdbError } from '../errors.js';
import { isJsonObject, type Json, type JsonObject } from '../json.js';
import { SHAPE_VALUE } from '../lint/shape.js';
import type { SourceQuery } from '../lint/source-queries.js';
import type { WorkloadQuery } from './advise.js';

/** The queries of a chaincode's sources as a workload, each of the same weight. */
export function workloadFromSources(queries: readonly SourceQuery[]): WorkloadQuery[] {
    return queries.flatMap(({ query, file, line, collection }) =>
        query === undefined
            ? []
            : [
                  {
                      query,
                      name: `${file}:${String(line)}`,
                      ...(collection !== undefined && { collection }),
                  },
              ],
    );
}

function invalid(line: number, problem: string): CouchdbError {
    const message = `Line ${String(line)} of the query log ${problem}. Record it again, or remove the line.`;
    return new CouchdbError('COUCHDB_WORKLOAD_INVALID', message);
}

interface Recorded {
    readonly query: JsonObject;
    readonly collection: string;
}

/** The query of a record; undefined for one that could not be read when it ran. */
function recorded(text: string, line: number): Recorded | undefined {
    let record: unknown;
    try {
        record = JSON.parse(text);
    } catch {
        throw invalid(line, 'is not JSON');
    }
    const { shape, collection } = isJsonObject(record) ? record : {};
    if (typeof shape !== 'string') throw invalid(line, 'has no "shape"');
    if (shape === SHAPE_VALUE) return undefined;
    try {
        const query = JSON.parse(shape) as Json;
        if (isJsonObject(query)) {
            return { query, collection: typeof collection === 'string' ? collection : '' };
        }
    } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
    }
    throw invalid(line, 'has a "shape" that is no query');
}

/**
 * Reads a log of queries, one JSON record with a `shape` a line, as the monitoring wrapper writes it,
 * into a workload weighted by how often each shape ran. Queries that were no JSON are left out.
 *
 * @throws CouchdbError `COUCHDB_WORKLOAD_INVALID`
 */
export function workloadFromLog(log: string): WorkloadQuery[] {
    const queries = new Map<string, Recorded & { weight: number }>();
    for (const [at, line] of log.split('\n').entries()) {
        const one = line.trim() === '' ? undefined : recorded(line, at + 1);
        if (one === undefined) continue;
        const key = JSON.stringify([one.collection, one.query]);
        const known = queries.get(key);
        if (known === undefined) queries.set(key, { ...one, weight: 1 });
        else known.weight++;
    }
    return [...queries.values()];
}
