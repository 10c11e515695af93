import { compareIds } from '../collation.js';
import type { Json, JsonObject } from '../json.js';
import { getField, parseField, setField } from '../mango/field-path.js';
import { ALL_DOCS } from '../mango/index-definition.js';
import { compileSelector } from '../mango/match.js';
import type { Plan } from '../mango/plan.js';
import { endKey, startKey, type KeyRange } from '../mango/ranges.js';
import { NO_BOOKMARK, packBookmark, unpackBookmark, type Bookmark } from './bookmark.js';
import type { DocumentStore } from './document-store.js';
import type { Scan, ViewRow } from './view.js';

/** How much a query has read, as CouchDB's `execution_stats` names it. */
export interface ExecutionStats {
    readonly totalKeysExamined: number;
    readonly totalDocsExamined: number;
    readonly totalQuorumDocsExamined: number;
    readonly resultsReturned: number;
}

/** What one request to `_find` gives. */
export interface FindResult {
    readonly docs: readonly JsonObject[];
    /** Where to go on; undefined when CouchDB gives none because nothing can match. */
    readonly bookmark: string | undefined;
    /** CouchDB's warnings, joined by line feeds as it does. */
    readonly warning: string | undefined;
    readonly stats: ExecutionStats;
    readonly plan: Plan;
}

/** From this many documents read for each returned, CouchDB warns. */
export const INDEX_SCAN_WARNING_THRESHOLD = 10;

const SCAN_WARNING =
    'The number of documents examined is high in proportion to the number of results returned. ' +
    'Consider adding a more specific index to improve this.';

const NOTHING: ExecutionStats = {
    totalKeysExamined: 0,
    totalDocsExamined: 0,
    totalQuorumDocsExamined: 0,
    resultsReturned: 0,
};

function project(document: JsonObject, paths: readonly (readonly string[])[]): JsonObject {
    let projected: JsonObject = {};
    for (const path of paths) {
        const found = getField(document, path);
        if (typeof found !== 'symbol') projected = setField(projected, path, found);
    }
    return projected;
}

function viewScan(
    ranges: readonly KeyRange[],
    descending: boolean,
    from: Bookmark | undefined,
): Scan {
    const low = { key: startKey(ranges) };
    const high = { key: endKey(ranges) };
    if (from === undefined) return { start: low, end: high, descending };
    const place = { key: Array.isArray(from.key) ? (from.key as Json[]) : [], id: from.id };
    return descending
        ? { start: low, end: place, descending }
        : { start: place, end: high, descending };
}

function* scanIds(
    store: DocumentStore,
    range: KeyRange,
    descending: boolean,
    from: Bookmark | undefined,
): Generator<ViewRow> {
    const low = descending ? range.low : (from?.id ?? range.low);
    const high = descending ? (from?.id ?? range.high) : range.high;
    const first = typeof low === 'string' ? low : '';
    const last = typeof high === 'string' ? high : undefined;
    for (const id of store.ids({ first, last, descending })) {
        const tooLow = typeof low !== 'symbol' && compareIds(id, low) < 0;
        const tooHigh = typeof high !== 'symbol' && compareIds(id, high) > 0;
        if (descending ? tooLow : tooHigh) return;
        if (!tooLow && !tooHigh) yield { key: [id], id };
    }
}

function rowsOf(store: DocumentStore, plan: Plan, ranges: readonly KeyRange[]): Iterable<ViewRow> {
    const { bookmark } = plan.request;
    const from = bookmark === undefined ? undefined : unpackBookmark(bookmark);
    if (plan.index.name !== ALL_DOCS) {
        const view = store.view(plan.index);
        return view.scan(viewScan(ranges, plan.descending, from));
    }
    const [range] = ranges;
    if (range === undefined) throw new Error('a plan over all documents lost its range');
    startKey(ranges);
    return scanIds(store, range, plan.descending, from);
}

function warningText(plan: Plan, stats: ExecutionStats): string | undefined {
    const examined = stats.totalDocsExamined + stats.totalQuorumDocsExamined;
    const ratio = examined / Math.max(1, stats.resultsReturned);
    const warnings = [
        ...plan.warnings,
        ...(ratio > INDEX_SCAN_WARNING_THRESHOLD ? [SCAN_WARNING] : []),
    ];
    return warnings.length === 0 ? undefined : warnings.join('\n');
}

/** Reads what a plan says, and gives what CouchDB would. */
export function executePlan(store: DocumentStore, plan: Plan): FindResult {
    const { request, ranges } = plan;
    if (ranges === 'empty') {
        return { docs: [], bookmark: undefined, warning: undefined, stats: NOTHING, plan };
    }
    const matches = compileSelector(request.selector);
    const paths = request.fields?.map(parseField);
    const docs: JsonObject[] = [];
    let last: ViewRow | undefined;
    let keys = 0;
    // With a bookmark the row it points to is passed over, and `skip` counts once more.
    let skip = request.skip + (request.bookmark === undefined ? 0 : 1);
    for (const row of rowsOf(store, plan, ranges)) {
        keys++;
        const document = store.document(row.id);
        if (document === undefined || !matches(document)) continue;
        if (docs.length >= request.limit) break;
        last = row;
        if (skip > 0) skip--;
        else docs.push(paths === undefined ? document : project(document, paths));
    }
    const readDocuments = plan.covering ? 0 : keys;
    const quorum = request.r > 1;
    const stats: ExecutionStats = {
        totalKeysExamined: keys,
        totalDocsExamined: quorum ? 0 : readDocuments,
        totalQuorumDocsExamined: quorum ? keys : 0,
        resultsReturned: docs.length,
    };
    const isAllDocs = plan.index.name === ALL_DOCS;
    const bookmark =
        last === undefined
            ? (request.bookmark ?? NO_BOOKMARK)
            : packBookmark({ key: isAllDocs ? last.id : last.key, id: last.id });
    return { docs, bookmark, warning: warningText(plan, stats), stats, plan };
}
