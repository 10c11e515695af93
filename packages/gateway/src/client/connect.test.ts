import { startNetwork, type Network } from '@goodput/devnet';
import { expect } from 'chai';
import { counterFunctions } from '../test-support/fake-client.js';
import { BatchedCounters, PlainCounters } from '../test-support/counters-contract.js';
import type { GatewayError } from '../errors.js';
import type { Client } from './client.js';
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

    it('says at once when nobody answers', async () => {
        const profile = {
            ...network.profile,
            peers: [{ ...network.profile.peers[0]!, endpoint: '127.0.0.1:1' }],
        };
        const error = await connect(profile).catch((thrown: unknown) => thrown as GatewayError);
        expect(error).to.have.property('code', 'GATEWAY_UNAVAILABLE');
    });
});
