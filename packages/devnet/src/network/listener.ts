import type { Server } from '@grpc/grpc-js';
import { DevnetError } from '../errors.js';
import { Listening, type TlsMaterial } from '../grpc/listening.js';

/** What a node listens with: its server can be taken away, and put back on the same port. */
export class Listener {
    readonly #make: () => Server;
    readonly #tls: TlsMaterial | undefined;
    #listening: Listening | undefined;
    #port: number;
    #closed = false;
    #latest: Promise<void> = Promise.resolve();

    /** @param make - a new server, with the node's services */
    constructor(make: () => Server, port: number, tls: TlsMaterial | undefined) {
        this.#make = make;
        this.#port = port;
        this.#tls = tls;
    }

    /** `host:port`, once it has listened. */
    get endpoint(): string {
        return `localhost:${this.#port}`;
    }

    /** Listens, unless it does already. */
    start(): Promise<void> {
        return this.#inTurn(() => this.#start());
    }

    /** Ends every connection, and listens no more; resolves when nothing of it is left. */
    stop(): Promise<void> {
        return this.#inTurn(() => this.#stop());
    }

    /** Stops for good: whoever would start it again is refused. */
    close(): Promise<void> {
        this.#closed = true;
        return this.stop();
    }

    /** Starting and stopping take their time: one at a time. */
    #inTurn(work: () => Promise<void>): Promise<void> {
        const done = this.#latest.then(work);
        this.#latest = done.catch(() => undefined);
        return done;
    }

    async #start(): Promise<void> {
        if (this.#closed) {
            throw new DevnetError(
                'DEVNET_STOPPED',
                `The network was stopped while the node at ${this.endpoint} was down.`,
            );
        }
        if (this.#listening !== undefined) return;
        try {
            this.#listening = await Listening.start(this.#make(), this.#port, this.#tls);
            this.#port = this.#listening.port;
        } catch (cause) {
            throw new DevnetError(
                'DEVNET_PORT_UNAVAILABLE',
                `Port ${this.#port} of 127.0.0.1 cannot be listened on: ${(cause as Error).message}. Choose another, or none to get a free one.`,
                { cause },
            );
        }
    }

    async #stop(): Promise<void> {
        const listening = this.#listening;
        this.#listening = undefined;
        await listening?.stop();
    }
}
