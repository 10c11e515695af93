import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'chai';
import { GatewayError } from '@hyperledger/fabric-gateway';
import { startNetwork } from '../network/start-network.js';
import { connectClient } from '../test-support/connect-client.js';
import { CounterContract } from '../test-support/counter-contract.js';

const UNAVAILABLE = 14;

/** Statuses that say that a call's connection, or the whole peer, went away under it. */
const INTERRUPTED = [1, UNAVAILABLE];

describe('a network under load', function () {
    this.timeout(300_000);

    it('loses nothing it has accepted while its peers restart again and again', async () => {
        await using network = await startNetwork({
            organizations: ['Org1MSP', 'Org2MSP'],
            block: { timeoutMs: 10 },
        });
        await network.deploy({ name: 'counter', contracts: [CounterContract] });
        const client = connectClient(network);
        const accepted = new Set<string>();
        const refused: unknown[] = [];
        let going = true;
        const caller = async (who: number): Promise<void> => {
            for (let round = 0; going; round += 1) {
                const key = `${who}-${round}`;
                try {
                    const commit = await client
                        .contract('counter')
                        .submitAsync('put', { arguments: [key, '1'] });
                    accepted.add(key);
                    await commit.getStatus();
                } catch (error) {
                    refused.push(error);
                }
            }
        };
        const callers = Array.from({ length: 10 }, (_, who) => caller(who));
        for (let round = 0; round < 8; round += 1) {
            await network.faults.restartPeer(round % 3 === 0 ? undefined : network.peers[0]?.name);
            if (round % 5 === 0) await network.faults.dropConnections();
            const { height } = network.channel().ledger;
            while (network.channel().ledger.height < height + 2) {
                await new Promise((resolve) => setTimeout(resolve, 5));
            }
        }
        going = false;
        await Promise.all(callers);
        await network.cutBlock();
        for (const error of refused) {
            expect(error).to.be.instanceOf(GatewayError);
            // Endorsers that lost their chaincode refuse; whoever lost the connection was interrupted.
            const { code, details } = error as GatewayError;
            const why = details.map(({ message }) => message).join();
            if (INTERRUPTED.includes(code)) continue;
            expect(why, `code ${code}`).to.match(/chaincode stream terminated|could not launch/);
        }
        const simulation = await network.channel().ledger.simulate('look', { readOnly: true });
        for (const key of accepted) {
            const value = await simulation.getState('counter', key);
            expect(Buffer.from(value ?? []).toString(), key).to.equal('1');
        }
        simulation.done();
        expect(accepted.size).to.be.greaterThan(10);
        client.close();
    });

    for (const tls of [true, false]) {
        it(`stops whoever is connected and says nothing, ${tls ? 'with' : 'without'} TLS`, async () => {
            const network = await startNetwork({ tls });
            const port = Number(network.peers[0]?.endpoint.split(':')[1]);
            const sockets = Array.from({ length: 5 }, () => connect(port, '127.0.0.1'));
            const closed = Promise.all(
                sockets.map((socket) => {
                    socket.on('error', () => undefined).resume();
                    return new Promise((resolve) => socket.once('close', resolve));
                }),
            );
            await Promise.all(sockets.map((socket) => once(socket, 'connect')));
            sockets[0]?.write('no handshake at all');
            await network.stop();
            await closed;
        });
    }

    it('stops at any moment: every call ends, and nothing runs on', async () => {
        for (const wait of [0, 1, 5, 20, 60]) {
            const network = await startNetwork({ block: { timeoutMs: 10 } });
            await network.deploy({ name: 'counter', contracts: [CounterContract] });
            const client = connectClient(network);
            const calls = Array.from({ length: 30 }, (_, index) =>
                client.contract('counter').submitTransaction('put', `k${index}`, '1'),
            );
            const events = await client.gateway.getNetwork('mychannel').getBlockEvents();
            const reading = (async () => {
                for await (const block of events) expect(block).to.be.an('object');
            })();
            await new Promise((resolve) => setTimeout(resolve, wait));
            await Promise.all([network.stop(), network.stop()]);
            for (const outcome of await Promise.allSettled([...calls, reading])) {
                if (outcome.status === 'fulfilled') continue;
                expect(outcome.reason).to.be.instanceOf(GatewayError);
            }
            client.close();
        }
    });
});
