import { compareKeys } from './key-order.js';
import type { RangeQuery, TxReadWriteSet } from './model.js';

/**
 * The keys one transaction or operation touches, by name. Names mean nothing here but that equal
 * ones are the same key: those made of read/write sets carry the namespace in front.
 */
export interface AccessSet {
    readonly reads: readonly string[];
    readonly writes: readonly string[];
}

/** The name under which a public key of a namespace occurs in an {@link AccessSet}. */
export function publicKeyName(namespace: string, key: string): string {
    return `${namespace}\u0000${key}`;
}

/** The name under which a private key's hash occurs in an {@link AccessSet}. */
export function privateKeyName(namespace: string, collection: string, keyHash: string): string {
    return `${namespace}\u0001${collection}\u0000${keyHash}`;
}

/** The name under which a queried range occurs in an {@link AccessSet}. */
export function rangeName(
    namespace: string,
    { startKey, endKey, itrExhausted }: RangeQuery,
): string {
    return `${namespace}\u0002${JSON.stringify([startKey, endKey, itrExhausted])}`;
}

/**
 * The access sets of transactions that are to be looked at together. A range that one of them queries
 * is read by it like a key, and written by each that writes a key within it, whether or not that key
 * was there before: those are all that can break it here.
 */
export function accessSetsOf(rwsets: readonly TxReadWriteSet[]): AccessSet[] {
    const sets = rwsets.map((rwset) => {
        const reads: string[] = [];
        const writes: string[] = [];
        for (const space of rwset.namespaces) {
            const { namespace } = space;
            for (const { key } of space.reads) reads.push(publicKeyName(namespace, key));
            for (const query of space.rangeQueries) reads.push(rangeName(namespace, query));
            for (const { key } of space.writes) writes.push(publicKeyName(namespace, key));
            for (const { key } of space.metadataWrites) writes.push(publicKeyName(namespace, key));
            for (const set of space.collections) {
                const name = (hash: string): string =>
                    privateKeyName(namespace, set.collection, hash);
                for (const { keyHash } of set.reads) reads.push(name(keyHash));
                for (const { keyHash } of set.writes) writes.push(name(keyHash));
                for (const { keyHash } of set.metadataWrites) writes.push(name(keyHash));
            }
        }
        return { reads, writes };
    });
    addRangeWrites(rwsets, sets);
    return sets;
}

/** Notes every write of a key in a queried range as a write of that range. */
function addRangeWrites(
    rwsets: readonly TxReadWriteSet[],
    sets: readonly { readonly writes: string[] }[],
): void {
    const ranges = new Map<string, { namespace: string; query: RangeQuery }>();
    for (const { namespaces } of rwsets) {
        for (const { namespace, rangeQueries } of namespaces) {
            for (const query of rangeQueries) {
                ranges.set(rangeName(namespace, query), { namespace, query });
            }
        }
    }
    if (ranges.size === 0) return;
    const written = writersOf(rwsets);
    for (const [name, { namespace, query }] of ranges) {
        const { keys, writers } = written.get(namespace) ?? NOTHING_WRITTEN;
        const touched = new Set<number>();
        for (let i = lowerBound(keys, query.startKey); i < keys.length; i++) {
            const key = keys[i] ?? '';
            const order = query.endKey === '' ? -1 : compareKeys(key, query.endKey);
            if (order > 0 || (order === 0 && query.itrExhausted)) break;
            for (const tx of writers.get(key) ?? []) touched.add(tx);
        }
        for (const tx of touched) sets[tx]?.writes.push(name);
    }
}

const NOTHING_WRITTEN: Written = { keys: [], writers: new Map() };

interface Written {
    /** In byte order. */
    keys: string[];
    readonly writers: Map<string, number[]>;
}

/** By namespace, the public keys that any of the transactions writes, and which ones do. */
function writersOf(rwsets: readonly TxReadWriteSet[]): Map<string, Written> {
    const written = new Map<string, Written>();
    for (const [tx, { namespaces }] of rwsets.entries()) {
        for (const { namespace, writes, metadataWrites } of namespaces) {
            let space = written.get(namespace);
            if (space === undefined) {
                space = { keys: [], writers: new Map() };
                written.set(namespace, space);
            }
            for (const list of [writes, metadataWrites]) {
                for (const { key } of list) {
                    const writers = space.writers.get(key);
                    if (writers === undefined) space.writers.set(key, [tx]);
                    else writers.push(tx);
                }
            }
        }
    }
    for (const space of written.values()) space.keys = [...space.writers.keys()].sort(compareKeys);
    return written;
}

function lowerBound(keys: readonly string[], key: string): number {
    let low = 0;
    let high = keys.length;
    while (low < high) {
        const middle = (low + high) >>> 1;
        if (compareKeys(keys[middle] ?? '', key) < 0) low = middle + 1;
        else high = middle;
    }
    return low;
}
