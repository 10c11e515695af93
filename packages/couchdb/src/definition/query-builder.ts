import { CouchdbError } from '../errors.js';
import { goJson, type Json, type JsonObject } from '../json.js';
import { parseFindRequest } from '../mango/find-request.js';
import { columns, type CouchdbIndex } from '../mango/index-definition.js';
import { planQuery } from '../mango/plan.js';
import { rejectionText } from '../mango/rejection-text.js';
import type { Direction } from '../mango/sort.js';
import { canSort, notRequired } from '../mango/usability.js';
import { toCouchdbIndex, type IndexDefinition } from './define-index.js';

/** A value a query may compare with. Objects and arrays are refused: they could carry operators. */
export type QueryValue = string | number | boolean | null;

/** Lowest and highest value of a range; each end is left open when it is missing. */
export interface QueryRange {
    readonly atLeast?: QueryValue;
    readonly above?: QueryValue;
    readonly atMost?: QueryValue;
    readonly below?: QueryValue;
}

const RANGE_OPERATORS = {
    atLeast: '$gte',
    above: '$gt',
    atMost: '$lte',
    below: '$lt',
} as const;

function invalid(index: IndexDefinition, problem: string): CouchdbError {
    return new CouchdbError(
        'COUCHDB_QUERY_INVALID',
        `Query over index "${index.name}": ${problem}`,
    );
}

/**
 * Builds a rich query for one index. What it gives is always answered by that index, cannot be changed
 * by the values put into it, sorts in one direction, and leaves paging to the peer's own page size and
 * bookmark.
 */
export class IndexedQuery<F extends string = string> {
    readonly #index: IndexDefinition<F>;
    readonly #conditions = new Map<string, Record<string, Json>>();
    #sort: Direction | undefined;
    #fields: readonly string[] | undefined;

    constructor(index: IndexDefinition<F>) {
        this.#index = index;
    }

