import { CouchdbError, refused } from '../errors.js';
import { isJsonObject, sortedNames, type Json, type JsonObject } from '../json.js';
import { checkRegex } from './regex.js';
import { ANY, type Condition, type InnerOperator, type Selector } from './selector.js';
import { type ValueOperator } from './selector.js';
import { couchdbFeatures, DEFAULT_COUCHDB_VERSION, type CouchdbVersion } from './version.js';

const LIST_OPERATORS = new Set(['$in', '$nin', '$all']);
const ANY_VALUE_OPERATORS = new Set(['$lt', '$lte', '$eq', '$ne', '$gte', '$gt']);
const INNER_OPERATORS = new Set(['$elemMatch', '$allMatch', '$keyMapMatch']);
const UNSUPPORTED = new Set(['$where', '$geoWithin', '$geoIntersects', '$near', '$nearSphere']);

function badArgument(operator: string, argument: Json): Error {
    return refused(
        400,
        'bad_arg',
        `Bad argument for operator ${operator}: ${JSON.stringify(argument)}`,
    );
}

/** Erlang keeps integers and floats apart; a peer writes numbers from 1e21 up as floats. */
export function isErlangInteger(value: Json): value is number {
    return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 1e21;
}

function isValueArgument(operator: string, value: Json): boolean {
    if (ANY_VALUE_OPERATORS.has(operator)) return true;
    if (LIST_OPERATORS.has(operator)) return Array.isArray(value);
    switch (operator) {
        case '$exists':
            return typeof value === 'boolean';
        case '$type':
        case '$beginsWith':
            return typeof value === 'string';
        case '$size':
            return isErlangInteger(value) && value >= 0;
        case '$mod':
            return Array.isArray(value) && value.length === 2 && value.every(isErlangInteger);
        default:
            return typeof value === 'string' && checkRegex(value);
    }
}

const VALUE_OPERATORS = new Set([
    ...LIST_OPERATORS,
    ...ANY_VALUE_OPERATORS,
    '$exists',
    '$type',
    '$beginsWith',
    '$size',
    '$mod',
    '$regex',
]);

/** Most levels a selector may nest; what is deeper would exhaust the stack. */
export const MAX_SELECTOR_DEPTH = 500;

class Normalizer {
    readonly #version: CouchdbVersion;
    #depth = 0;

    constructor(version: CouchdbVersion) {
        this.#version = version;
    }

    selector(value: Json, path: string): Selector {
        if (++this.#depth > MAX_SELECTOR_DEPTH) {
            const most = String(MAX_SELECTOR_DEPTH);
            const message = `The selector nests more than ${most} levels deep. Make it flatter.`;
            throw new CouchdbError('COUCHDB_QUERY_UNREADABLE', message);
        }
        const selector = this.#selector(value, path);
        this.#depth--;
        return selector;
    }

    #selector(value: Json, path: string): Selector {
        if (!isJsonObject(value)) return field(path, { op: '$eq', value });
        const names = sortedNames(value);
        const [only = ''] = names;
        if (names.length === 0) return field(path, { op: '$eq', value });
        if (names.length > 1) {
            return { kind: 'and', parts: names.map((name) => this.#member(value, name, path)) };
        }
        return this.#member(value, only, path);
    }

    #member(object: JsonObject, name: string, path: string): Selector {
        const value = object[name] ?? null;
        if (!name.startsWith('$'))
            return this.selector(value, path === '' ? name : `${path}.${name}`);
        if (name === '$and' || name === '$or' || name === '$nor') {
            if (!Array.isArray(value)) throw badArgument(name, value);
            const kind = name === '$and' ? 'and' : name === '$or' ? 'or' : 'nor';
            return { kind, parts: value.map((part: Json) => this.selector(part, path)) };
        }
        if (name === '$not') {
            if (!isJsonObject(value)) throw badArgument(name, value);
            return { kind: 'not', part: this.selector(value, path) };
        }
        return field(path, this.#condition(name, value));
    }

    #condition(operator: string, value: Json): Condition {
        if (INNER_OPERATORS.has(operator)) {
            if (!isJsonObject(value)) throw badArgument(operator, value);
            return { op: operator as InnerOperator, inner: this.selector(value, '') };
        }
        if (UNSUPPORTED.has(operator)) {
            throw refused(400, 'not_supported', `Unsupported operator: ${operator}`);
        }
        if (operator === '$text') {
            throw refused(503, 'required index service unavailable', 'text');
        }
        // Mango knows $beginsWith with text only, and takes it with anything else for no operator.
        const known =
            VALUE_OPERATORS.has(operator) &&
            (operator !== '$beginsWith' ||
                (typeof value === 'string' && couchdbFeatures(this.#version).beginsWith));
        if (!known) throw refused(400, 'invalid_operator', `Invalid operator: ${operator}`);
        if (!isValueArgument(operator, value)) throw badArgument(operator, value);
        return { op: operator as ValueOperator, value };
    }
}

function field(name: string, condition: Condition): Selector {
    return { kind: 'field', field: name, condition };
}

const OPPOSITE: Readonly<Partial<Record<string, ValueOperator>>> = {
    $lt: '$gte',
    $lte: '$gt',
    $eq: '$ne',
    $ne: '$eq',
    $gte: '$lt',
    $gt: '$lte',
    $in: '$nin',
    $nin: '$in',
};

function negateCondition(condition: Condition): Condition {
    if (condition.op === '$not') return condition.condition;
    if ('value' in condition) {
        const opposite = OPPOSITE[condition.op];
        if (opposite !== undefined) return { op: opposite, value: condition.value };
        if (condition.op === '$exists') return { op: '$exists', value: condition.value !== true };
    }
    return { op: '$not', condition };
}

function negate(selector: Selector): Selector {
    switch (selector.kind) {
        case 'not':
            return moveNegations(selector.part);
        case 'nor':
            return { kind: 'or', parts: selector.parts.map(moveNegations) };
        case 'and':
            return { kind: 'or', parts: selector.parts.map(negate) };
        case 'or':
            return { kind: 'and', parts: selector.parts.map(negate) };
        case 'any':
            return selector;
        case 'field':
            return { ...selector, condition: negateCondition(selector.condition) };
    }
}

function moveNegations(selector: Selector): Selector {
    switch (selector.kind) {
        case 'not':
            return negate(selector.part);
        case 'nor':
            return { kind: 'and', parts: selector.parts.map(negate) };
        case 'and':
        case 'or':
            return { kind: selector.kind, parts: selector.parts.map(moveNegations) };
        default:
            return selector;
    }
}

/**
 * Brings a selector into Mango's normal form: implicit operators made explicit, field names complete,
 * negations moved into the conditions.
 *
 * @throws CouchdbError `COUCHDB_REFUSED` with CouchDB's own error for selectors it refuses
 * @example
 * ```ts
 * selectorJson(normalizeSelector({ $not: { size: { $gt: 5 } } })); // {"size":{"$lte":5}}
 * ```
 */
export function normalizeSelector(
    selector: Json,
    version: CouchdbVersion = DEFAULT_COUCHDB_VERSION,
): Selector {
    if (!isJsonObject(selector)) {
        const got = JSON.stringify(selector);
        throw refused(400, 'invalid_selector_json', `Selector must be a JSON object, not: ${got}`);
    }
    if (Object.keys(selector).length === 0) return ANY;
    const normal = moveNegations(new Normalizer(version).selector(selector, ''));
    if (normal.kind === 'field' && normal.field === '') {
        const reason = 'One or more conditions is missing a field name.';
        throw refused(400, 'invalid_selector', reason);
    }
    return normal;
}
