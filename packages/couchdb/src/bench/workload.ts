import type { Json, JsonObject } from '../json.js';
import { parseIndexRequest } from '../mango/create-index.js';
import type { CouchdbIndex } from '../mango/index-definition.js';

/** A generator of the same numbers on every run (mulberry32). */
export function seededRandom(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
}

const FIELDS = ['docType', 'owner', 'state', 'size', 'color', 'due', 'price', 'site'] as const;

/** Documents of an asset register. */
export function benchDocuments(count: number): JsonObject[] {
    const random = seededRandom(1);
    const pick = (most: number): number => Math.floor(random() * most);
    return Array.from({ length: count }, (_, at) => ({
        docType: ['asset', 'transfer', 'audit'][pick(3)] ?? '',
        owner: `owner${String(pick(1000))}`,
        state: ['open', 'held', 'closed'][pick(3)] ?? '',
        size: pick(10_000),
        color: ['red', 'green', 'blue'][pick(3)] ?? '',
        due: `2024-${String(1 + pick(12)).padStart(2, '0')}-${String(1 + pick(28)).padStart(2, '0')}`,
        price: at,
        site: `site${String(pick(50))}`,
    }));
}

/** Indexes of one to three columns. */
export function benchIndexes(count: number): CouchdbIndex[] {
    const random = seededRandom(2);
    return Array.from({ length: count }, (_, at) => {
        const shuffled = [...FIELDS].sort(() => random() - 0.5);
        const fields = shuffled.slice(0, 1 + (at % 3));
        return parseIndexRequest({
            index: { fields },
            ddoc: `d${String(at)}`,
            name: `n${String(at)}`,
        });
    });
}

/** Queries of one to three conditions. */
export function benchQueries(count: number): JsonObject[] {
    const random = seededRandom(3);
    return Array.from({ length: count }, (_, at) => {
        const shuffled = [...FIELDS].sort(() => random() - 0.5);
        const conditions = shuffled
            .slice(0, 1 + (at % 3))
            .map((field, place): [string, Json] => [field, place === 2 ? { $gte: '?' } : '?']);
        return { selector: Object.fromEntries(conditions) };
    });
}
