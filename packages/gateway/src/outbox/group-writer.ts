import type { BatchOperation, ClassicLevel } from 'classic-level';

/** A database of text keys and binary values. */
export type Store = ClassicLevel<string, Buffer>;
/** A change to it. */
export type Change = BatchOperation<Store, string, Buffer>;

/**
 * Writes what many callers want written in as few disk writes as possible: whatever is asked for
 * while one write is under way goes into the next, all or nothing, in the order asked.
 */
export class GroupWriter {
    readonly #store: Store;
    readonly #sync: boolean;
    #changes: Change[] = [];
    #waiting: { resolve: () => void; reject: (error: unknown) => void }[] = [];
    #writing: Promise<void> | undefined;

    constructor(store: Store, sync: boolean) {
        this.#store = store;
        this.#sync = sync;
    }

    /** Resolves when the changes are on disk. */
    write(changes: readonly Change[]): Promise<void> {
        if (changes.length === 0) return Promise.resolve();
        for (const change of changes) this.#changes.push(change);
        const written = new Promise<void>((resolve, reject) => {
            this.#waiting.push({ resolve, reject });
        });
        this.#writing ??= this.#writeAll();
        return written;
    }

    /** Resolves when nothing is waiting to be written. */
    async flushed(): Promise<void> {
        await this.#writing;
    }

    async #writeAll(): Promise<void> {
        // One turn of the event loop gathers what is submitted together.
        await new Promise((resolve) => setImmediate(resolve));
        while (this.#changes.length > 0) {
            const changes = this.#changes;
            const waiting = this.#waiting;
            this.#changes = [];
            this.#waiting = [];
            try {
                await this.#store.batch(changes, { sync: this.#sync });
                for (const { resolve } of waiting) resolve();
            } catch (error) {
                for (const { reject } of waiting) reject(error);
            }
        }
        this.#writing = undefined;
    }
}
