/** Bounds of one merged transaction. */
export interface BatchBounds {
    /** Most operations. */
    readonly operations: number;
    /** Most bytes of arguments. */
    readonly bytes: number;
    /** Most distinct keys. */
    readonly keys: number;
}

/** What one merged transaction showed. */
export interface BatchObservation {
    readonly operations: number;
    readonly endorseMs: number;
    /** The batch as such could not be endorsed: too large, too slow, crashed. */
    readonly failed: boolean;
    /** More operations waited than the limit let in. */
    readonly full: boolean;
}

/**
 * Finds how many operations one transaction should carry. It grows while batches are full and
 * endorse well within the target, fast at first and by a fixed step once it has met resistance;
 * it halves when a batch fails and shrinks when endorsing takes too long.
 */
export class BatchSize {
    #max: number;
    readonly #targetMs: number;
    #limit: number;
    #met = false;

    constructor(options: {
        readonly max: number;
        readonly initial?: number;
        readonly targetMs: number;
    }) {
        this.#max = Math.max(1, options.max);
        this.#targetMs = options.targetMs;
        this.#limit = Math.min(this.#max, options.initial ?? 1_000);
    }

    /** Operations the next batch may carry. */
    get limit(): number {
        return this.#limit;
    }

    /** From now on it carries so many at most. */
    bound(max: number): void {
        this.#max = Math.max(1, max);
        this.#limit = Math.min(this.#limit, this.#max);
    }

    observe({ operations, endorseMs, failed, full }: BatchObservation): void {
        if (failed) {
            this.#met = true;
            this.#limit = Math.max(1, Math.floor(Math.min(this.#limit, operations) / 2));
            return;
        }
        if (endorseMs > this.#targetMs && operations > 1) {
            this.#met = true;
            this.#limit = Math.max(1, Math.floor(Math.min(this.#limit, operations) * 0.8));
            return;
        }
        if (!full || endorseMs > this.#targetMs * 0.7) return;
        const grown = this.#met ? this.#limit + 100 : this.#limit * 2;
        this.#limit = Math.min(this.#max, grown);
    }
}
