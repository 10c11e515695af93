import { compareCodePoints, compareKeys, MAX_KEY, type KeyPart } from '../collation.js';
import { refused } from '../errors.js';
import type { Json } from '../json.js';
import type { Condition, Selector } from './selector.js';
import { couchdbFeatures, type CouchdbVersion } from './version.js';

/** Sorts below every JSON value; an end of a range that no condition has narrowed. */
export const MIN_KEY = Symbol('MIN_KEY');

/** An end of a range. */
export type Bound = KeyPart | typeof MIN_KEY;

/** The values of one field that the conditions on it leave possible. */
export interface KeyRange {
    readonly lowOp: '$gt' | '$gte' | '$eq';
    readonly low: Bound;
    readonly highOp: '$lt' | '$lte' | '$eq';
    readonly high: Bound;
}

/** A field's range, or 'empty' when its conditions contradict each other. */
export interface FieldRange {
    readonly field: string;
    readonly range: KeyRange | 'empty';
}

const NARROWING = new Set(['$lt', '$lte', '$eq', '$gt', '$gte']);
const EVERYTHING: KeyRange = { lowOp: '$gt', low: MIN_KEY, highOp: '$lt', high: MAX_KEY };

function compareBounds(a: Bound, b: Bound): number {
    if (a === MIN_KEY || b === MIN_KEY) return a === b ? 0 : a === MIN_KEY ? -1 : 1;
    return compareKeys(a, b);
}

/** Whether a range is one value. */
export function isEquality({ lowOp, highOp }: KeyRange): boolean {
    return lowOp === '$eq' && highOp === '$eq';
}

/** Whether a range leaves every value possible, as `$exists` alone does. */
export function isUnbounded({ low, high }: KeyRange): boolean {
    return low === MIN_KEY && high === MAX_KEY;
}

/** Whether a condition narrows the part of an index that is read. */
export function narrows(condition: Condition, version: CouchdbVersion): boolean {
    const { op } = condition;
    if (op === '$beginsWith') return couchdbFeatures(version).beginsWith;
    if (op === '$exists') return couchdbFeatures(version).existsNarrows;
    return NARROWING.has(op);
}

/** Fields whose conditions can narrow an index: those that only `$and` stands above. */
export function indexableFields(selector: Selector, version: CouchdbVersion): string[] {
    if (selector.kind === 'and') {
        const names = selector.parts.flatMap((part) => indexableFields(part, version));
        // Erlang sorts binaries by their bytes.
        return [...new Set(names)].sort(compareCodePoints);
    }
    if (selector.kind !== 'field' || !narrows(selector.condition, version)) return [];
    return [selector.field];
}

type Position = 'min' | 'low' | 'mid' | 'high' | 'max';

function position(range: KeyRange, value: Json): Position {
    const toLow = compareBounds(value, range.low);
    if (toLow < 0) return 'min';
    if (toLow === 0) return 'low';
    const toHigh = compareBounds(value, range.high);
    return toHigh < 0 ? 'mid' : toHigh === 0 ? 'high' : 'max';
}

function exactly(value: Json): KeyRange {
    return { lowOp: '$eq', low: value, highOp: '$eq', high: value };
}

function withLess(range: KeyRange, value: Json): KeyRange | 'empty' {
    const at = position(range, value);
    if (at === 'min' || at === 'low') return 'empty';
    return at === 'max' ? range : { ...range, highOp: '$lt', high: value };
}

function withAtMost(range: KeyRange, value: Json): KeyRange | 'empty' {
    const at = position(range, value);
    if (at === 'min') return 'empty';
    if (at === 'low') return range.lowOp === '$gt' ? 'empty' : exactly(value);
    return at === 'mid' ? { ...range, highOp: '$lte', high: value } : range;
}

function withEqual(range: KeyRange, value: Json): KeyRange | 'empty' {
    const at = position(range, value);
    if (at === 'mid') return exactly(value);
    if (at === 'low') return range.lowOp === '$gt' ? 'empty' : exactly(value);
    if (at === 'high') return range.highOp === '$lt' ? 'empty' : exactly(value);
    return 'empty';
}

function withAtLeast(range: KeyRange, value: Json): KeyRange | 'empty' {
    const at = position(range, value);
    if (at === 'max') return 'empty';
    if (at === 'high') return range.highOp === '$lt' ? 'empty' : exactly(value);
    return at === 'mid' ? { ...range, lowOp: '$gte', low: value } : range;
}

function withGreater(range: KeyRange, value: Json): KeyRange | 'empty' {
    const at = position(range, value);
    if (at === 'high' || at === 'max') return 'empty';
    return at === 'min' ? range : { ...range, lowOp: '$gt', low: value };
}

function narrow(range: KeyRange, condition: Condition): KeyRange | 'empty' {
    if (!('value' in condition)) return range;
    const { op, value } = condition;
    switch (op) {
        case '$lt':
            return withLess(range, value);
        case '$lte':
            return withAtMost(range, value);
        case '$eq':
            return withEqual(range, value);
        case '$gte':
            return withAtLeast(range, value);
        case '$gt':
            return withGreater(range, value);
        case '$beginsWith': {
            // U+FFFF is what the collation sorts last.
            const from = withAtLeast(range, value);
            // Mango expects a range here, and fails where the conditions before leave none.
            if (from === 'empty') throw refused(500, 'badmatch', 'empty');
            return withAtMost(from, `${value as string}\uffff`);
        }
        default:
            return range;
    }
}

/** The range of one field under a selector. */
export function fieldRange(
    selector: Selector,
    field: string,
    from: KeyRange = EVERYTHING,
): KeyRange | 'empty' {
    if (selector.kind === 'and') {
        let range: KeyRange | 'empty' = from;
        for (const part of selector.parts) {
            if (range === 'empty') return range;
            range = fieldRange(part, field, range);
        }
        return range;
    }
    if (selector.kind !== 'field' || selector.field !== field) return from;
    return narrow(from, selector.condition);
}

/** The range of every field that can narrow an index; a contradiction stands alone. */
export function fieldRanges(selector: Selector, version: CouchdbVersion): FieldRange[] {
    const ranges: FieldRange[] = [];
    for (const field of indexableFields(selector, version)) {
        const range = fieldRange(selector, field);
        if (range === 'empty') return [{ field, range }];
        ranges.push({ field, range });
    }
    return ranges;
}

// `$eq` and `$gt` of one value leave a range Mango has no key for: it fails rather than answer.
function refuseImpossible({ lowOp, highOp }: KeyRange): void {
    if ((lowOp === '$eq') !== (highOp === '$eq')) {
        throw refused(500, 'unknown_error', 'function_clause');
    }
}

/** Where a scan of an index begins. */
export function startKey(ranges: readonly KeyRange[]): Json[] {
    const key: Json[] = [];
    for (const range of ranges) {
        refuseImpossible(range);
        if (typeof range.low === 'symbol') break;
        key.push(range.low);
    }
    return key;
}

/** Where a scan of an index ends. */
export function endKey(ranges: readonly KeyRange[]): KeyPart[] {
    const key: KeyPart[] = [];
    for (const range of ranges) {
        refuseImpossible(range);
        if (typeof range.high === 'symbol') break;
        key.push(range.high);
    }
    return [...key, MAX_KEY];
}
