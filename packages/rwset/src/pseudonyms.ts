import { compareKeys } from './key-order.js';
import { collectionId } from './memory-state.js';
import type { Block } from './model.js';

/** Names that mean something to Fabric itself. */
const SYSTEM = new Set(['_lifecycle', 'lscc', 'qscc', 'cscc', 'escc', 'vscc', '']);

/** Gives out numbers in the order in which names are asked for. */
class Numbering {
    readonly #numbers = new Map<string, number>();

    of(name: string): number {
        let number = this.#numbers.get(name);
        if (number === undefined) {
            number = this.#numbers.size + 1;
            this.#numbers.set(name, number);
        }
        return number;
    }
}

/**
 * Other names for everything in a log. Equal things get equal names, and keys such that their order
 * stays what it was.
 */
export class Pseudonyms {
    readonly #keys = new Map<string, ReadonlyMap<string, string>>();
    readonly #txIds = new Numbering();
    readonly #msps = new Numbering();
    readonly #namespaces = new Numbering();
    readonly #collections = new Numbering();
    readonly #functions = new Numbering();
    readonly #hashes = new Numbering();

    constructor(blocks: readonly Block[]) {
        for (const [namespace, keys] of keysOf(blocks)) {
            const width = String(keys.size).length;
            const sorted = [...keys].sort(compareKeys);
            this.#keys.set(
                namespace,
                new Map(sorted.map((key, i) => [key, `k${String(i + 1).padStart(width, '0')}`])),
            );
        }
    }

    /** Another name for a key; the open end of a range stays open. */
    key(namespace: string, key: string): string {
        return key === '' ? '' : (this.#keys.get(namespace)?.get(key) ?? 'k');
    }

    keyHash(namespace: string, collection: string, keyHash: string): string {
        const number = this.#hashes.of(`${collectionId(namespace, collection)}\u0000${keyHash}`);
        return number.toString(16).padStart(64, '0');
    }

    txId(txId: string): string {
        return txId === '' ? '' : `tx${this.#txIds.of(txId)}`;
    }

    msp(mspId: string): string {
        return mspId === '' ? '' : `Org${this.#msps.of(mspId)}`;
    }

    namespace(name: string): string {
        return SYSTEM.has(name) ? name : `chaincode${this.#namespaces.of(name)}`;
    }

    collection(name: string): string {
        return `collection${this.#collections.of(name)}`;
    }

    functionName(name: string): string {
        return name === '' ? '' : `function${this.#functions.of(name)}`;
    }
}

function keysOf(blocks: readonly Block[]): Map<string, Set<string>> {
    const all = new Map<string, Set<string>>();
    for (const { transactions } of blocks) {
        for (const { namespace, ...set } of transactions.flatMap(
            ({ rwset }) => rwset?.namespaces ?? [],
        )) {
            const keys = all.get(namespace) ?? new Set<string>();
            all.set(namespace, keys);
            for (const { key } of set.reads) keys.add(key);
            for (const { key } of set.writes) keys.add(key);
            for (const { key } of set.metadataWrites) keys.add(key);
            for (const { startKey, endKey, rawReads } of set.rangeQueries) {
                keys.add(startKey).add(endKey);
                for (const { key } of rawReads ?? []) keys.add(key);
            }
        }
    }
    return all;
}
