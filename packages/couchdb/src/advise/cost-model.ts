import { compareIds, compareKeys, type KeyPart } from '../collation.js';
import { asText, type Json, type JsonObject } from '../json.js';
import { getField, parseField } from '../mango/field-path.js';
import { ALL_DOCS, type CouchdbIndex } from '../mango/index-definition.js';
import { compileSelector } from '../mango/match.js';
import type { FindRequest } from '../mango/find-request.js';
import { endKey, isEquality, isUnbounded, startKey, type KeyRange } from '../mango/ranges.js';

/** Predicts what queries read. */
export interface CostModel {
    /** Documents in the database. */
    readonly documents: number;
    /** Keys an index scan reads. */
    readonly keysIn: (index: CouchdbIndex, ranges: readonly KeyRange[] | 'empty') => number;
    /** Documents a query returns. */
    readonly results: (request: FindRequest) => number;
    /** How many different values a field has. */
    readonly distinct: (field: string) => number;
    /** Share of the documents an index holds, 0 to 1. */
    readonly share: (index: CouchdbIndex) => number;
    /** Values of a field, sorted, to put in the place of unknown ones. */
    readonly values: (field: string) => readonly Json[];
}

/** Share of documents one `$eq` is taken to leave when there is no sample. */
export const ASSUMED_EQUALITY_SHARE = 0.05;
/** Share of documents one range is taken to leave when there is no sample. */
export const ASSUMED_RANGE_SHARE = 0.3;

function assumedShare(ranges: readonly KeyRange[]): number {
    let share = 1;
    for (const range of ranges) {
        if (isEquality(range)) share *= ASSUMED_EQUALITY_SHARE;
        else return isUnbounded(range) ? share : share * ASSUMED_RANGE_SHARE;
    }
    return share;
}

/** Predicts without any document, from the number of documents and fixed shares. */
export function assumedCosts(documents: number): CostModel {
    return {
        documents,
        keysIn: (index, ranges) => {
            if (ranges === 'empty') return 0;
            const isWhole = index.name === ALL_DOCS && ranges[0]?.low === null;
            return isWhole ? documents : Math.max(1, documents * assumedShare(ranges));
        },
        results: () => Math.max(1, documents * ASSUMED_EQUALITY_SHARE),
        distinct: () => 1,
        share: () => 1,
        values: () => [],
    };
}

type Key = readonly KeyPart[];

function lowerBound(keys: readonly Key[], isBefore: (key: Key) => boolean): number {
    let low = 0;
    let high = keys.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (isBefore(keys[middle] ?? [])) low = middle + 1;
        else high = middle;
    }
    return low;
}

/** Predicts from sampled documents, scaled up to the number there are. */
export class SampledCosts implements CostModel {
    readonly documents: number;
    readonly #sample: readonly JsonObject[];
    readonly #keys = new Map<string, readonly Key[]>();
    readonly #values = new Map<string, readonly Json[]>();

    /** @param documents number of documents in the database; the sample's own when left out */
    constructor(sample: readonly JsonObject[], documents: number = sample.length) {
        this.#sample = sample;
        this.documents = documents;
    }

    get #scale(): number {
        return this.#sample.length === 0 ? 0 : this.documents / this.#sample.length;
    }

    #sortedKeys(index: CouchdbIndex): readonly Key[] {
        const name = JSON.stringify([index.fields, index.partialFilter]);
        const known = this.#keys.get(name);
        if (known !== undefined) return known;
        const paths = index.fields.map(({ field }) => parseField(field));
        const holds = compileSelector(index.partialFilter);
        const keys = this.#sample
            .filter(holds)
            .map((document) => paths.map((path) => getField(document, path)))
            .filter((key): key is Json[] => key.every((value) => typeof value !== 'symbol'))
            .sort((a, b) => compareKeys(a, b));
        this.#keys.set(name, keys);
        return keys;
    }

    keysIn(index: CouchdbIndex, ranges: readonly KeyRange[] | 'empty'): number {
        if (ranges === 'empty') return 0;
        if (index.name === ALL_DOCS) return this.#idsIn(ranges[0]);
        const keys = this.#sortedKeys(index);
        const [start, end] = [startKey(ranges), endKey(ranges)];
        // Keys with MAX_KEY at their end are no JSON, but compare as arrays all the same.
        const from = lowerBound(keys, (key) => compareKeys(key as Json, start) < 0);
        const to = lowerBound(keys, (key) => compareKeys(key as Json, end as unknown as Json) <= 0);
        return Math.max(0, to - from) * this.#scale;
    }

    #idsIn(range: KeyRange | undefined): number {
        if (range === undefined) return this.documents;
        const within = this.#sample.filter((document) => {
            const id = document['_id'] ?? null;
            if (id === null) return true;
            const tooLow = typeof range.low !== 'symbol' && compareIds(id, range.low) < 0;
            return !tooLow && (typeof range.high === 'symbol' || compareIds(id, range.high) <= 0);
        });
        return within.length * this.#scale;
    }

    results(request: FindRequest): number {
        return this.#sample.filter(compileSelector(request.selector)).length * this.#scale;
    }

    values(field: string): readonly Json[] {
        const known = this.#values.get(field);
        if (known !== undefined) return known;
        const path = parseField(field);
        const found = this.#sample
            .map((document) => getField(document, path))
            .filter((value): value is Json => typeof value !== 'symbol')
            .sort(compareKeys);
        this.#values.set(field, found);
        return found;
    }

    distinct(field: string): number {
        return new Set(this.values(field).map(asText)).size;
    }

    share(index: CouchdbIndex): number {
        if (this.#sample.length === 0) return 1;
        return this.#sortedKeys(index).length / this.#sample.length;
    }
}
