import { createServer, type Server } from 'node:net';
import { expect } from 'chai';
import { startNetwork } from '../network/start-network.js';
import { failureOf } from '../test-support/failure-of.js';
import { freePort, listenOn, portOf } from './ports.js';

/** Where Linux begins with what it gives to connections; others begin higher. */
const FIRST_OF_CONNECTIONS = 32_768;

describe('a free port', () => {
    const servers: Server[] = [];
    const server = (): Server => {
        const made = createServer();
        servers.push(made);
        return made;
    };
    afterEach(() => {
        for (const each of servers.splice(0)) each.close();
    });

    it('is none that the system gives to connections', async () => {
        for (let count = 0; count < 20; count += 1) {
            const listening = server();
            await listenOn(listening, 0);
            expect(portOf(listening)).to.be.within(1024, FIRST_OF_CONNECTIONS - 1);
        }
    });

    it('can be listened on, by one at a time', async () => {
        const port = await freePort();
        const [one, other] = [server(), server()];
        await listenOn(one, port);
        expect(portOf(one)).to.equal(port);
        expect(await failureOf(listenOn(other, port))).to.have.property('code', 'EADDRINUSE');
    });

    it('is what the nodes of a network listen on, who come back to it after a restart', async () => {
        await using network = await startNetwork();
        const endpoints = (): string[] => network.peers.map(({ endpoint }) => endpoint);
        const before = endpoints();
        for (const endpoint of before) {
            expect(Number(endpoint.split(':')[1])).to.be.below(FIRST_OF_CONNECTIONS);
        }
        await network.faults.restartPeer();
        expect(endpoints()).to.deep.equal(before);
    });
});
