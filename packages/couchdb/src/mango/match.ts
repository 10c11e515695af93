import { compareIds, compareKeys } from '../collation.js';
import { CouchdbError, refused } from '../errors.js';
import { isJsonObject, sortedNames, type Json } from '../json.js';
import { getField, NOT_FOUND, parseField } from './field-path.js';
import { isErlangInteger } from './normalize.js';
import { compileRegex } from './regex.js';
import type { Condition, Selector, ValueOperator } from './selector.js';

/** Says whether a value satisfies a selector. */
export type Matcher = (value: Json) => boolean;

type Compare = (a: Json, b: Json) => number;

// Mango asks Erlang whether two terms are identical here: no collation, and types never mix.
function isIdentical(a: Json, b: Json): boolean {
    return typeof a === 'string' || typeof b === 'string' ? a === b : identicalTerms(a, b);
}

function identicalTerms(a: Json, b: Json): boolean {
    if (Array.isArray(a) && Array.isArray(b)) {
        return (
            a.length === b.length && a.every((item: Json, at) => isIdentical(item, b[at] as Json))
        );
    }
    if (isJsonObject(a) && isJsonObject(b)) {
        const names = sortedNames(a);
        return (
            names.length === Object.keys(b).length &&
            names.every(
                (name) => Object.hasOwn(b, name) && isIdentical(a[name] ?? null, b[name] ?? null),
            )
        );
    }
    return a === b;
}

function typeName(value: Json): string {
    if (value === null) return 'null';
    return Array.isArray(value) ? 'array' : typeof value;
}

function matchIn(wanted: readonly Json[], compare: Compare): Matcher {
    return (value) => {
        const candidates: readonly Json[] = Array.isArray(value) ? (value as Json[]) : [value];
        return wanted.some((item) => candidates.some((one) => compare(one, item) === 0));
    };
}

function matchAll(wanted: readonly Json[]): Matcher {
    if (wanted.length === 0) return () => false;
    const [first] = wanted;
    const sameList = wanted.length === 1 && Array.isArray(first) ? first : undefined;
    return (value) =>
        Array.isArray(value) &&
        (wanted.every((item) => value.some((one: Json) => isIdentical(one, item))) ||
            (sameList !== undefined && isIdentical(value as Json, sameList as Json)));
}

function matchMod([divisor = 0, remainder = 0]: readonly number[]): Matcher {
    return (value) => {
        if (!isErlangInteger(value)) return false;
        if (divisor === 0)
            throw refused(500, 'badarith', 'bad argument in an arithmetic expression');
        return value % divisor === remainder;
    };
}

function compileValue(op: ValueOperator, wanted: Json, compare: Compare): Matcher {
    switch (op) {
        case '$lt':
            return (value) => compare(value, wanted) < 0;
        case '$lte':
            return (value) => compare(value, wanted) <= 0;
        case '$eq':
            return (value) => compare(value, wanted) === 0;
        case '$ne':
            return (value) => compare(value, wanted) !== 0;
        case '$gte':
            return (value) => compare(value, wanted) >= 0;
        case '$gt':
            return (value) => compare(value, wanted) > 0;
        case '$in':
            return matchIn(wanted as Json[], compare);
        case '$nin': {
            const isIn = matchIn(wanted as Json[], compare);
            return (value) => !isIn(value);
        }
        case '$all':
            return matchAll(wanted as Json[]);
        case '$exists':
            return () => wanted === true;
        case '$type':
            return (value) => typeName(value) === wanted;
        case '$mod':
            return matchMod(wanted as number[]);
        case '$size':
            return (value) => Array.isArray(value) && value.length === wanted;
        case '$beginsWith':
            return (value) => typeof value === 'string' && value.startsWith(wanted as string);
        case '$regex': {
            const test = compileRegex(wanted as string);
            return (value) => typeof value === 'string' && test(value);
        }
    }
}

// Inside $elemMatch and its kin Mango takes any failure of the evaluation for "does not match".
function refusalMeansFalse(evaluate: () => boolean): boolean {
    try {
        return evaluate();
    } catch (error) {
        if (error instanceof CouchdbError && error.code === 'COUCHDB_REFUSED') return false;
        throw error;
    }
}

function compileCondition(condition: Condition, compare: Compare): Matcher {
    if (condition.op === '$not') {
        const inner = compileCondition(condition.condition, compare);
        return (value) => !inner(value);
    }
    if ('value' in condition) return compileValue(condition.op, condition.value, compare);
    const matches = compile(condition.inner, compare);
    switch (condition.op) {
        case '$elemMatch':
            return (value) => Array.isArray(value) && refusalMeansFalse(() => value.some(matches));
        case '$allMatch':
            return (value) =>
                Array.isArray(value) &&
                value.length > 0 &&
                refusalMeansFalse(() => value.every(matches));
        case '$keyMapMatch':
            return (value) =>
                isJsonObject(value) && refusalMeansFalse(() => sortedNames(value).some(matches));
    }
}

function compileField(field: string, condition: Condition, compare: Compare): Matcher {
    if (field === '') return compileCondition(condition, compare);
    const path = parseField(field);
    const wantsAbsence =
        condition.op === '$exists' && 'value' in condition && condition.value === false;
    const matches = compileCondition(condition, field === '_id' ? compareIds : compare);
    return (value) => {
        const found = getField(value, path);
        if (typeof found === 'symbol') return wantsAbsence && found === NOT_FOUND;
        return matches(found);
    };
}

function compile(selector: Selector, compare: Compare): Matcher {
    switch (selector.kind) {
        case 'any':
            return () => true;
        case 'and': {
            const parts = selector.parts.map((part) => compile(part, compare));
            return (value) => parts.every((part) => part(value));
        }
        case 'or': {
            const parts = selector.parts.map((part) => compile(part, compare));
            return (value) => parts.length === 0 || parts.some((part) => part(value));
        }
        case 'not': {
            const part = compile(selector.part, compare);
            return (value) => !part(value);
        }
        case 'nor':
            return () => {
                throw refused(400, 'invalid_operator', 'Invalid operator: $nor');
            };
        case 'field':
            return compileField(selector.field, selector.condition, compare);
    }
}

/**
 * Compiles a normalised selector into a function that says whether a document matches, by Mango's own
 * rules: a missing field matches nothing but `$exists: false`, comparisons go across types in
 * collation order, and `_id` compares by its bytes.
 *
 * @example
 * ```ts
 * const isOpen = compileSelector(normalizeSelector({ state: { $in: ['new', 'open'] } }));
 * isOpen({ state: 'open' }); // true
 * ```
 */
export function compileSelector(selector: Selector): Matcher {
    return compile(selector, compareKeys);
}
