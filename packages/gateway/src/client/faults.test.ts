import { createPrivateKey } from 'node:crypto';
import { startNetwork, type Network, type NetworkOptions } from '@goodput/devnet';
import { resolveProfile } from '@goodput/network';
import { signers } from '@hyperledger/fabric-gateway';
import { expect } from 'chai';
import { BatchedCounters, PlainCounters } from '../test-support/counters-contract.js';
import { counterFunctions } from '../test-support/fake-client.js';
import { UnreliableProxy } from '../test-support/unreliable-proxy.js';
import { until } from '../test-support/until.js';
import { connect } from './connect.js';
import type { Client } from './client.js';
import type { ClientOptions } from './options.js';
import type { Receipt } from './receipt.js';

function outcomes(receipts: readonly Receipt[]): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const receipt of receipts) {
        const name = receipt.outcome === 'committed' ? 'committed' : receipt.error.code;
        counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
}

const adds = (key: string, count: number): { transaction: string; args: string[] }[] =>
    Array.from({ length: count }, () => ({ transaction: 'add', args: [key, '1'] }));

describe('a client on a network that fails', function () {
    this.timeout(180_000);
    const cleanups: (() => Promise<unknown>)[] = [];
    afterEach(async () => {
        for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    });

    const start = async (options: NetworkOptions = {}): Promise<Network> => {
        const network = await startNetwork({ block: { timeoutMs: 30 }, ...options });
        cleanups.push(() => network.stop());
        await network.deploy({ name: 'counters', contracts: [BatchedCounters] });
        await network.deploy({ name: 'plain', contracts: [PlainCounters] });
        return network;
    };
    const open = async (
        profile: Network['profile'],
        options: ClientOptions = {},
    ): Promise<Client> => {
        const client = await connect(profile, options);
        cleanups.push(() => client.close({ drainMs: 1_000 }));
        return client;
    };
    const proxied = async (
        target: string,
    ): Promise<{ proxy: UnreliableProxy; endpoint: string }> => {
        const proxy = await UnreliableProxy.to(target);
        cleanups.push(() => proxy.close());
        return { proxy, endpoint: proxy.endpoint };
    };
    const behindProxy = async (
        network: Network,
    ): Promise<{ proxy: UnreliableProxy; profile: Network['profile'] }> => {
        const [peer] = network.profile.peers;
        const { proxy, endpoint } = await proxied(peer!.endpoint);
        const hostOverride = peer!.hostOverride ?? 'localhost';
        return {
            proxy,
            profile: { ...network.profile, peers: [{ ...peer!, endpoint, hostOverride }] },
        };
    };
    const value = async (client: Client, chaincode: string, key: string): Promise<number> =>
        Number(Buffer.from(await client.contract(chaincode).evaluate('get', [key])).toString());

    for (const strategy of ['merge', 'retry', 'auto'] as const) {
        it(`applies everything once with ${strategy} while connections break under it`, async () => {
            const network = await start();
            const { proxy, profile } = await behindProxy(network);
            const client = await open(profile, { strategy, timeouts: { stallMs: 500 } });
            const contract = client.contract('counters', { functions: counterFunctions });
            // Bounded, so that a slow machine gets through in the end.
            let left = 10;
            const cuts = setInterval(() => {
                if (left-- > 0) proxy.cut();
            }, 200);
            try {
                const keys =
                    strategy === 'retry' ? Array.from({ length: 40 }, (_, n) => `r${n}`) : ['k'];
                const rounds: Receipt[] = [];
                for (let round = 0; round < 5; round++) {
                    rounds.push(
                        ...(await contract.submitMany(
                            keys.flatMap((key) => adds(key, 40 / keys.length)),
                        )),
                    );
                }
                expect(outcomes(rounds)).to.deep.equal({ committed: 200 });
            } finally {
                clearInterval(cuts);
            }
            const check = await open(network.profile);
            if (strategy === 'retry') expect(await value(check, 'counters', 'r7')).to.equal(5);
            else expect(await value(check, 'counters', 'k')).to.equal(200);
        });
    }

    it('outlasts a peer that is gone for a while, and its events go on', async () => {
        const network = await start();
        const { proxy, profile } = await behindProxy(network);
        const client = await open(profile, { strategy: 'merge', timeouts: { stallMs: 500 } });
        const contract = client.contract('counters', { functions: counterFunctions });
        const seen: string[] = [];
        let done: () => void = () => undefined;
        const all = new Promise<void>((resolve) => {
            done = resolve;
        });
        client.events('counters', {
            handler: ({ payload }) => {
                seen.push(Buffer.from(payload).toString());
                if (seen.length === 3) done();
            },
        });
        await contract.submit('tell', ['before']);
        proxy.setDown(true);
        const pending = [
            contract.submit('tell', ['during']),
            contract.submitMany(adds('k', 50)),
        ] as const;
        const elsewhere = await open(network.profile);
        await elsewhere.contract('counters').submit('tell', ['elsewhere']);
        proxy.setDown(false);
        await pending[0];
        expect(outcomes(await pending[1])).to.deep.equal({ committed: 50 });
        await all;
        expect(seen).to.deep.equal(['before', 'elsewhere', 'during']);
        await until(() => client.stats().blocks.live);
        expect(client.stats().blocks.reconnects).to.be.greaterThan(0);
    });

    it('notices that its connection was lost without a word, and makes a new one', async () => {
        const network = await start();
        const { proxy, profile } = await behindProxy(network);
        const warnings: string[] = [];
        const warn = (_: object, message: string): void => void warnings.push(message);
        const nothing = (): void => undefined;
        const logger = { debug: nothing, info: nothing, warn, error: nothing };
        const client = await open(profile, { strategy: 'merge', logger });
        const contract = client.contract('counters', { functions: counterFunctions });
        const seen: string[] = [];
        const told = new Promise<void>((resolve) => {
            client.events('counters', {
                handler: ({ payload }) => {
                    if (seen.push(Buffer.from(payload).toString()) === 2) resolve();
                },
            });
        });
        await contract.submit('tell', ['before']);
        proxy.lose();
        const pending = contract.submitMany(adds('k', 50));
        const asked = contract.evaluate('get', ['k']);
        expect(outcomes(await pending)).to.deep.equal({ committed: 50 });
        await asked;
        await contract.submit('tell', ['after']);
        await told;
        expect(seen).to.deep.equal(['before', 'after']);
        expect(await value(client, 'counters', 'k')).to.equal(50);
        expect(client.stats().peers[0]?.silences).to.equal(1);
        expect(warnings).to.include('the connection went silent and is made anew');
    });

    it('outlasts an orderer that is down, and applies everything once', async () => {
        const network = await start();
        const client = await open(network.profile, { strategy: 'merge' });
        const contract = client.contract('counters', { functions: counterFunctions });
        const repair = network.faults.stopOrderer();
        const pending = contract.submitMany(adds('k', 100));
        await until(() => client.stats().transactions > 0);
        repair();
        expect(outcomes(await pending)).to.deep.equal({ committed: 100 });
        expect(await value(client, 'counters', 'k')).to.equal(100);
    });

    it('outlasts a peer that restarts in mid-flight', async () => {
        const network = await start();
        const client = await open(network.profile, {
            strategy: 'merge',
            timeouts: { stallMs: 500 },
        });
        const contract = client.contract('counters', { functions: counterFunctions });
        const pending = contract.submitMany(adds('k', 100));
        await network.faults.restartPeer('peer0.org1.example.com');
        expect(outcomes(await pending)).to.deep.equal({ committed: 100 });
        expect(outcomes(await contract.submitMany(adds('k', 100)))).to.deep.equal({
            committed: 100,
        });
        expect(await value(client, 'counters', 'k')).to.equal(200);
    });

    for (const gone of [0, 1]) {
        it(`goes on with the other peer when peer ${gone} is gone, also for reads`, async () => {
            const network = await start({ organizations: [{ mspId: 'Org1MSP', peers: 2 }] });
            const peers = [];
            const proxies = [];
            for (const peer of network.profile.peers) {
                const { proxy, endpoint } = await proxied(peer.endpoint);
                proxies.push(proxy);
                const hostOverride = peer.hostOverride ?? 'localhost';
                peers.push({ ...peer, endpoint, hostOverride });
            }
            const client = await open(
                { ...network.profile, peers },
                { strategy: 'merge', timeouts: { stallMs: 500 } },
            );
            const contract = client.contract('counters', { functions: counterFunctions });
            await contract.submit('add', ['k', '1']);
            proxies[gone]?.setDown(true);
            expect(await value(client, 'counters', 'k')).to.equal(1);
            expect(outcomes(await contract.submitMany(adds('k', 100)))).to.deep.equal({
                committed: 100,
            });
            expect(await value(client, 'counters', 'k')).to.equal(101);
            expect(client.stats().peers).to.have.length(2);
        });
    }

    it('waits for verdicts when blocks are late, and counts each once', async () => {
        const network = await start();
        const client = await open(network.profile, {
            strategy: 'retry',
            timeouts: { stallMs: 100 },
        });
        network.faults.delayBlocks(700);
        const receipt = await client.contract('plain').submit('add', ['k', '1']);
        expect(receipt.attempts).to.equal(1);
        network.faults.clear();
        expect(await value(client, 'plain', 'k')).to.equal(1);
        const { blocks, calls } = client.stats().verdicts;
        expect(blocks + calls).to.equal(1);
    });

    it('passes each block and event on once when they are delivered twice', async () => {
        const network = await start();
        network.faults.duplicateDelivery();
        const client = await open(network.profile, { strategy: 'merge' });
        const contract = client.contract('counters');
        const seen: string[] = [];
        const blocks: number[] = [];
        let done: () => void = () => undefined;
        const all = new Promise<void>((resolve) => {
            done = resolve;
        });
        client.blockEvents({
            handler: ({ number }) => {
                blocks.push(number);
            },
        });
        client.events('counters', {
            handler: ({ payload }) => {
                seen.push(Buffer.from(payload).toString());
                if (seen.at(-1) === 'last') done();
            },
        });
        await contract.submitMany(
            ['a', 'b', 'c'].map((what) => ({ transaction: 'tell', args: [what] })),
        );
        await contract.submit('tell', ['last']);
        await all;
        expect(seen).to.deep.equal(['a', 'b', 'c', 'last']);
        expect(new Set(blocks).size).to.equal(blocks.length);
    });

    it('waits for an endorser that fails for a while', async () => {
        const network = await start();
        const client = await open(network.profile, { strategy: 'merge' });
        const contract = client.contract('counters', { functions: counterFunctions });
        await contract.submit('add', ['k', '1']);
        network.faults.failEndorser({
            message: 'error in simulation: chaincode stream terminated',
        });
        const failed = await (await contract.submitAsync('add', ['k', '1'])).receipt;
        expect(failed.outcome === 'failed' && failed.error.code).to.equal(
            'GATEWAY_ENDORSEMENT_FAILED',
        );
        expect(failed.outcome === 'failed' && failed.error.retryable).to.equal(true);
        network.faults.clear();
        expect((await contract.submit('add', ['k', '1'])).text()).to.equal('2');
    });

    it('signs with a signer of the application', async () => {
        const network = await start();
        const identity = resolveProfile(network.profile).identity();
        let signatures = 0;
        const sign = signers.newPrivateKeySigner(createPrivateKey(identity.privateKey));
        const client = await connect(network.profile, {
            signer: {
                mspId: identity.mspId,
                certificate: identity.certificate,
                signer: (digest) => {
                    signatures += 1;
                    return sign(digest);
                },
            },
        });
        cleanups.push(() => client.close());
        expect((await client.contract('plain').submit('add', ['k', '1'])).text()).to.equal('1');
        expect(signatures).to.be.greaterThan(2);
    });

    it('stays within what the peer takes at once', async () => {
        const network = await start({ limits: { gateway: 8 } });
        const client = await open(network.profile, { strategy: 'retry' });
        const contract = client.contract('plain');
        const submissions = Array.from({ length: 300 }, (_, n) => ({
            transaction: 'put',
            args: [`p${n}`, 'x'],
        }));
        expect(outcomes(await contract.submitMany(submissions))).to.deep.equal({ committed: 300 });
        expect(client.stats().peers[0]!.limit).to.be.lessThan(64);
    });

    it('sends the same transaction again when ordering stalls, and it counts once', async () => {
        const network = await start({ block: { timeoutMs: 'manual' } });
        const client = await open(network.profile, {
            strategy: 'retry',
            timeouts: { commitMs: 200, stallMs: 400 },
        });
        const ticket = await client.contract('plain').submitAsync('add', ['k', '1']);
        const blocks: number[][] = [];
        network.onBlock(({ codes }) => blocks.push([...codes]));
        // Ordered again and again under one id; only then is a block cut.
        const settled = ticket.receipt.then(() => true);
        while (
            !(await Promise.race([settled, new Promise((resolve) => setTimeout(resolve, 3_000))]))
        ) {
            await network.cutBlock();
        }
        const receipt = await ticket.receipt;
        expect(receipt).to.include({ outcome: 'committed', attempts: 1 });
        const codes = blocks.flat();
        expect(codes.filter((code) => code === 0)).to.have.length(1);
        expect(codes.filter((code) => code !== 0).every((code) => code === 9)).to.equal(true);
        expect(await value(client, 'plain', 'k')).to.equal(1);
    });

    it('gives up on chaincode that takes too long, and says so', async () => {
        const network = await start();
        const client = await open(network.profile);
        const contract = client.contract('plain');
        // For the one that takes too long: others have as much as a busy machine may need.
        const allow = (ms: number): void => {
            for (const { runtime } of network.peers) runtime.executeTimeoutMs = ms;
        };
        allow(300);
        const ticket = await contract.submitAsync('hang', []);
        const receipt = await ticket.receipt;
        allow(30_000);
        expect(receipt.outcome === 'failed' && receipt.error.code).to.equal('GATEWAY_TIMED_OUT');
        expect((await contract.submit('add', ['after', '1'])).text()).to.equal('1');
    });

    // A chaincode that hangs also keeps a peer from committing blocks, on any Fabric; reads go on.
    it('reads from one chaincode while calls of another hang and take all that a peer may be called', async () => {
        const network = await start();
        const client = await open(network.profile, { concurrency: { calls: 16 } });
        const plain = client.contract('plain');
        const hanging = await Promise.all(
            Array.from({ length: 40 }, () => plain.submitAsync('hang', [], { strategy: 'direct' })),
        );
        await until(() => client.stats().peers[0]!.calls >= 16);
        for (let n = 0; n < 20; n++) expect(await value(client, 'counters', `w${n}`)).to.equal(0);
        expect(hanging.every(({ status }) => status === 'endorsing')).to.equal(true);
    });

    it('does not even connect with a certificate that has expired', async () => {
        const network = await start();
        const { authority } = network.organization();
        const late = await authority.enrol({
            name: 'late',
            role: 'client',
            notAfter: new Date(Date.now() - 1_000),
        });
        const error = await connect(network.profile, {
            signer: {
                mspId: late.mspId,
                certificate: late.certificate,
                signer: (digest) => Promise.resolve(late.sign(digest)),
            },
        }).catch((thrown: unknown) => thrown);
        expect(error).to.have.property('code', 'GATEWAY_IDENTITY_EXPIRED');
    });

    it('says so, and tries nothing again, when its certificate expires while it is connected', async () => {
        const network = await start();
        const { authority } = network.organization();
        // Certificates count whole seconds; a busy machine connects and submits within these.
        const notAfter = new Date(1_000 * Math.ceil(Date.now() / 1_000) + 10_000);
        const soon = await authority.enrol({ name: 'soon', role: 'client', notAfter });
        let signatures = 0;
        const told: string[] = [];
        const tell = (_: object, message: string): void => {
            told.push(message);
        };
        const { proxy, profile } = await behindProxy(network);
        const client = await connect(profile, {
            strategy: 'retry',
            logger: { debug: () => undefined, info: tell, warn: tell, error: tell },
            signer: {
                mspId: soon.mspId,
                certificate: soon.certificate,
                hash: (message) => message,
                signer: (message) => {
                    signatures += 1;
                    return Promise.resolve(soon.sign(message));
                },
            },
        });
        cleanups.push(() => client.close({ drainMs: 0 }));
        const contract = client.contract('plain');
        expect((await contract.submit('add', ['k', '1'])).text()).to.equal('1');
        await new Promise((resolve) =>
            setTimeout(resolve, notAfter.getTime() + 1_001 - Date.now()),
        );
        const before = signatures;
        const receipt = await (await contract.submitAsync('add', ['k', '1'])).receipt;
        expect(receipt).to.include({ outcome: 'failed', attempts: 1 });
        if (receipt.outcome !== 'failed') return;
        expect(receipt.error).to.include({ code: 'GATEWAY_IDENTITY_EXPIRED', retryable: false });
        // One proposal; blocks may be asked for again meanwhile.
        expect(signatures - before).to.be.at.most(3);
        const read = await contract.evaluate('get', ['k']).catch((thrown: unknown) => thrown);
        expect(read).to.have.property('code', 'GATEWAY_IDENTITY_EXPIRED');
        expect(await value(await open(network.profile), 'plain', 'k')).to.equal(1);

        // The stream of blocks is asked for anew ever more rarely, and that is told of once.
        proxy.cut();
        while (client.stats().blocks.trouble === undefined) {
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
        expect(client.stats().blocks).to.include({
            trouble: 'GATEWAY_IDENTITY_EXPIRED',
            live: false,
        });
        const { reconnects } = client.stats().blocks;
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        expect(client.stats().blocks.live).to.equal(false);
        expect(client.stats().blocks.reconnects - reconnects).to.be.at.most(3);
        expect(told.filter((message) => message.startsWith('blocks are refused'))).to.have.length(
            1,
        );
        expect(client.stats().peers.every(({ available }) => available)).to.equal(true);
    });
});
