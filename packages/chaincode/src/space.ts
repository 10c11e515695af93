import { compareKeys } from '@goodput/keys';

/** The first position in sorted `keys` whose key is not below `key`. */
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

/** A pending write. `value` is null when the key is deleted. Entries are never changed, only replaced. */
export interface Entry {
    readonly value: Buffer | null;
    /** A private key whose history is to go as well. */
    readonly purge: boolean;
}

/** A pending row of a range, as it was when the scan was opened. */
export type PendingRow = readonly [key: string, entry: Entry];

/**
 * The keys of one namespace: public state, or one private collection. Everything is in maps, never in
 * objects, so that a key named `__proto__` or `constructor` is a key like any other.
 */
export class Space {
    readonly collection: string;
    readonly writes = new Map<string, Entry>();
    readonly metadata = new Map<string, Uint8Array>();
    readonly committed = new Map<string, Buffer>();
    /** Keys the peer was asked for one by one. */
    readonly asked = new Set<string>();
    readonly committedMetadata = new Map<string, Uint8Array | undefined>();
    readonly inFlight = new Map<string, Promise<Buffer>>();
    #sorted: string[] | undefined;

    constructor(collection: string) {
        this.collection = collection;
    }

    /** Replaces or, without an entry, forgets a pending write; keeps the key order up to date. */
    setWrite(key: string, entry: Entry | undefined): void {
        if (entry === undefined) {
            if (this.writes.delete(key) && this.#sorted !== undefined) {
                this.#sorted.splice(lowerBound(this.#sorted, key), 1);
            }
            return;
        }
        if (this.#sorted !== undefined && !this.writes.has(key)) {
            this.#sorted.splice(lowerBound(this.#sorted, key), 0, key);
        }
        this.writes.set(key, entry);
    }

    /** The keys with pending writes, in the order of their UTF-8 bytes. */
    sortedKeys(): readonly string[] {
        return (this.#sorted ??= [...this.writes.keys()].sort(compareKeys));
    }

    /** The pending writes in `[start, end)`; an empty end has no bound. */
    pendingBetween(start: string, end: string): PendingRow[] {
        if (this.writes.size === 0) return [];
        const keys = this.sortedKeys();
        const rows: PendingRow[] = [];
        for (let index = lowerBound(keys, start); index < keys.length; index++) {
            const key = keys[index] ?? '';
            if (end !== '' && compareKeys(key, end) >= 0) break;
            const entry = this.writes.get(key);
            if (entry !== undefined) rows.push([key, entry]);
        }
        return rows;
    }
}
