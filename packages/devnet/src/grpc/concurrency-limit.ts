import { RpcError } from './rpc-error.js';
import { status } from '@grpc/grpc-js';

/** Counts the calls of one service in flight, and refuses more than a peer takes. */
export class ConcurrencyLimit {
    readonly #service: string;
    readonly #limit: number;
    #inFlight = 0;

    constructor(service: string, limit: number) {
        this.#service = service;
        this.#limit = limit;
    }

    /** Counts a call in; the function returned counts it out, once. */
    enter(): () => void {
        if (this.#inFlight >= this.#limit) {
            throw new RpcError(
                status.UNKNOWN,
                `too many requests for ${this.#service}, exceeding concurrency limit (${this.#limit})`,
            );
        }
        this.#inFlight += 1;
        let inside = true;
        return () => {
            if (inside) this.#inFlight -= 1;
            inside = false;
        };
    }
}
