import { status as Grpc, type Client } from '@grpc/grpc-js';
import type { Gateway } from '@hyperledger/fabric-gateway';
import { classify } from '../failure/classify.js';
import { grpcFailure } from '../failure/grpc-failure.js';
import { ConcurrencyLimit, type ConcurrencyBounds } from './concurrency-limit.js';
import { PeerHealth } from './peer-health.js';

/** One peer: its connection, the official client on it, and how it is doing. */
export class Peer {
    readonly name: string;
    readonly client: Client;
    readonly gateway: Gateway;
    readonly limit: ConcurrencyLimit;
    readonly health = new PeerHealth();
    /** Blocks it is known to have committed. */
    height = 0n;
    /** Connections to it that went silent and were made anew. */
    silences = 0;

    constructor(
        parts: { readonly name: string; readonly client: Client; readonly gateway: Gateway },
        bounds: ConcurrencyBounds,
    ) {
        this.name = parts.name;
        this.client = parts.client;
        this.gateway = parts.gateway;
        this.limit = new ConcurrencyLimit(bounds);
    }

    /**
     * Makes a call within the limit, and learns from how it goes.
     *
     * @param owner - the chaincode it is for, or what else shares the limit
     */
    call<T>(make: (gateway: Gateway) => Promise<T>, owner: string): Promise<T> {
        return this.limit.run(async () => {
            const started = performance.now();
            try {
                const result = await make(this.gateway);
                this.health.succeeded(performance.now() - started);
                return result;
            } catch (error) {
                this.#learn(error);
                throw error;
            }
        }, owner);
    }

    #learn(error: unknown): void {
        const failure = grpcFailure(error);
        if (failure === undefined) return;
        const { status, text } = failure;
        if (/too many requests|concurrency limit/iu.test(text)) this.limit.overloaded();
        // What a peer reports of others behind it comes with details; then it was reached itself.
        else if (status === Grpc.UNAVAILABLE && failure.details.length === 0) {
            // That nobody runs some chaincode says nothing of the peer either.
            const { error: known } = classify('evaluate', error);
            const elsewhere = known.code === 'GATEWAY_CHANNEL_UNKNOWN';
            if (elsewhere || known.code === 'GATEWAY_UNAVAILABLE') this.health.unreachable();
        }
    }

    close(): void {
        this.gateway.close();
        this.client.close();
    }
}
