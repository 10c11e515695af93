import { CouchdbError } from '../errors.js';
import { asText, type Json, type JsonObject } from '../json.js';
import { parseFindRequest, type FindRequest } from '../mango/find-request.js';
import {
    ALL_DOCS,
    columns,
    designId,
    isPartial,
    type CouchdbIndex,
} from '../mango/index-definition.js';
import { covers, planQuery, type Plan } from '../mango/plan.js';
import { fieldRanges, isEquality, isUnbounded, type KeyRange } from '../mango/ranges.js';
import { selectorFields, selectorJson, type Condition, type Selector } from '../mango/selector.js';
import { notRequired } from '../mango/usability.js';
import type { CouchdbVersion } from '../mango/version.js';
import { indexNameFor, listColumns, proposeColumns } from './propose.js';
import { finding, type Finding, type FindingPlace, type RuleId } from './rules.js';
import { queryShape } from './shape.js';

/** A query to check. */
export interface QueryToCheck {
    /** The query as chaincode gives it to a stub; undefined when it could not be read. */
    readonly query: JsonObject | undefined;
    readonly file?: string;
    readonly line?: number;
    /** Whether it is joined from text. @default false */
    readonly joined?: boolean;
    /** Whether it is read page by page. @default true */
    readonly paginated?: boolean;
    /** Whether the same transaction writes. @default false */
    readonly writes?: boolean;
    /** '' for the public state. @default '' */
    readonly collection?: string | undefined;
}

/** How queries are checked. */
export interface LintQueriesOptions {
    /** Indexes of the database a query goes to, by its collection ('' for the public state). */
    readonly indexesOf: (collection: string) => readonly CouchdbIndex[];
    /** @default '3.4' */
    readonly version?: CouchdbVersion;
    /** Reads a query on sampled documents: how many documents it reads for each it returns. */
    readonly examinedPerResult?: (query: JsonObject, collection: string) => number | undefined;
}

type Report = (rule: RuleId, detail?: string, proposal?: unknown) => void;

interface Subject {
    readonly query: JsonObject;
    readonly request: FindRequest;
    readonly report: Report;
}

interface FieldCondition {
    readonly field: string;
    readonly condition: Condition;
}

function conditionsOf(selector: Selector): FieldCondition[] {
    if (selector.kind === 'field') return [selector];
    return 'parts' in selector ? selector.parts.flatMap(conditionsOf) : [];
}

function has(selector: Selector, test: (part: Selector) => boolean): boolean {
    return (
        test(selector) || ('parts' in selector && selector.parts.some((part) => has(part, test)))
    );
}

const UNSTEADY = ['update', 'stable', 'stale', 'r', 'conflicts'];

function checkOptions(query: JsonObject, report: Report, version: CouchdbVersion): void {
    const paging = ['limit', 'skip', 'bookmark'].filter((name) => Object.hasOwn(query, name));
    if (paging.length > 0) report('Q10', paging.join(', '));
    const unsteady = UNSTEADY.filter((name) => Object.hasOwn(query, name));
    if (unsteady.length > 0) report('Q23', unsteady.join(', '));
    if (Object.hasOwn(query, 'allow_fallback') && version !== '3.5') report('Q21');
    if (Object.hasOwn(query, 'fields') && !Array.isArray(query['fields']))
        report('Q11', 'fields is no array');
}

function refusalRule(error: CouchdbError): RuleId {
    switch (error.error) {
        case 'no_usable_index':
            return 'Q04';
        case 'unsupported_mixed_sort':
            return 'Q05';
        case 'badmatch':
        case 'unknown_error':
            return 'Q25';
        case 'invalid_index':
            return 'Q08';
        default:
            return 'Q26';
    }
}

/** Runs a step; what CouchDB refuses becomes a finding. */
function attempt<T>(report: Report, action: () => T, proposal?: () => unknown): T | undefined {
    try {
        return action();
    } catch (error) {
        if (!(error instanceof CouchdbError)) throw error;
        report(refusalRule(error), error.reason ?? error.message, proposal?.());
        return undefined;
    }
}

function proposal(request: FindRequest): unknown {
    const fields = listColumns(proposeColumns(request));
    return fields.length === 0 ? undefined : { name: indexNameFor(fields), fields };
}

