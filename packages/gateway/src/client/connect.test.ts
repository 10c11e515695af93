import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNetwork, type Network } from '@goodput/devnet';
import { expect } from 'chai';
import sinon from 'sinon';
import { counterFunctions } from '../test-support/fake-client.js';
import { BatchedCounters, PlainCounters } from '../test-support/counters-contract.js';
import type { GatewayError } from '../errors.js';
import type { Client } from './client.js';
import { Outbox } from '../outbox/outbox.js';
import { typesOf } from '../types/write-types.js';
import { connect } from './connect.js';
import type { ClientOptions, Submission } from './options.js';
import type { Receipt } from './receipt.js';

const add = (key: string, count: number): Submission[] =>
    Array.from({ length: count }, () => ({ transaction: 'add', args: [key, '1'] }));

const committed = (receipts: readonly Receipt[]): number =>
    receipts.filter(({ outcome }) => outcome === 'committed').length;

describe('a client on a network', function () {
    this.timeout(120_000);
    let network: Network;
    const clients: Client[] = [];
    before(async () => {
        network = await startNetwork({ block: { timeoutMs: 30 } });
        await network.deploy({ name: 'counters', contracts: [BatchedCounters] });
        await network.deploy({ name: 'plain', contracts: [PlainCounters] });
    });
    afterEach(async () => {
        sinon.restore();
        for (const client of clients.splice(0)) await client.close();
    });
    after(async () => {
        await network.stop();
    });
    const open = async (options: ClientOptions = {}): Promise<Client> => {
        const client = await connect(network.profile, options);
        clients.push(client);
        return client;
    };
    const value = async (client: Client, chaincode: string, key: string): Promise<number> =>
        Number(Buffer.from(await client.contract(chaincode).evaluate('get', [key])).toString());

    it('submits and reads in six lines', async () => {
        const client = await open();
        const receipt = await client.contract('counters').submit('add', ['first', '5']);
        expect(receipt.text()).to.equal('5');
        expect(receipt.position.transaction).to.equal(0);
        expect(await value(client, 'counters', 'first')).to.equal(5);
    });

    it('loses most direct increments of one key to conflicts', async () => {
        const client = await open({ strategy: 'direct' });
        const receipts = await client.contract('counters').submitMany(add('direct', 50));
        expect(committed(receipts)).to.be.lessThan(25);
        expect(await value(client, 'counters', 'direct')).to.equal(committed(receipts));
    });

    it('commits all of them merged, in few transactions', async () => {
        const client = await open({ strategy: 'merge' });
        const contract = client.contract('counters', { functions: counterFunctions });
        const receipts = await contract.submitMany(add('merged', 1_000));
        expect(committed(receipts)).to.equal(1_000);
        const transactions = new Set(
            receipts.map((receipt) => receipt.outcome === 'committed' && receipt.transactionId),
        );
        expect(transactions.size).to.be.lessThan(20);
        expect(await value(client, 'counters', 'merged')).to.equal(1_000);
    });

    it('commits all of them in lanes on a contract that cannot merge', async () => {
        const client = await open({ strategy: 'merge' });
        const contract = client.contract('plain', { functions: counterFunctions });
        const receipts = await contract.submitMany(add('serial', 15));
        expect(committed(receipts)).to.equal(15);
        expect(client.explain()[0]?.why).to.match(/no batch executor/);
        expect(await value(client, 'plain', 'serial')).to.equal(15);
    });

    it('tells a refusal of the contract from a failure', async () => {
        const client = await open();
        const ticket = await client.contract('plain').submitAsync('refuse', ['sold out']);
        const receipt = await ticket.receipt;
        expect(receipt.outcome).to.equal('rejected');
        expect(receipt.outcome === 'rejected' && receipt.error.contractMessage).to.match(
            /sold out/,
        );
    });

    it('commits what meets on a key of a contract that cannot merge, by ordering it', async () => {
        const client = await open({ strategy: 'reorder' });
        const receipts = await client.contract('plain').submitMany(add('ordered', 12));
        expect(committed(receipts)).to.equal(12);
        expect(client.stats().reordering.abortedEarly).to.be.greaterThan(0);
        expect(client.stats().invalid).to.be.lessThan(6);
        expect(await value(client, 'plain', 'ordered')).to.equal(12);
    });

    it('learns the keys of a function and then keeps its operations apart by itself', async () => {
        const client = await open({ retry: { attempts: 40 } });
        const contract = client.contract('counters');
        for (const key of ['l1', 'l2', 'l3', 'l4', 'l5', 'l6', 'l7', 'l8'])
            await contract.submit('add', [key, '1']);
        const receipts = await contract.submitMany(add('learnt', 60));
        expect(committed(receipts)).to.equal(60);
        expect(client.explain()[0]?.why).to.match(/keys are known/);
        expect(await value(client, 'counters', 'learnt')).to.equal(60);
    });

    it('answers reads from memory until a block changes what they rest on', async () => {
        const client = await open({ cache: {} });
        const contract = client.contract('plain', { functions: { get: { cache: {} } } });
        const read = async (): Promise<string> =>
            Buffer.from(await contract.read('get', ['cached'])).toString();
        await contract.submit('put', ['cached', 'one']);
        expect([await read(), await read(), await read()]).to.deep.equal(['one', 'one', 'one']);
        expect(client.stats().cache).to.include({ hits: 2, misses: 1 });
        await contract.submit('put', ['cached', 'two']);
        expect(await read()).to.equal('two');
        await contract.submit('put', ['elsewhere', 'x']);
        expect(await read()).to.equal('two');
        expect(client.stats().cache).to.include({ hits: 3, misses: 2, invalidated: 1 });
    });

    it('reads what it has just written, also when reads are shared', async () => {
        const client = await open();
        const contract = client.contract('plain');
        for (let round = 1; round <= 10; round++) {
            await contract.submit('put', ['own', String(round)]);
            const answers = await Promise.all(
                [1, 2, 3].map(() => contract.evaluate('get', ['own'])),
            );
            for (const answer of answers)
                expect(Buffer.from(answer).toString()).to.equal(String(round));
        }
    });

    it('delivers blocks and the events of merged transactions', async () => {
        const client = await open({ strategy: 'merge' });
        const names: string[] = [];
        let done: () => void = () => undefined;
        const all = new Promise<void>((resolve) => {
            done = resolve;
        });
        const events = client.events('counters', {
            handler: ({ name, payload }) => {
                names.push(`${name} ${Buffer.from(payload).toString()}`);
                if (names.length === 20) done();
            },
        });
        const firstBlock = new Promise<number>((resolve) => {
            client.blockEvents({
                handler: ({ number }) => {
                    resolve(number);
                },
            });
        });
        const contract = client.contract('counters');
        const submissions = Array.from({ length: 20 }, (_, n) => ({
            transaction: 'tell',
            args: [`n${n}`],
        }));
        expect(committed(await contract.submitMany(submissions))).to.equal(20);
        await all;
        expect(names).to.deep.equal(submissions.map((_, n) => `told n${n}`));
        expect(await firstBlock).to.be.greaterThan(0);
        await events.close();
    });

    it('types a contract from its metadata', async () => {
        const client = await open();
        const text = typesOf(await client.metadata('counters'));
        expect(text).to.match(/export interface Counters \{[^]*\badd: \{ args: \[/);
        const contract = await client.typedContract<{
            add: { args: [key: string, by: number]; result: string };
            get: { args: [key: string]; result: string };
        }>('counters');
        await contract.submit('add', ['typed', 4]);
        expect(Number(await contract.evaluate('get', ['typed']))).to.equal(4);
        const wrong = await contract
            .evaluate('none' as 'get', ['x'])
            .catch((error: unknown) => error);
        expect(wrong).to.have.property('code', 'GATEWAY_OPTIONS_INVALID');
    });

    it('counts what happens', async () => {
        const client = await open({ strategy: 'merge', timeouts: { stallMs: 60_000 } });
        const contract = client.contract('counters', { functions: counterFunctions });
        await contract.submitMany([...add('metrics', 20), { transaction: 'refuse', args: ['no'] }]);
        const stats = client.stats();
        expect(stats.operations).to.deep.equal({
            accepted: 21,
            committed: 20,
            rejected: 1,
            failed: 0,
        });
        expect(stats.held + stats.waiting).to.equal(0);
        expect(stats.verdicts.blocks).to.be.greaterThan(0);
        expect(stats.verdicts.calls).to.equal(0);
        const text = await client.metrics.metrics();
        expect(text).to.match(
            /goodput_operations_total\{function="counters:add",outcome="committed",code=""\} 20/,
        );
        expect(text).to.match(/goodput_held_operations 0/);
        expect(text).to.not.contain('metrics,');
    });

    it('logs codes, and nothing of what was submitted', async () => {
        const lines: string[] = [];
        const log = (fields: object, message: string): void => {
            lines.push(JSON.stringify(fields) + message);
        };
        const logger = { debug: log, info: log, warn: log, error: log };
        const client = await open({ logger });
        const contract = client.contract('plain');
        await contract.submit('put', ['secret-key', 'secret-value']);
        await (
            await contract.submitAsync('refuse', ['secret-reason'])
        ).receipt;
        expect(lines.join('')).to.match(/GATEWAY_CONTRACT_REJECTED/);
        expect(lines.join('')).to.not.match(/secret/);
    });

    it('refuses everything once it is closed', async () => {
        const client = await open();
        const contract = client.contract('plain');
        await client.close();
        const refused = [
            contract.submit('add', ['k', '1']),
            contract.evaluate('get', ['k']),
            contract.read('get', ['k']),
        ];
        for (const each of refused) {
            const error = await each.catch((thrown: unknown) => thrown);
            expect(error).to.have.property('code', 'GATEWAY_CLOSED');
        }
    });

    it('answers a read that is given up, or whose client is closed, at once', async () => {
        const client = await open();
        const contract = client.contract('plain');
        const code = async (read: Promise<unknown>): Promise<unknown> =>
            read.then(
                () => 'answered',
                (error: unknown) => (error as GatewayError).code,
            );
        const giveUp = new AbortController();
        const cancelled = code(contract.evaluate('hang', [], { signal: giveUp.signal }));
        giveUp.abort();
        expect(await cancelled).to.equal('GATEWAY_CANCELLED');
        const left = code(contract.evaluate('hang'));
        await client.close();
        expect(await left).to.equal('GATEWAY_CLOSED');
        expect(await code(client.metadata('plain'))).to.equal('GATEWAY_CLOSED');
        expect(() => client.events('plain', { handler: () => undefined })).to.throw(/closed/);
        expect(() => client.blockEvents({ handler: () => undefined })).to.throw(/closed/);
    });

    it('refuses names that no chaincode can have, and profiles that are none', async () => {
        const client = await open();
        for (const name of ['', 'a:b', undefined]) {
            expect(() => client.contract(name!)).to.throw(/name/);
        }
        for (const profile of [undefined, 5, null]) {
            const error = await connect(profile as unknown as string).catch((e: unknown) => e);
            expect(error).to.have.property('code', 'NETWORK_PROFILE_INVALID');
        }
    });

    it('says within seconds that a chaincode is not there', async () => {
        const client = await open();
        const error = await client
            .contract('missing')
            .submit('f')
            .catch((thrown: unknown) => thrown);
        expect(error).to.have.property('code', 'GATEWAY_NO_ENDORSERS');
    });

    it('says within seconds that no peer of an organisation can endorse', async () => {
        const client = await open();
        const error = await client
            .contract('plain')
            .submit('add', ['k', '1'], { endorsingOrganizations: ['Org1MSP', 'Org9MSP'] })
            .catch((thrown: unknown) => thrown as GatewayError);
        expect(error).to.have.property('code', 'GATEWAY_NO_ENDORSERS');
        expect((error as GatewayError).message).to.match(/Org9MSP.*endorsingOrganizations.*MSP id/);
        expect(client.stats().peers.every(({ available }) => available)).to.equal(true);
    });

    it('says at once that no peer is on the channel, also when another does not answer', async () => {
        const [peer] = network.profile.peers;
        for (const endpoints of [[], ['127.0.0.1:1']]) {
            const others = endpoints.map((endpoint) => ({ ...peer!, name: 'gone', endpoint }));
            const profile = {
                ...network.profile,
                channel: 'elsewhere',
                peers: [peer!, ...others],
            };
            const error = await connect(profile).catch((thrown: unknown) => thrown as GatewayError);
            expect(error).to.include({ code: 'GATEWAY_CHANNEL_UNKNOWN', retryable: false });
            expect((error as GatewayError).message).to.match(/elsewhere.*name of the channel/);
        }
    });

    it('forgets receipts of its outbox while it runs', async () => {
        const path = join(mkdtempSync(join(tmpdir(), 'goodput-connect-')), 'outbox');
        const forgetting = sinon.spy(Outbox.prototype, 'forgetReceipts');
        const client = await open({ outbox: { path, sync: false, keepMs: 1 } });
        await client.contract('plain').submit('put', ['kept', 'x'], { id: 'old' });
        while (!(await Promise.all(forgetting.returnValues)).includes(1)) {
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
        await client.close();
        const outbox = await Outbox.open(path);
        expect(await outbox.receipt('old')).to.equal(undefined);
        await outbox.close();
        rmSync(path, { recursive: true });
    });

    it('says at once when nobody answers', async () => {
        const profile = {
            ...network.profile,
            peers: [{ ...network.profile.peers[0]!, endpoint: '127.0.0.1:1' }],
        };
        const error = await connect(profile).catch((thrown: unknown) => thrown as GatewayError);
        expect(error).to.have.property('code', 'GATEWAY_UNAVAILABLE');
    });
});
