import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the ports that systems give to connections, and to listeners that ask for any: one of those
 * may be taken before the process it is meant for has started, or while that is started anew.
 */
const FIRST = 10_000;
const LAST = 29_999;

/** Of the ports asked for at random, hardly one is taken. */
const MOST_ATTEMPTS = 100;

/** A port of the loopback interface that nothing listens on, and that no connection will be given. */
export async function freePort(): Promise<number> {
    for (let attempt = 1; ; attempt += 1) {
        const port = randomInt(FIRST, LAST + 1);
        try {
            const server = createServer().listen(port, '127.0.0.1');
            await once(server, 'listening');
            server.close();
            await once(server, 'close');
            return port;
        } catch (error) {
            if (attempt >= MOST_ATTEMPTS) throw error;
        }
    }
}
