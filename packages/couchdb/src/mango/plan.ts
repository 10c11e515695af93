import { compareCodePoints, MAX_KEY } from '../collation.js';
import { refused } from '../errors.js';
import type { FindRequest } from './find-request.js';
import {
    ALL_DOCS,
    ALL_DOCS_INDEX,
    columns,
    designId,
    isPartial,
    type CouchdbIndex,
} from './index-definition.js';
import { fieldRanges, type FieldRange, type KeyRange } from './ranges.js';
import { selectorFields } from './selector.js';
import { unusable, type Unusable } from './usability.js';
import { couchdbFeatures } from './version.js';

/** Why an index was not chosen; CouchDB's own words. */
export type RejectionReason =
    | Unusable
    | 'alphabetically_comes_after'
    | 'empty_selector'
    | 'excluded_by_user'
    | 'is_partial'
    | 'less_overlap'
    | 'scope_mismatch'
    | 'too_many_fields'
    | 'unfavored_type';

/** An index that was looked at and not chosen. */
export interface Candidate {
    readonly index: CouchdbIndex;
    readonly usable: boolean;
    readonly reason: RejectionReason;
    /** Its place in the order of preference; the chosen index would be 0. */
    readonly ranking: number;
    /** Whether it lists every field asked for; null for the pseudo index. */
    readonly covering: boolean | null;
}

/** What Mango does with a query. */
export interface Plan {
    readonly request: FindRequest;
    /** The chosen index; `ALL_DOCS_INDEX` when no other is usable. */
    readonly index: CouchdbIndex;
    /** The part of the index that is read, or 'empty' when nothing can match. */
    readonly ranges: readonly KeyRange[] | 'empty';
    /** Whether the index answers alone, without reading documents. */
    readonly covering: boolean;
    readonly descending: boolean;
    readonly candidates: readonly Candidate[];
    /** Warnings known before any row is read. */
    readonly warnings: readonly string[];
}

/** What CouchDB warns of when it reads every document. */
export const NO_INDEX_WARNING = 'No matching index found, create an index to optimize query time.';

// What _all_docs is read by when nothing narrows the ids.
const EVERY_ID: FieldRange = {
    field: '_id',
    range: { lowOp: '$gt', low: null, highOp: '$lt', high: MAX_KEY },
};

/** How well an index fits a query. */
export interface Scored {
    readonly index: CouchdbIndex;
    readonly prefix: readonly (KeyRange | 'empty')[];
    /** Fields with a range that this index's prefix does not use. */
    readonly distance: number;
}

function score(index: CouchdbIndex, ranges: readonly FieldRange[]): Scored {
    const prefix: (KeyRange | 'empty')[] = [];
    for (const column of columns(index)) {
        const found = ranges.find(({ field }) => field === column);
        if (found === undefined) break;
        prefix.push(found.range);
    }
    return { index, prefix, distance: ranges.length - prefix.length };
}

/** Orders indexes by Mango's preference, the chosen one first. */
export function prefer(a: Scored, b: Scored): number {
    return (
        a.distance - b.distance ||
        a.index.fields.length - b.index.fields.length ||
        compareCodePoints(a.index.ddoc, b.index.ddoc) ||
        compareCodePoints(a.index.name, b.index.name)
    );
}

function isNamed(index: CouchdbIndex, [ddoc, name]: readonly string[]): boolean {
    if (ddoc === undefined || index.name === ALL_DOCS) return false;
    return index.ddoc === designId(ddoc) && (name === undefined || index.name === name);
}

/** Whether an index lists every field, so that no document need be read. */
export function covers(index: CouchdbIndex, fields: readonly string[] | undefined): boolean {
    if (fields === undefined || index.name === ALL_DOCS) return false;
    const listed = new Set(['_id', ...columns(index)]);
    return fields.every((field) => listed.has(field));
}

