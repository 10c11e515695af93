import { LRUCache } from 'lru-cache';

/** How long a key counts as contended after something had to wait for it. */
const contendedMs = 10_000;
/** Keys of which that is remembered. */
const mostKeys = 20_000;

/** Remembers which keys were wanted by several at once lately. */
export class Contention {
    readonly #metAt = new LRUCache<string, number>({ max: mostKeys });

    /** Something had to wait for a key, or lost to another on it. */
    note(key: string): void {
        this.#metAt.set(key, performance.now());
    }

    has(key: string): boolean {
        return isRecent(this.#metAt.get(key));
    }
}

/** Whether something happened so lately that it is likely to happen again. */
export function isRecent(at: number | undefined): boolean {
    return at !== undefined && at > performance.now() - contendedMs;
}
