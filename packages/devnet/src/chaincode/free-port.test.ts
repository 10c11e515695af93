import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect } from 'chai';
import { freePort } from './free-port.js';

describe('a free port', () => {
    it('can be listened on, and is none that the system gives to connections', async () => {
        const ports = await Promise.all(Array.from({ length: 20 }, () => freePort()));
        for (const port of ports) {
            // Where Linux begins; others begin higher.
            expect(port).to.be.within(1024, 32_767);
            const server = createServer().listen(port, '127.0.0.1');
            await once(server, 'listening');
            server.close();
            await once(server, 'close');
        }
    });
});
