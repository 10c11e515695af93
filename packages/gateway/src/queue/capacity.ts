import { GatewayError } from '../errors.js';
import { FairShare } from './fair-share.js';

/** How much the client may hold. */
export interface CapacityLimits {
    /** Operations accepted and not yet finished. */
    readonly operations: number;
    /** Bytes of their arguments. */
    readonly bytes: number;
}

/**
 * Counts what the client holds, and refuses what would be too much before anything of it is kept.
 * Chaincodes share the room, so that one whose operations pile up leaves some to the others. The hint in the refusal is how long the excess takes to drain at the pace seen lately.
 */
export class Capacity {
    readonly #limits: CapacityLimits;
    readonly #operations = new FairShare();
    readonly #bytes = new FairShare();
    #finishedSince = 0;
    #since = performance.now();
    #perSecond: number | undefined;

    constructor(limits: CapacityLimits) {
        this.#limits = limits;
    }

    get operations(): number {
        return this.#operations.total;
    }

    get bytes(): number {
        return this.#bytes.total;
    }

    /** Takes one operation in. */
    take(chaincode: string, bytes: number): void {
        if (bytes > this.#limits.bytes) throw this.#never(bytes);
        const { operations: mostOperations, bytes: mostBytes } = this.#limits;
        const fits =
            this.#operations.mayTake(chaincode, 1, mostOperations) &&
            this.#bytes.mayTake(chaincode, bytes, mostBytes);
        if (!fits) throw this.#full();
        this.hold(chaincode, bytes);
    }

    /** Counts one that cannot be refused. */
    hold(chaincode: string, bytes: number): void {
        this.#operations.take(chaincode);
        this.#bytes.take(chaincode, bytes);
    }

    give(chaincode: string, bytes: number): void {
        this.#operations.give(chaincode);
        this.#bytes.give(chaincode, bytes);
        this.#finishedSince += 1;
        const elapsed = performance.now() - this.#since;
        if (elapsed < 200) return;
        const pace = (this.#finishedSince * 1000) / elapsed;
        this.#perSecond = this.#perSecond === undefined ? pace : (this.#perSecond + pace) / 2;
        this.#finishedSince = 0;
        this.#since = performance.now();
    }

    /** Room would never come. */
    #never(bytes: number): GatewayError {
        return new GatewayError(
            'GATEWAY_TOO_LARGE',
            `The operation has ${bytes} bytes, and the client holds at most ${this.#limits.bytes} altogether. Send less at once, or raise queue.bytes.`,
        );
    }

    #full(): GatewayError {
        const excess = Math.max(1, this.operations + 1 - this.#limits.operations);
        const drain = this.#perSecond ? (excess * 1000) / this.#perSecond : 500;
        const retryAfterMs = Math.round(Math.min(30_000, Math.max(10, drain)));
        return new GatewayError(
            'QUEUE_FULL',
            `The client holds ${this.operations} of ${this.#limits.operations} operations and ${this.bytes} of ${this.#limits.bytes} bytes. Try again in about ${retryAfterMs} ms, or raise queue.operations or queue.bytes.`,
            { retryable: true, retryAfterMs },
        );
    }
}
