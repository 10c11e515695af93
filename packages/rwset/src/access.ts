import { compareKeys } from './key-order.js';
import { collectionId } from './memory-state.js';
import type { TxReadWriteSet } from './model.js';

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
    return `${collectionId(namespace, collection)}\u0000${keyHash}`;
}

/**
 * The access sets of transactions that are to be looked at together. A range query reads the keys it
 * covers that another of the transactions writes, whether or not they were there before: those are
 * all that can break it here.
 */
export function accessSetsOf(rwsets: readonly TxReadWriteSet[]): AccessSet[] {
    let written: Map<string, string[]> | undefined;
    return rwsets.map((rwset) => {
        const reads: string[] = [];
        const writes: string[] = [];
        for (const space of rwset.namespaces) {
            const { namespace } = space;
            for (const { key } of space.reads) reads.push(publicKeyName(namespace, key));
            for (const { key } of space.writes) writes.push(publicKeyName(namespace, key));
            for (const { key } of space.metadataWrites) writes.push(publicKeyName(namespace, key));
            for (const query of space.rangeQueries) {
                written ??= writtenKeys(rwsets);
                const keys = written.get(namespace) ?? [];
                for (let i = lowerBound(keys, query.startKey); i < keys.length; i++) {
                    const key = keys[i] ?? '';
                    const order = query.endKey === '' ? -1 : compareKeys(key, query.endKey);
                    if (order > 0 || (order === 0 && query.itrExhausted)) break;
                    reads.push(publicKeyName(namespace, key));
                }
            }
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
}

/** By namespace, the public keys that any of the transactions writes, in byte order. */
function writtenKeys(rwsets: readonly TxReadWriteSet[]): Map<string, string[]> {
    const sets = new Map<string, Set<string>>();
    for (const { namespaces } of rwsets) {
        for (const { namespace, writes, metadataWrites } of namespaces) {
            let set = sets.get(namespace);
            if (set === undefined) sets.set(namespace, (set = new Set<string>()));
            for (const { key } of writes) set.add(key);
            for (const { key } of metadataWrites) set.add(key);
        }
    }
    return new Map([...sets].map(([namespace, set]) => [namespace, [...set].sort(compareKeys)]));
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