function useIndexWarning(index: CouchdbIndex, useIndex: readonly string[]): string[] {
    const [ddoc, name] = useIndex;
    if (ddoc === undefined || isNamed(index, useIndex)) return [];
    const shortName = ddoc.replace(/^_design\//, '');
    return [
        name === undefined
            ? `_design/${shortName} was not used because it does not contain a valid index for this query.`
            : `_design/${shortName}, ${name} was not used because it is not a valid index for this query.`,
    ];
}

function planWarnings(index: CouchdbIndex, request: FindRequest): string[] {
    const unindexed = index.name === ALL_DOCS ? [NO_INDEX_WARNING] : [];
    return [...useIndexWarning(index, request.useIndex), ...unindexed];
}

interface Judged {
    readonly index: CouchdbIndex;
    readonly reasons: readonly Unusable[];
}

function judgeAll(indexes: readonly CouchdbIndex[], request: FindRequest): Judged[] {
    const sort = request.sort.map(({ field }) => field);
    return [...indexes, ALL_DOCS_INDEX]
        .filter((index) => !isPartial(index) || isNamed(index, request.useIndex))
        .map((index) => ({
            index,
            reasons: unusable(index, request.selector, sort, request.version),
        }));
}

function refuseFallback(request: FindRequest, usable: readonly CouchdbIndex[]): void {
    const { useIndex, allowFallback } = request;
    if (allowFallback || (useIndex.length === 0 && usable.length > 1)) return;
    const [ddoc, name] = useIndex;
    const what = name === undefined ? `_design/${ddoc ?? ''}` : `_design/${ddoc ?? ''}, ${name}`;
    const reason =
        ddoc === undefined
            ? 'You must specify an index with the `use_index` parameter.'
            : `${what.replace('_design/_design/', '_design/')} specified by \`use_index\` ` +
              'could not be found or it is not suitable.';
    throw refused(400, 'invalid_index', reason);
}

/** Indexes left after `use_index` has been honoured or passed over. */
function afterUseIndex(request: FindRequest, usable: readonly CouchdbIndex[]): CouchdbIndex[] {
    const named = usable.filter((index) => isNamed(index, request.useIndex));
    if (named.length > 0) return named;
    refuseFallback(request, usable);
    return [...usable];
}

function usableRanges(best: Scored, request: FindRequest): readonly KeyRange[] | 'empty' {
    const { selector } = request;
    const emptyList = (selector.kind === 'and' || selector.kind === 'or') && !selector.parts.length;
    const ranges = best.prefix.filter((range) => range !== 'empty');
    return emptyList || ranges.length < best.prefix.length ? 'empty' : ranges;
}

function lostReason(scored: Scored, winner: Scored): RejectionReason {
    if (scored.distance > 0) return 'less_overlap';
    const wider = scored.index.fields.length > winner.index.fields.length;
    return wider ? 'too_many_fields' : 'alphabetically_comes_after';
}

interface Stages {
    readonly all: readonly CouchdbIndex[];
    readonly judged: readonly Judged[];
    readonly filtered: readonly CouchdbIndex[];
    readonly scored: readonly Scored[];
}

// Each group of losers ranks one below the group before it, when that one has members.
function groupRanks({
    judged,
    filtered,
    scored,
}: Stages): Record<'low' | 'out' | 'bad' | 'part', number> {
    const usable = judged.filter(({ reasons }) => reasons.length === 0).length;
    const low = Math.max(1, scored.length);
    const out = low + (filtered.length > scored.length ? 1 : 0);
    const bad = out + (usable > filtered.length ? 1 : 0);
    return { low, out, bad, part: bad + (judged.length > usable ? 1 : 0) };
}

type Verdict = readonly [usable: boolean, reason: RejectionReason, ranking: number];

function verdictOn(index: CouchdbIndex, stages: Stages): Verdict | undefined {
    const ranks = groupRanks(stages);
    const judgement = stages.judged.find((one) => one.index === index);
    if (judgement === undefined) return undefined;
    const [reason] = judgement.reasons;
    if (reason !== undefined) return [false, reason, ranks.bad];
    if (!stages.filtered.includes(index)) return [true, 'excluded_by_user', ranks.out];
    const place = stages.scored.findIndex((one) => one.index === index);
    const [winner] = stages.scored;
    const lost = stages.scored[place];
    if (lost === undefined || winner === undefined) return [true, 'unfavored_type', ranks.low];
    return [true, lostReason(lost, winner), place];
}

function explainLosers(stages: Stages, request: FindRequest): Candidate[] {
    const [winner] = stages.scored;
    const { part } = groupRanks(stages);
    return stages.all
        .filter((index) => index !== winner?.index)
        .map((index) => {
            const verdict = verdictOn(index, stages);
            const [usable, reason, ranking]: Verdict =
                verdict === undefined || isPartial(index)
                    ? [false, 'is_partial', part + (verdict?.[2] ?? 0)]
                    : verdict;
            const covering = index.name === ALL_DOCS ? null : covers(index, request.fields);
            return { index, usable, reason, ranking, covering };
        });
}

/**
 * How well one index fits a request; undefined when Mango cannot use it.
 *
 * @throws CouchdbError `COUCHDB_REFUSED` for selectors on which Mango itself fails
 */
export function scoreIndex(index: CouchdbIndex, request: FindRequest): Scored | undefined {
    if (isPartial(index) && !isNamed(index, request.useIndex)) return undefined;
    const sort = request.sort.map(({ field }) => field);
    if (unusable(index, request.selector, sort, request.version).length > 0) return undefined;
    const ranges = fieldRanges(request.selector, request.version);
    return score(index, index.name === ALL_DOCS ? [...ranges, EVERY_ID] : ranges);
}

/** Whether `use_index` of a request names this index. */
export function isHinted(index: CouchdbIndex, request: FindRequest): boolean {
    return isNamed(index, request.useIndex);
}

/** The part of an index that answers a request; 'empty' when nothing can match. */
export function rangesOf(scored: Scored, request: FindRequest): readonly KeyRange[] | 'empty' {
    return usableRanges(scored, request);
}

/** What Mango thinks of every index when none can answer: the candidates of a sort error. */
export function explainNone(indexes: readonly CouchdbIndex[], request: FindRequest): Candidate[] {
    const judged = judgeAll(indexes, request);
    const all = [...indexes, ALL_DOCS_INDEX];
    return explainLosers({ all, judged, filtered: [], scored: [] }, request);
}

/**
 * Chooses the index for a request, by the rules of the given CouchDB release.
 *
 * @param indexes the indexes of the database, without the pseudo index over all documents
 * @throws CouchdbError `COUCHDB_REFUSED` when CouchDB answers with an error: 400 `no_usable_index` for
 *   a sort no index yields, 400 `invalid_index` for a `use_index` that may not be passed over
 * @example
 * ```ts
 * const plan = planQuery(indexes, parseFindRequest({ selector: { owner: 'alice' } }));
 * plan.index.name;
 * ```
 */
export function planQuery(indexes: readonly CouchdbIndex[], request: FindRequest): Plan {
    const judged = judgeAll(indexes, request);
    const usable = judged.filter(({ reasons }) => reasons.length === 0).map(({ index }) => index);
    if (usable.length === 0) {
        const reason = 'No index exists for this sort, try indexing by the sort fields.';
        throw refused(400, 'no_usable_index', reason);
    }
    const filtered = afterUseIndex(request, usable);
    const json = filtered.filter((index) => index.name !== ALL_DOCS);
    const ranges = fieldRanges(request.selector, request.version);
    const scored =
        json.length > 0
            ? json.map((index) => score(index, ranges)).sort(prefer)
            : [score(ALL_DOCS_INDEX, [...ranges, EVERY_ID])];
    const [best] = scored;
    if (best === undefined) throw new Error('a usable index got lost');
    const required = request.fields && [...request.fields, ...selectorFields(request.selector)];
    const { candidates, covering } = couchdbFeatures(request.version);
    const read = usableRanges(best, request);
    const stages = { all: [...indexes, ALL_DOCS_INDEX], judged, filtered, scored };
    return {
        request,
        index: best.index,
        ranges: read,
        covering: covering && covers(best.index, required),
        descending: request.sort[0]?.direction === 'desc',
        // Most plans are made to be run, and nobody asks who lost.
        get candidates(): readonly Candidate[] {
            return candidates ? explainLosers(stages, request) : [];
        },
        // A query that nothing can match is answered before CouchDB comes to its warnings.
        warnings: read === 'empty' ? [] : planWarnings(best.index, request),
    };
}
