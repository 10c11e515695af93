import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/**
 * Below the ports that systems give to connections, and to listeners that ask for any. Such a port is
 * anybody's while whoever listened there is started anew: a client that dials it again and again may
 * even be given it for its own end, and so be connected to itself.
 */
const FIRST = 10_000;
const LAST = 29_999;

/** Of the ports asked for at random, hardly one is taken. */
const MOST_ATTEMPTS = 100;

async function begin(server: Server, port: number): Promise<void> {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
}

/** Listens on a port of the loopback interface; for 0 on a free one that no connection will be given. */
export async function listenOn(server: Server, port: number): Promise<void> {
    if (port !== 0) return begin(server, port);
    for (let attempt = 1; ; attempt += 1) {
        try {
            await begin(server, randomInt(FIRST, LAST + 1));
            return;
        } catch (error) {
            if (attempt >= MOST_ATTEMPTS) throw error;
        }
    }
}

/** The port that a server listens on. */
export function portOf(server: Server): number {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A port of the loopback interface that nothing listens on, and that no connection will be given. */
export async function freePort(): Promise<number> {
    const server = createServer();
    await listenOn(server, 0);
    const port = portOf(server);
    server.close();
    await once(server, 'close');
    return port;
}