function proposalText(request: FindRequest): string {
    const fields = listColumns(proposeColumns(request));
    return fields.length === 0
        ? 'no condition could use one; compare a field with $eq or a range'
        : `an index on [${fields.join(', ')}] would be used`;
}

const RANGE_OPERATORS = new Set(['$lt', '$lte', '$gt', '$gte']);

// Text whose order by ICU is not that of its bytes: both cases, beyond ASCII, or the characters that
// are put at the end of a prefix because their bytes are high, and that ICU sorts before any letter.
function isOrderedOtherwise(value: Json): boolean {
    if (typeof value !== 'string' || value.includes('«')) return false;
    const hasBothCases = /[a-z]/.test(value) && /[A-Z]/.test(value);
    return hasBothCases || /[^\x20-\x7e]|[{|}~]$/.test(value);
}

function checkConditions({ request, report }: Subject): void {
    const { selector } = request;
    const conditions = conditionsOf(selector);
    for (const { field, condition } of conditions) {
        if (
            condition.op === '$regex' &&
            'value' in condition &&
            /^\^\w/.test(asText(condition.value))
        ) {
            report('Q12', field);
        }
        if (condition.op === '$in') report('Q13', `$in on ${field}`);
        const isAbsence =
            condition.op === '$exists' && 'value' in condition && condition.value === false;
        if (isAbsence || ['$ne', '$nin', '$not'].includes(condition.op)) {
            report('Q14', `${isAbsence ? '$exists: false' : condition.op} on ${field}`);
        }
        const isRange = 'value' in condition && RANGE_OPERATORS.has(condition.op);
        if (isRange && field !== '_id' && isOrderedOtherwise(condition.value)) report('Q16', field);
    }
    if (has(selector, (part) => part.kind === 'or' && part.parts.length > 0)) report('Q13', '$or');
    const isEmptyList = (part: Selector): boolean =>
        part !== selector && (part.kind === 'or' || part.kind === 'and') && part.parts.length === 0;
    if (has(selector, isEmptyList)) report('Q24');
}

function asksForKeysOnly(selector: Selector): boolean {
    const fields = new Set(selectorFields(selector));
    return fields.size === 1 && fields.has('_id');
}

function checkUnindexed(plan: Plan, report: Report): void {
    const { request } = plan;
    if (asksForKeysOnly(request.selector)) {
        report('Q19');
        return;
    }
    report('Q01', proposalText(request), proposal(request));
    const compared = new Set(
        fieldRanges(request.selector, request.version).map(({ field }) => field),
    );
    for (const { index, reason } of plan.candidates) {
        const [first = ''] = columns(index);
        if (reason !== 'field_mismatch' || !compared.has(first)) continue;
        const lacking = notRequired(request.selector, columns(index));
        report('Q03', `${index.name} has ${lacking.join(', ')}`);
    }
}

function checkRanges(plan: Plan, ranges: readonly KeyRange[], report: Report): void {
    const { request, index } = plan;
    const names = columns(index);
    const compared = new Map(
        fieldRanges(request.selector, request.version).map(({ field, range }) => [field, range]),
    );
    const bounded = ranges.filter((range) => !isUnbounded(range));
    if (bounded.length === 0) {
        report('Q02', `all of ${index.name} is read; ${proposalText(request)}`, proposal(request));
        return;
    }
    const firstOpen = ranges.findIndex((range) => !isEquality(range));
    const later = firstOpen < 0 ? [] : names.slice(firstOpen + 1);
    const held = later.filter((name) => {
        const range = compared.get(name);
        return range !== undefined && range !== 'empty' && isEquality(range);
    });
    const sortsByRange = request.sort.some(({ field }) => field === names[firstOpen]);
    if (held.length > 0 && !sortsByRange)
        report('Q06', `${index.name}: ${held.join(', ')} after ${names[firstOpen] ?? ''}`);
    const after = names.slice(ranges.length + 1).filter((name) => compared.has(name));
    if (after.length > 0)
        report('Q07', `${index.name}: ${names[ranges.length] ?? ''} before ${after.join(', ')}`);
}

function partsOf(selector: Selector): string[] {
    const parts =
        selector.kind === 'and'
            ? selector.parts.flatMap(partsOf)
            : [JSON.stringify(selectorJson(selector))];
    return parts;
}

