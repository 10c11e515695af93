/** A value an expression can hold. */
export type Scalar = string | number | boolean;

/** What an expression compares: a fixed value, or an attribute of the request. */
export type Operand =
    | Scalar
    /** `subject.department`, `resource.ward`, `context.shift`; an absent one makes a comparison false. */
    | { readonly attribute: string };

/**
 * A condition. It is total: every expression has a value for every request, in time proportional to its size.
 * There are no patterns, no loops and no functions.
 */
export type Expression =
    | { readonly all: readonly Expression[] }
    | { readonly any: readonly Expression[] }
    | { readonly not: Expression }
    | { readonly equal: readonly [Operand, Operand] }
    /** The first is one of the list: a list of fixed values, or an attribute that is a list. */
    | { readonly in: readonly [Operand, readonly Scalar[] | { readonly attribute: string }] }
    /** Numbers by size, text by its UTF-8 bytes; values of different kinds compare as false. */
    | { readonly less: readonly [Operand, Operand] }
    | { readonly lessOrEqual: readonly [Operand, Operand] }
    /** The attribute is present. */
    | { readonly present: string };

/** Attributes by their dotted names; lists are lists of fixed values. */
export type Attributes = ReadonlyMap<string, Scalar | readonly Scalar[]>;

/** Depth to which expressions may nest. */
export const MAX_EXPRESSION_DEPTH = 16;

function valueOf(operand: Operand, attributes: Attributes): Scalar | undefined {
    if (typeof operand !== 'object') return operand;
    const value = attributes.get(operand.attribute);
    return typeof value === 'object' ? undefined : value;
}

function isBelow(left: Scalar, right: Scalar, orEqual: boolean): boolean {
    if (typeof left === 'number' && typeof right === 'number') {
        return orEqual ? left <= right : left < right;
    }
    if (typeof left !== 'string' || typeof right !== 'string') return false;
    const order = Buffer.compare(Buffer.from(left), Buffer.from(right));
    return orEqual ? order <= 0 : order < 0;
}

function compare(
    [first, second]: readonly [Operand, Operand],
    attributes: Attributes,
    holds: (left: Scalar, right: Scalar) => boolean,
): boolean {
    const left = valueOf(first, attributes);
    const right = valueOf(second, attributes);
    return left !== undefined && right !== undefined && holds(left, right);
}

function isMember(
    [operand, list]: Extract<Expression, { in: unknown }>['in'],
    attributes: Attributes,
): boolean {
    const value = valueOf(operand, attributes);
    if (value === undefined) return false;
    const members = 'attribute' in list ? attributes.get(list.attribute) : list;
    return Array.isArray(members) && (members as readonly Scalar[]).includes(value);
}

/** The value of a condition for a request. */
export function evaluate(expression: Expression, attributes: Attributes): boolean {
    if ('all' in expression) return expression.all.every((each) => evaluate(each, attributes));
    if ('any' in expression) return expression.any.some((each) => evaluate(each, attributes));
    if ('not' in expression) return !evaluate(expression.not, attributes);
    if ('equal' in expression) return compare(expression.equal, attributes, (a, b) => a === b);
    if ('in' in expression) return isMember(expression.in, attributes);
    if ('present' in expression) return attributes.has(expression.present);
    if ('less' in expression) {
        return compare(expression.less, attributes, (a, b) => isBelow(a, b, false));
    }
    return compare(expression.lessOrEqual, attributes, (a, b) => isBelow(a, b, true));
}

/** How deep an expression nests; a plain comparison is 1. */
export function expressionDepth(expression: Expression): number {
    if ('not' in expression) return 1 + expressionDepth(expression.not);
    const parts = 'all' in expression ? expression.all : 'any' in expression ? expression.any : [];
    return 1 + parts.reduce((most, part) => Math.max(most, expressionDepth(part)), 0);
}

function operandsOf(expression: Expression): readonly unknown[] {
    if ('equal' in expression) return expression.equal;
    if ('in' in expression) return expression.in;
    if ('less' in expression) return expression.less;
    return 'lessOrEqual' in expression ? expression.lessOrEqual : [];
}

/** The names of all attributes an expression looks at. */
export function namedAttributes(expression: Expression): string[] {
    if ('all' in expression) return expression.all.flatMap(namedAttributes);
    if ('any' in expression) return expression.any.flatMap(namedAttributes);
    if ('not' in expression) return namedAttributes(expression.not);
    if ('present' in expression) return [expression.present];
    return operandsOf(expression).flatMap((operand) =>
        typeof operand === 'object' && operand !== null && 'attribute' in operand
            ? [operand.attribute as string]
            : [],
    );
}
