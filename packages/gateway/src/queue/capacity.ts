import { GatewayError } from '../errors.js';

/** How much the client may hold. */
export interface CapacityLimits {
    /** Operations accepted and not yet finished. */
    readonly operations: number;
    /** Bytes of their arguments. */
    readonly bytes: number;
}

/**
 * Counts what the client holds, and refuses what would be too much before anything of it is kept.
 * The hint in the refusal is how long the excess takes to drain at the pace seen lately.
 */
export class Capacity {
    readonly #limits: CapacityLimits;
    #operations = 0;
    #bytes = 0;
    #finishedSince = 0;
    #since = performance.now();
    #perSecond: number | undefined;

    constructor(limits: CapacityLimits) {
        this.#limits = limits;
    }

    get operations(): number {
        return this.#operations;
    }

    get bytes(): number {
        return this.#bytes;
    }

    take(operations: number, bytes: number): void {
        const overOperations = this.#operations + operations - this.#limits.operations;
        const overBytes = this.#bytes + bytes - this.#limits.bytes;
        if (overOperations > 0 || overBytes > 0) throw this.#full(operations, overOperations);
        this.#operations += operations;
        this.#bytes += bytes;
    }

    give(operations: number, bytes: number): void {
        this.#operations -= operations;
        this.#bytes -= bytes;
        this.#finishedSince += operations;
        const elapsed = performance.now() - this.#since;
        if (elapsed < 200) return;
        const pace = (this.#finishedSince * 1000) / elapsed;
        this.#perSecond = this.#perSecond === undefined ? pace : (this.#perSecond + pace) / 2;
        this.#finishedSince = 0;
        this.#since = performance.now();
    }

    #full(operations: number, over: number): GatewayError {
        const excess = Math.max(operations, over);
        const drain = this.#perSecond ? (excess * 1000) / this.#perSecond : 500;
        const retryAfterMs = Math.round(Math.min(30_000, Math.max(10, drain)));
        return new GatewayError(
            'QUEUE_FULL',
            `The client holds ${this.#operations} of ${this.#limits.operations} operations and ${this.#bytes} of ${this.#limits.bytes} bytes. Try again in about ${retryAfterMs} ms, or raise queue.operations or queue.bytes.`,
            { retryable: true, retryAfterMs },
        );
    }
}