function checkUseIndex(plan: Plan, indexes: readonly CouchdbIndex[], report: Report): void {
    const { useIndex, selector } = plan.request;
    const [ddoc, name] = useIndex;
    if (ddoc === undefined) return;
    const isNamed = (index: CouchdbIndex): boolean =>
        index.ddoc === designId(ddoc) && (name === undefined || index.name === name);
    if (!isNamed(plan.index)) {
        const exists = indexes.some(isNamed);
        report('Q08', `${useIndex.join(', ')} ${exists ? 'is not usable' : 'does not exist'}`);
    } else if (isPartial(plan.index)) {
        const stated = new Set(partsOf(selector));
        const lacking = partsOf(plan.index.partialFilter).filter((part) => !stated.has(part));
        if (lacking.length > 0) report('Q09', lacking.join(', '));
    }
}

function checkCovering(plan: Plan, report: Report): void {
    const { fields, selector } = plan.request;
    if (fields === undefined || plan.index.name === ALL_DOCS) return;
    const asked = [...fields, ...selectorFields(selector)];
    const coversRest = covers(
        plan.index,
        asked.filter((field) => field !== '~version'),
    );
    if (coversRest && !columns(plan.index).includes('~version')) report('Q11', plan.index.name);
}

function checkTies(plan: Plan, report: Report): void {
    if (plan.request.useIndex.length > 0) return;
    const tied = plan.candidates.filter(({ reason }) => reason === 'alphabetically_comes_after');
    const names = tied.map(({ index }) => index.name).join(', ');
    if (tied.length > 0) report('Q22', `${plan.index.name} and ${names}`);
}

function checkPlan(plan: Plan, indexes: readonly CouchdbIndex[], report: Report): void {
    checkUseIndex(plan, indexes, report);
    if (plan.index.name === ALL_DOCS) checkUnindexed(plan, report);
    else if (plan.ranges !== 'empty') {
        checkRanges(plan, plan.ranges, report);
        checkCovering(plan, report);
        checkTies(plan, report);
    }
}

const IGNORED_BY_THE_PLANNER = new Set(['limit', 'skip', 'bookmark']);

function plannable(query: JsonObject, version: CouchdbVersion): JsonObject {
    const members = Object.entries(query).filter(
        ([name, value]) =>
            !IGNORED_BY_THE_PLANNER.has(name) &&
            !(name === 'allow_fallback' && version !== '3.5') &&
            !(name === 'fields' && !Array.isArray(value)),
    );
    return Object.fromEntries(members);
}

function lintOne(subject: QueryToCheck, options: LintQueriesOptions): Finding[] {
    const version = options.version ?? '3.4';
    const findings: Finding[] = [];
    const { query, collection = '' } = subject;
    const shape = query === undefined ? undefined : queryShape(query);
    const place: FindingPlace = { file: subject.file, line: subject.line, query: shape };
    const report: Report = (rule, detail = '', proposed) => {
        findings.push(finding(rule, detail, place, proposed));
    };
    if (subject.joined === true) report('Q18');
    if (query === undefined) {
        if (subject.joined !== true) report('Q27');
        return findings;
    }
    if (subject.paginated === false) report('Q15');
    if (subject.writes === true) report('Q20');
    checkOptions(query, report, version);
    const request = attempt(report, () => parseFindRequest(plannable(query, version), version));
    if (request === undefined) return findings;
    checkConditions({ query, request, report });
    const indexes = options.indexesOf(collection);
    const plan = attempt(
        report,
        () => planQuery(indexes, request),
        () => proposal(request),
    );
    if (plan === undefined) return findings;
    checkPlan(plan, indexes, report);
    const ratio = options.examinedPerResult?.(query, collection);
    if (ratio !== undefined && ratio > 10)
        report('Q17', `${ratio.toFixed(1)} for each`, proposal(request));
    return findings;
}

/**
 * Checks queries by the rules Q01 to Q27.
 *
 * @example
 * ```ts
 * const findings = lintQueries(scan.queries, { indexesOf: () => indexes });
 * ```
 */
export function lintQueries(
    queries: readonly QueryToCheck[],
    options: LintQueriesOptions,
): Finding[] {
    return queries.flatMap((query) => lintOne(query, options));
}
