import { status } from '@grpc/grpc-js';
import { RpcError } from '../grpc/rpc-error.js';

/**
 * The end of a channel whose block could not be committed: as where a peer ends, whoever waits for what comes
 * after is told at once, for it will not come.
 */
export class Standstill {
    readonly #listeners = new Set<(error: RpcError) => void>();
    #error: RpcError | undefined;

    /** What to answer who asks for something that will not come; undefined while all is well. */
    get error(): RpcError | undefined {
        return this.#error;
    }

    /** The first cause is the one that is told. */
    begin(cause: unknown): void {
        if (this.#error !== undefined) return;
        const why = cause instanceof Error ? cause.message : 'a block could not be committed';
        this.#error = new RpcError(status.UNAVAILABLE, `the channel stands still: ${why}`);
        for (const listener of [...this.#listeners]) listener(this.#error);
        this.#listeners.clear();
    }

    /** Calls back when it begins, at once if it has; the function returned ends the wait. */
    onceBegun(listener: (error: RpcError) => void): () => void {
        if (this.#error !== undefined) listener(this.#error);
        else this.#listeners.add(listener);
        return () => {
            this.#listeners.delete(listener);
        };
    }
}
