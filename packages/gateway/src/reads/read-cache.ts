import { LRUCache } from 'lru-cache';
import type { KeyChange } from '../reorder/known-writes.js';
import { footprintKey, isInRange, type Footprint } from './read-footprint.js';

/** An answer, and what it rests on. */
export interface CachedRead {
    readonly result: Uint8Array;
    readonly footprint: Footprint;
    /** `performance.now()` when it was read. */
    readonly readAt: number;
}

/** Bounds of {@link ReadCache}. */
export interface ReadCacheBounds {
    readonly entries: number;
    readonly bytes: number;
}

/** Answers in memory, each dropped as soon as a block changes something it rests on. */
export class ReadCache {
    readonly #entries: LRUCache<string, CachedRead>;
    readonly #byKey = new Map<string, Set<string>>();
    /** Names of entries with ranges, by namespace scanned. */
    readonly #byScan = new Map<string, Set<string>>();

    constructor({ entries, bytes }: ReadCacheBounds) {
        this.#entries = new LRUCache({
            max: entries,
            maxSize: bytes,
            sizeCalculation: sizeOf,
            dispose: (entry, name) => {
                this.#unlink(name, entry.footprint);
            },
        });
    }

    get size(): number {
        return this.#entries.size;
    }

    get(name: string): CachedRead | undefined {
        return this.#entries.get(name);
    }

    set(name: string, entry: CachedRead): void {
        this.#entries.set(name, entry);
        if (!this.#entries.has(name)) return;
        for (const key of entry.footprint.keys) link(this.#byKey, key, name);
        for (const { namespace } of entry.footprint.ranges) link(this.#byScan, namespace, name);
    }

    delete(name: string): void {
        this.#entries.delete(name);
    }

    clear(): void {
        this.#entries.clear();
    }

    /** Drops what the changes touch. @returns the names dropped */
    invalidate(changes: readonly KeyChange[]): readonly string[] {
        const touched = new Set<string>();
        for (const change of changes) {
            const { namespace, key } = change;
            for (const name of this.#byKey.get(footprintKey(namespace, key)) ?? []) {
                touched.add(name);
            }
            for (const name of this.#byScan.get(namespace) ?? []) {
                const { ranges } = this.#entries.peek(name)?.footprint ?? { ranges: [] };
                if (ranges.some((range) => isInRange(range, change))) touched.add(name);
            }
        }
        for (const name of touched) this.#entries.delete(name);
        return [...touched];
    }

    #unlink(name: string, { keys, ranges }: Footprint): void {
        for (const key of keys) unlink(this.#byKey, key, name);
        for (const { namespace } of ranges) unlink(this.#byScan, namespace, name);
    }
}

/** What an entry takes, about: what it rests on may be far more than the answer. */
function sizeOf({ result, footprint }: CachedRead): number {
    let size = result.length + 256;
    for (const key of footprint.keys) size += key.length + 128;
    for (const { start, end } of footprint.ranges) size += start.length + end.length + 128;
    return size;
}

function link(index: Map<string, Set<string>>, at: string, name: string): void {
    const names = index.get(at);
    if (names === undefined) index.set(at, new Set([name]));
    else names.add(name);
}

function unlink(index: Map<string, Set<string>>, at: string, name: string): void {
    const names = index.get(at);
    names?.delete(name);
    if (names?.size === 0) index.delete(at);
}
