import { createServer, type Server as PortServer, type Socket } from 'node:net';
import { ServerCredentials, type Server } from '@grpc/grpc-js';
import { listenOn, portOf } from './ports.js';

/** What a node needs for TLS. */
export interface TlsMaterial {
    readonly certificate: string;
    readonly privateKey: string;
}

function credentialsOf(tls: TlsMaterial | undefined): ServerCredentials {
    if (tls === undefined) return ServerCredentials.createInsecure();
    const pair = {
        private_key: Buffer.from(tls.privateKey),
        cert_chain: Buffer.from(tls.certificate),
    };
    return ServerCredentials.createSsl(null, [pair]);
}

/**
 * A gRPC server on a port. The port is held here and not by the library, which knows a connection only once
 * it speaks HTTP/2: one that is shaking hands when the server stops would keep it from ever ending.
 */
export class Listening {
    readonly port: number;
    readonly #server: Server;
    readonly #portServer: PortServer;
    readonly #sockets: ReadonlySet<Socket>;

    private constructor(server: Server, portServer: PortServer, sockets: ReadonlySet<Socket>) {
        this.port = portOf(portServer);
        this.#server = server;
        this.#portServer = portServer;
        this.#sockets = sockets;
    }

    /** Listens on a port of the loopback interface; on a free one for 0. */
    static async start(server: Server, port: number, tls?: TlsMaterial): Promise<Listening> {
        const sockets = new Set<Socket>();
        const injector = server.createConnectionInjector(credentialsOf(tls));
        const portServer = createServer({ noDelay: true }, (socket) => {
            sockets.add(socket);
            socket.once('close', () => sockets.delete(socket));
            // Whoever resets a connection that is no session yet has told nobody anything.
            socket.on('error', () => socket.destroy());
            injector.injectConnection(socket);
        });
        try {
            await listenOn(portServer, port);
        } catch (error) {
            server.forceShutdown();
            throw error;
        }
        portServer.once('error', () => {
            server.forceShutdown();
        });
        return new Listening(server, portServer, sockets);
    }

    /** Ends every connection, whatever it is at; resolves when none is left. */
    stop(): Promise<void> {
        return new Promise((resolve) => {
            this.#portServer.close(() => {
                resolve();
            });
            this.#server.forceShutdown();
            for (const socket of this.#sockets) socket.destroy();
        });
    }
}
