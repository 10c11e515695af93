import { expect } from 'chai';
import { GatewayError, StatusCode } from '@hyperledger/fabric-gateway';
import { DevnetError } from '../errors.js';
import { connectClient, type Client } from '../test-support/connect-client.js';
import { CounterContract } from '../test-support/counter-contract.js';
import { failureOf } from '../test-support/failure-of.js';
import type { Network } from './network.js';
import { startNetwork } from './start-network.js';

async function first<T>(items: AsyncIterable<T>): Promise<T | undefined> {
    for await (const item of items) return item;
    return undefined;
}

describe('a network of one organisation', () => {
    let network: Network;
    let client: Client;

    before(async function () {
        this.timeout(180_000);
        network = await startNetwork({ block: { timeoutMs: 20 } });
        await network.deploy({ name: 'counter', contracts: [CounterContract] });
        client = connectClient(network);
    });
    after(async () => {
        client.close();
        await network.stop();
    });

    it('commits what the official client submits', async () => {
        const contract = client.contract('counter');
        await contract.submitTransaction('put', 'a', 'one');
        const value = await contract.evaluateTransaction('get', 'a');
        expect(Buffer.from(value).toString()).to.equal('one');
    });

    it('lets one of two transactions that meet on a key commit, and says so of the other', async () => {
        network.setBlockSettings({ timeoutMs: 'manual' });
        try {
            const contract = client.contract('counter');
            const proposals = ['hot', 'hot'].map((key) =>
                contract.newProposal('increment', { arguments: [key] }),
            );
            const transactions = await Promise.all(proposals.map((each) => each.endorse()));
            const commits = [];
            for (const transaction of transactions) commits.push(await transaction.submit());
            await network.cutBlock();
            const codes = await Promise.all(
                commits.map(async (commit) => (await commit.getStatus()).code),
            );
            expect(codes).to.deep.equal([StatusCode.VALID, StatusCode.MVCC_READ_CONFLICT]);
            const value = await contract.evaluateTransaction('get', 'hot');
            expect(Buffer.from(value).toString()).to.equal('1');
        } finally {
            network.setBlockSettings({ timeoutMs: 20 });
        }
    });

    it('tells of the events of a chaincode', async () => {
        const events = await client.gateway
            .getNetwork('mychannel')
            .getChaincodeEvents('counter', { startBlock: 0n });
        await client.contract('counter').submitTransaction('emit', 'made', 'it');
        const value = await first(events);
        events.close();
        expect(value?.eventName).to.equal('made');
        expect(Buffer.from(value?.payload ?? []).toString()).to.equal('it');
    });

    it('delivers filtered blocks', async () => {
        const blocks = await client.gateway
            .getNetwork('mychannel')
            .getFilteredBlockEvents({ startBlock: 0n });
        const value = await first(blocks);
        blocks.close();
        expect(value?.getNumber()).to.equal(0);
        expect(value?.getChannelId()).to.equal('mychannel');
    });

    it('enrols nobody who could not be told from another', async () => {
        const organization = network.organization();
        const { certificate } = await organization.enrol({ name: 'twice' });
        expect((await organization.enrol({ name: 'twice' })).certificate).not.to.equal(certificate);
        for (const name of ['admin', 'Admin', 'Twice']) {
            expect(await failureOf(organization.enrol({ name })))
                .to.be.instanceOf(DevnetError)
                .with.property('code', 'DEVNET_ENROLMENT_INVALID');
        }
        expect(network.profile.identities.map(({ name }) => name)).to.include('twice');
    });

    it('gives back the error of a contract', async () => {
        const error = await client
            .contract('counter')
            .evaluateTransaction('fail', 'no such luck')
            .catch((caught: unknown) => caught as GatewayError);
        expect(error).to.be.instanceOf(GatewayError);
        expect((error as GatewayError).message).to.include('chaincode response 500, no such luck');
    });
});
