import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Stands between a client and a peer, and fails on request. */
export class UnreliableProxy {
    readonly #server: Server;
    readonly #sockets = new Set<Socket>();
    readonly #port: number;
    #down = false;

    private constructor(server: Server, port: number) {
        this.#server = server;
        this.#port = port;
        server.on('connection', (socket) => {
            this.#serve(socket);
        });
    }

    /** @param endpoint - `host:port` of the peer */
    static async to(endpoint: string): Promise<UnreliableProxy> {
        const server = createServer();
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        return new UnreliableProxy(server, Number(endpoint.slice(endpoint.lastIndexOf(':') + 1)));
    }

    get endpoint(): string {
        return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    }

    /** Breaks every connection there is; new ones are served. */
    cut(): void {
        for (const socket of this.#sockets) socket.destroy();
    }

    /** Loses every connection there is without a word, as a firewall does; new ones are served. */
    lose(): void {
        for (const socket of this.#sockets) {
            socket.unpipe();
            socket.resume();
        }
    }

    /** Breaks every connection, and refuses new ones until told otherwise. */
    setDown(down: boolean): void {
        this.#down = down;
        if (down) this.cut();
    }

    async close(): Promise<void> {
        this.cut();
        await new Promise((resolve) => this.#server.close(resolve));
    }

    #serve(client: Socket): void {
        if (this.#down) {
            client.destroy();
            return;
        }
        const peer = connect(this.#port, '127.0.0.1');
        for (const [one, other] of [
            [client, peer],
            [peer, client],
        ] as const) {
            this.#sockets.add(one);
            one.on('error', () => other.destroy());
            one.on('close', () => {
                this.#sockets.delete(one);
                other.destroy();
            });
        }
        client.pipe(peer);
        peer.pipe(client);
    }
}
