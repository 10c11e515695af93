import type { KeyRange } from '../index.js';

/** A state database as Fabric uses it, for one namespace. */
export interface StateModel {
    put(key: string): void;
    /** The keys that a range scan gives, in its order. */
    scan(range: KeyRange): string[];
}

/**
 * LevelDB: keys are bytes behind `d`, namespace and a zero byte, in byte order; a scan takes from the
 * first up to without the last.
 */
export function levelDb(): StateModel {
    const rows = new Map<string, Buffer>();
    const encode = (key: string): Buffer => Buffer.concat([Buffer.from('dns\0'), Buffer.from(key)]);
    return {
        put(key) {
            const bytes = encode(key);
            rows.set(bytes.toString('hex'), bytes);
        },
        scan({ startKey, endKey }) {
            const [start, end] = [encode(startKey), encode(endKey)];
            return [...rows.values()]
                .filter((row) => Buffer.compare(start, row) <= 0 && Buffer.compare(row, end) < 0)
                .sort((a, b) => Buffer.compare(a, b))
                .map((row) => row.subarray(4).toString('utf8'));
        },
    };
}

function codePoints(text: string): number[] {
    return Array.from(text, (character) => character.codePointAt(0) ?? 0);
}

function collate(a: readonly number[], b: readonly number[]): number {
    for (let index = 0; index < Math.min(a.length, b.length); index++) {
        const difference = (a[index] ?? 0) - (b[index] ?? 0);
        if (difference !== 0) return difference;
    }
    return a.length - b.length;
}

/**
 * CouchDB: keys are document ids, which must be valid UTF-8, not empty and not begin with `_`; `_all_docs`
 * collates them raw, by code point, and Fabric asks for `inclusive_end=false`.
 */
export function couchDb(): StateModel {
    const documents = new Map<string, number[]>();
    return {
        put(key) {
            if (key === '' || key.startsWith('_') || /\p{Surrogate}/u.test(key)) {
                throw new Error(`CouchDB refuses the id ${JSON.stringify(key)}`);
            }
            documents.set(key, codePoints(key));
        },
        scan({ startKey, endKey }) {
            const [start, end] = [codePoints(startKey), codePoints(endKey)];
            return [...documents]
                .filter(([, id]) => collate(start, id) <= 0 && collate(id, end) < 0)
                .sort(([, a], [, b]) => collate(a, b))
                .map(([key]) => key);
        },
    };
}