    #value(field: string, value: unknown): QueryValue {
        const isPlain = value === null || ['string', 'number', 'boolean'].includes(typeof value);
        const isFinite = typeof value !== 'number' || Number.isFinite(value);
        if (isPlain && isFinite) return value as QueryValue;
        const got = Array.isArray(value)
            ? 'an array'
            : typeof value === 'number'
              ? String(value)
              : `a ${typeof value}`;
        throw invalid(
            this.#index,
            `"${field}" is compared with ${got}. Compare with a string, a finite number, a boolean or null.`,
        );
    }

    #add(field: string, operator: string, value: Json): this {
        if (typeof field !== 'string' || field === '' || field.startsWith('$')) {
            throw invalid(this.#index, `${JSON.stringify(field)} is not the name of a field.`);
        }
        const conditions = this.#conditions.get(field) ?? {};
        if (Object.hasOwn(conditions, operator)) {
            throw invalid(this.#index, `"${field}" has two ${operator} conditions; give one.`);
        }
        this.#conditions.set(field, { ...conditions, [operator]: value });
        return this;
    }

    /** Rows whose field equals the value. */
    equal(field: F, value: QueryValue): this {
        return this.#add(field, '$eq', this.#value(field, value));
    }

    /** Rows whose field lies within the range. */
    between(field: F, range: QueryRange): this {
        const ends = Object.entries(range) as [keyof QueryRange, unknown][];
        if (ends.length === 0) throw invalid(this.#index, `the range of "${field}" has no end.`);
        for (const [end, value] of ends) {
            if (!Object.hasOwn(RANGE_OPERATORS, end)) {
                throw invalid(this.#index, `a range has no end "${end}".`);
            }
            this.#add(field, RANGE_OPERATORS[end], this.#value(field, value));
        }
        return this;
    }

    /** Rows whose field is a string with this beginning; needs CouchDB 3.4. */
    beginsWith(field: F, prefix: string): this {
        if (typeof prefix !== 'string')
            throw invalid(this.#index, `the prefix of "${field}" is no string.`);
        return this.#add(field, '$beginsWith', prefix);
    }

    /** Rows that have the field, whatever its value: reads the index on from here. */
    exists(field: F): this {
        return this.#add(field, '$exists', true);
    }

    /**
     * Rows whose field is one of the values. It narrows nothing: CouchDB reads all the rest of the index
     * allows. Prefer one query for each value.
     */
    isIn(field: F, values: readonly QueryValue[]): this {
        if (!Array.isArray(values) || values.length === 0) {
            throw invalid(this.#index, `"${field}" is compared with no values.`);
        }
        if (values.includes(null)) {
            throw invalid(this.#index, `CouchDB fails on null in a list; ask for null separately.`);
        }
        return this.#add(
            field,
            '$in',
            values.map((value) => this.#value(field, value)),
        );
    }

    /** Sorts by the index's columns from the first not held by equal() on, all one way. */
    sort(direction: Direction): this {
        this.#sort = direction;
        return this;
    }

    /** Returns these fields only; key and version come along by themselves. */
    fields(...fields: readonly F[]): this {
        if (fields.length === 0) throw invalid(this.#index, 'fields() was given none.');
        this.#fields = fields;
        return this;
    }

    #selector(): JsonObject {
        const conditions = Object.fromEntries(this.#conditions);
        const filter = this.#index.partialFilter;
        return filter === undefined ? conditions : { $and: [conditions, filter] };
    }

    #sortFields(): JsonObject[] {
        const direction = this.#sort;
        if (direction === undefined) return [];
        const { fields } = this.#index;
        const isHeld = (field: string): boolean =>
            Object.hasOwn(this.#conditions.get(field) ?? {}, '$eq');
        const free = fields.findIndex((field) => !isHeld(field));
        const sorted = free < 0 ? fields : fields.slice(free);
        return sorted.map((field) => ({ [field]: direction }));
    }

    #refuseUnindexed(index: CouchdbIndex, query: JsonObject): void {
        const request = parseFindRequest(query, '3.5');
        const sort = request.sort.map(({ field }) => field);
        if (request.selector.kind === 'any') throw invalid(this.#index, 'it has no condition.');
        const wanted = columns(index).filter((name) => name !== '_id' && !sort.includes(name));
        const lacking = notRequired(request.selector, wanted);
        if (lacking.length > 0) {
            const names = lacking.map((name) => `"${name}"`).join(', ');
            throw invalid(
                this.#index,
                `CouchDB cannot use the index without a condition on ${names}. Add one, exists() at ` +
                    'least, or define an index without that column.',
            );
        }
        if (!canSort(columns(index), sort, request.selector)) {
            throw invalid(
                this.#index,
                'the index does not yield this sort: columns before those sorted by must be held by equal().',
            );
        }
        const plan = planQuery([index], request);
        if (plan.index.name !== index.name) {
            const why = plan.candidates.map((candidate) => rejectionText(candidate, request));
            throw invalid(this.#index, `CouchDB would not use it: ${why.join('; ')}.`);
        }
    }

    /**
     * The query as an object, for those who log or explain it.
     *
     * @throws CouchdbError `COUCHDB_QUERY_INVALID` when the index could not answer it
     */
    toJSON(): JsonObject {
        const sort = this.#sortFields();
        const query: JsonObject = {
            selector: this.#selector(),
            ...(sort.length === 0 ? {} : { sort }),
            ...(this.#fields === undefined ? {} : { fields: [...this.#fields] }),
            use_index: [this.#index.ddoc, this.#index.name],
        };
        this.#refuseUnindexed(toCouchdbIndex(this.#index), query);
        return query;
    }

    /**
     * The query as the text a stub's `getQueryResult` and `getQueryResultWithPagination` take.
     *
     * @throws CouchdbError `COUCHDB_QUERY_INVALID` when the index could not answer it
     */
    toString(): string {
        return goJson(this.toJSON());
    }
}

/**
 * Begins a rich query over an index defined in code.
 *
 * @example
 * ```ts
 * const byOwner = defineIndex<Asset>({ name: 'byOwner', fields: ['owner', 'size'] });
 * const text = queryIndex(byOwner).equal('owner', 'alice').between('size', { atLeast: 5 }).toString();
 * const rows = await ctx.stub.getQueryResultWithPagination(text, 50, bookmark);
 * ```
 */
export function queryIndex<F extends string>(index: IndexDefinition<F>): IndexedQuery<F> {
    return new IndexedQuery(index);
}
