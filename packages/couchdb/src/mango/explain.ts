import { MAX_KEY, type KeyPart } from '../collation.js';
import { CouchdbError } from '../errors.js';
import type { Json, JsonObject } from '../json.js';
import { indexJson } from './create-index.js';
import { parseFindRequest, type FindRequest } from './find-request.js';
import { ALL_DOCS, type CouchdbIndex } from './index-definition.js';
import { explainNone, planQuery, type Candidate, type Plan, type RejectionReason } from './plan.js';
import { endKey, indexableFields, startKey } from './ranges.js';
import { selectorFields, selectorJson } from './selector.js';
import { couchdbFeatures, type CouchdbVersion } from './version.js';

/** One index CouchDB looked at and did not choose, as `_explain` shows it. */
export interface IndexCandidate {
    readonly index: JsonObject;
    readonly analysis: {
        readonly usable: boolean;
        readonly reasons: readonly { readonly name: RejectionReason }[];
        readonly ranking: number;
        readonly covering: boolean | null;
    };
}

/** What `_explain` answers. Members that came with CouchDB 3.4 are missing before it. */
export interface Explanation {
    readonly dbname: string;
    /** The chosen index; null when the sort makes every index unusable (3.4). */
    readonly index: JsonObject | null;
    readonly partitioned: boolean;
    readonly selector: Json;
    readonly opts: JsonObject;
    readonly limit: number;
    readonly skip: number;
    readonly fields: readonly string[] | 'all_fields';
    readonly index_candidates?: readonly IndexCandidate[];
    readonly selector_hints?: readonly JsonObject[];
    readonly mrargs?: JsonObject;
    readonly covering?: boolean;
}

/** Where a request is explained. */
export interface ExplainOptions {
    /** @default '3.4' */
    readonly version?: CouchdbVersion;
    /** @default 'database' */
    readonly database?: string;
}

function shownKey(key: readonly KeyPart[]): Json[] {
    return key.map((part) => (part === MAX_KEY ? '<MAX>' : part));
}

function keysOf(plan: Plan): [start: Json, end: Json] {
    if (plan.ranges === 'empty') return [null, null];
    const start = startKey(plan.ranges);
    const end = shownKey(endKey(plan.ranges));
    if (plan.index.name !== ALL_DOCS) return [start, end];
    return [start.length === 0 ? '' : (start[0] ?? null), end[0] ?? null];
}

function viewArguments(plan: Plan): JsonObject {
    const { request, descending } = plan;
    const [start, end] = keysOf(plan);
    return {
        include_docs: request.r === 1 && !plan.covering,
        view_type: 'map',
        reduce: false,
        partition: null,
        start_key: descending ? end : start,
        end_key: descending ? start : end,
        direction: descending ? 'rev' : 'fwd',
        stable: request.stable || request.stale === 'ok',
        update: request.stale === 'ok' ? false : request.update,
        conflicts: request.conflicts ? true : 'undefined',
    };
}

function optionsJson(request: FindRequest): JsonObject {
    const { allowFallback, candidates } = couchdbFeatures(request.version);
    return {
        use_index: request.useIndex,
        bookmark: request.bookmark ?? 'nil',
        limit: request.limit,
        skip: request.skip,
        sort: Object.fromEntries(request.sort.map(({ field, direction }) => [field, direction])),
        fields: request.fields ?? (candidates ? [] : 'all_fields'),
        partition: '',
        r: request.r,
        conflicts: request.conflicts,
        stale: request.stale,
        update: request.update,
        stable: request.stable,
        execution_stats: request.executionStats,
        ...(allowFallback ? { allow_fallback: request.allowFallback } : {}),
    };
}

function candidateJson({ index, usable, reason, ranking, covering }: Candidate): IndexCandidate {
    return {
        index: indexJson(index),
        analysis: { usable, reasons: [{ name: reason }], ranking, covering },
    };
}

function hints({ selector, version }: FindRequest): JsonObject[] {
    const indexable = indexableFields(selector, version).sort();
    const others = [...new Set(selectorFields(selector))].filter((one) => !indexable.includes(one));
    return [{ type: 'json', indexable_fields: indexable, unindexable_fields: others.sort() }];
}

function tryPlan(indexes: readonly CouchdbIndex[], request: FindRequest): Plan | undefined {
    try {
        return planQuery(indexes, request);
    } catch (error) {
        const noIndex = error instanceof CouchdbError && error.error === 'no_usable_index';
        if (noIndex && couchdbFeatures(request.version).candidates) return undefined;
        throw error;
    }
}

/**
 * Answers as CouchDB's `_explain` does: which index a request would use, which part of it, and why not
 * each of the others.
 *
 * @param indexes the indexes of the database, without the pseudo index over all documents
 * @throws CouchdbError `COUCHDB_REFUSED` for a request CouchDB refuses
 * @example
 * ```ts
 * const index = parseIndexRequest({ index: { fields: ['owner'] }, ddoc: 'd', name: 'byOwner' });
 * explainQuery([index], { selector: { owner: 'alice' } }).index; // {"ddoc":"_design/d",…}
 * ```
 */
export function explainQuery(
    indexes: readonly CouchdbIndex[],
    request: Json,
    options: ExplainOptions = {},
): Explanation {
    const parsed = parseFindRequest(request, options.version);
    const plan = tryPlan(indexes, parsed);
    const features = couchdbFeatures(parsed.version);
    const candidates = plan === undefined ? explainNone(indexes, parsed) : plan.candidates;
    return {
        dbname: options.database ?? 'database',
        index: plan === undefined ? null : indexJson(plan.index),
        partitioned: false,
        selector: selectorJson(parsed.selector),
        opts: optionsJson(parsed),
        limit: parsed.limit,
        skip: parsed.skip,
        fields: parsed.fields ?? (features.candidates ? [] : 'all_fields'),
        ...(features.candidates
            ? { index_candidates: candidates.map(candidateJson), selector_hints: hints(parsed) }
            : {}),
        ...(plan === undefined ? {} : { mrargs: viewArguments(plan) }),
        ...(plan !== undefined && features.covering ? { covering: plan.covering } : {}),
    };
}
