import { isJsonObject, type Json, type JsonObject } from '../json.js';
import { SHAPE_VALUE } from '../lint/shape.js';

/** Values of a field, sorted. */
export type FieldValues = (field: string) => readonly Json[];

/** Whether a value stands for one that is not known. */
function isUnknown(value: Json): boolean {
    return typeof value === 'string' && (value === SHAPE_VALUE || value.includes('«'));
}

// Where in the sorted values of a field an operator's value is taken from, so that a range with two
// unknown ends has something between them.
const OPERATOR_PLACE: Readonly<Record<string, number>> = {
    $gt: 0.4,
    $gte: 0.4,
    $lt: 0.6,
    $lte: 0.6,
};

class Filler {
    readonly #values: FieldValues;
    readonly #place: number;

    constructor(values: FieldValues, place: number) {
        this.#values = values;
        this.#place = place;
    }

    #pick(field: string, operator: string): Json {
        const values = this.#values(field);
        const place = OPERATOR_PLACE[operator] ?? this.#place;
        const at = Math.min(values.length - 1, Math.floor(values.length * place));
        const value = values[at] ?? SHAPE_VALUE;
        if (operator === '$regex') return '.';
        return operator === '$beginsWith'
            ? typeof value === 'string'
                ? value.slice(0, 3)
                : ''
            : value;
    }

    #operand(field: string, operator: string, value: Json): Json {
        if (operator === '$in' || operator === '$nin' || operator === '$all') {
            const list: readonly Json[] = Array.isArray(value) ? (value as Json[]) : [value];
            return list.map((one) => (isUnknown(one) ? this.#pick(field, operator) : one));
        }
        return isUnknown(value) ? this.#pick(field, operator) : value;
    }

    selector(selector: Json, field: string): Json {
        if (!isJsonObject(selector))
            return isUnknown(selector) ? this.#pick(field, '$eq') : selector;
        const members = Object.entries(selector).map(([name, value]): [string, Json] => {
            if (!name.startsWith('$')) {
                return [name, this.selector(value, field === '' ? name : `${field}.${name}`)];
            }
            if (Array.isArray(value) && ['$and', '$or', '$nor'].includes(name)) {
                return [name, (value as Json[]).map((part) => this.selector(part, field))];
            }
            if (isJsonObject(value)) return [name, this.selector(value, field)];
            return [name, this.#operand(field, name, value)];
        });
        return Object.fromEntries(members);
    }
}

/**
 * Puts values of real documents in the place of the values a query's shape leaves open.
 *
 * @param place which of the sorted values to take for equality, 0 to 1
 */
export function fillShape(query: JsonObject, values: FieldValues, place: number): JsonObject {
    const selector = new Filler(values, place).selector(query['selector'] ?? {}, '');
    return { ...query, selector };
}
