import type { Server } from '@grpc/grpc-js';
import { DevnetError } from '../errors.js';
import { listen, type TlsMaterial } from '../peer/peer-server.js';

/** What a node listens with: its server can be taken away, and put back on the same port. */
export class Listener {
    readonly #make: () => Server;
    readonly #tls: TlsMaterial | undefined;
    #server: Server | undefined;
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
        if (this.#server !== undefined) return;
        const server = this.#make();
        this.#server = server;
        try {
            this.#port = await listen(server, this.#port, this.#tls);
        } catch (cause) {
            await this.#stop();
            throw new DevnetError(
                'DEVNET_PORT_UNAVAILABLE',
                `Port ${this.#port} of 127.0.0.1 cannot be listened on: ${(cause as Error).message}. Choose another, or none to get a free one.`,
                { cause },
            );
        }
    }

    #stop(): Promise<void> {
        const server = this.#server;
        this.#server = undefined;
        if (server === undefined) return Promise.resolve();
        return new Promise((resolve) => {
            server.tryShutdown(() => {
                resolve();
            });
            server.forceShutdown();
        });
    }
}
