import type { Json } from '../json.js';

/** Operators that compare a field with a value. */
export type ComparisonOperator = '$lt' | '$lte' | '$eq' | '$ne' | '$gte' | '$gt';

/** Operators whose argument is a plain value. */
export type ValueOperator =
    | ComparisonOperator
    | '$in'
    | '$nin'
    | '$all'
    | '$exists'
    | '$type'
    | '$mod'
    | '$regex'
    | '$size'
    | '$beginsWith';

/** Operators whose argument is a selector for the elements or member names of a field. */
export type InnerOperator = '$elemMatch' | '$allMatch' | '$keyMapMatch';

/** What is asked of one field. */
export type Condition =
    | { readonly op: ValueOperator; readonly value: Json }
    | { readonly op: InnerOperator; readonly inner: Selector }
    | { readonly op: '$not'; readonly condition: Condition };

/** What is asked of one field, and its name; '' is the value itself, inside `$elemMatch`. */
export interface FieldSelector {
    readonly kind: 'field';
    readonly field: string;
    readonly condition: Condition;
}

/**
 * A selector in Mango's normal form: every condition stands at its full field name, and negations have
 * been moved into the conditions. `not` and `nor` remain only inside `$elemMatch`, `$allMatch` and
 * `$keyMapMatch`, where Mango does not normalise them.
 */
export type Selector =
    | { readonly kind: 'any' }
    | { readonly kind: 'and' | 'or' | 'nor'; readonly parts: readonly Selector[] }
    | { readonly kind: 'not'; readonly part: Selector }
    | FieldSelector;

/** Matches everything. */
export const ANY: Selector = Object.freeze({ kind: 'any' });

function conditionJson(condition: Condition): Json {
    if (condition.op === '$not') return { $not: conditionJson(condition.condition) };
    if ('inner' in condition) return { [condition.op]: selectorJson(condition.inner) };
    return { [condition.op]: condition.value };
}

/** Writes a normalised selector the way `_explain` shows it. */
export function selectorJson(selector: Selector): Json {
    switch (selector.kind) {
        case 'any':
            return {};
        case 'not':
            return { $not: selectorJson(selector.part) };
        case 'field':
            return Object.fromEntries([[selector.field, conditionJson(selector.condition)]]);
        default:
            return { [`$${selector.kind}`]: selector.parts.map(selectorJson) };
    }
}

/** Every field a selector mentions at its own level, in order and with repetitions. */
export function selectorFields(selector: Selector): string[] {
    if (selector.kind === 'field') return [selector.field];
    if (selector.kind === 'any' || selector.kind === 'not') return [];
    return selector.parts.flatMap(selectorFields);
}
