import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { GatewayError } from '@hyperledger/fabric-gateway';
import { connectClient, type Client } from '../test-support/connect-client.js';
import { CounterContract } from '../test-support/counter-contract.js';
import type { Network } from '../network/network.js';
import { startNetwork } from '../network/start-network.js';
import { Faults } from './faults.js';

async function failureOf(work: Promise<unknown>): Promise<GatewayError> {
    try {
        await work;
    } catch (error) {
        expect(error).to.be.instanceOf(GatewayError);
        return error as GatewayError;
    }
    throw new Error('it did not fail');
}

describe('a fault that lasts', () => {
    const isPending = async (work: Promise<void>): Promise<boolean> => {
        const settled = work.then(
            () => false,
            () => false,
        );
        return Promise.race([settled, pause(5, true)]);
    };
    const faults: readonly [
        name: string,
        begin: (faults: Faults) => () => void,
        acts: (faults: Faults) => boolean | Promise<boolean>,
    ][] = [
        [
            'slowEndorser',
            (on) => on.slowEndorser({ delayMs: 600_000 }),
            (on) => isPending(on.beforeProposal('any')),
        ],
        [
            'failEndorser',
            (on) => on.failEndorser(),
            (on) =>
                on.beforeProposal('any').then(
                    () => false,
                    () => true,
                ),
        ],
        ['stopOrderer', (on) => on.stopOrderer(), (on) => on.isOrdererDown],
        ['delayBlocks', (on) => on.delayBlocks(600_000), (on) => isPending(on.beforeCommit())],
        ['duplicateDelivery', (on) => on.duplicateDelivery(3), (on) => on.copiesOfBlocks === 3],
    ];

    for (const [name, begin, acts] of faults) {
        it(`is repaired once, whoever repairs it and however often: ${name}`, async () => {
            const on = new Faults();
            const actsNow = async (): Promise<boolean> => acts(on);
            const repair = begin(on);
            expect(await actsNow()).to.equal(true);
            repair();
            repair();
            expect(await actsNow()).to.equal(false);
            const late = begin(on);
            on.clear();
            on.clear();
            expect(await actsNow()).to.equal(false);
            late();
            expect(await actsNow()).to.equal(false);
            const again = begin(on);
            late();
            repair();
            expect(await actsNow()).to.equal(true);
            const both = begin(on);
            again();
            expect(await actsNow()).to.equal(true);
            both();
            expect(await actsNow()).to.equal(false);
        });
    }

    it('lets go of what waits because of it', async () => {
        const on = new Faults();
        const repair = on.delayBlocks(600_000);
        const delayed = on.beforeCommit();
        repair();
        await delayed;
        on.slowEndorser({ delayMs: 600_000 });
        const slow = on.beforeProposal('any');
        on.clear();
        await slow;
    });

    it('has a length that a timer can have', () => {
        const on = new Faults();
        for (const wrong of [-1, 1.5, NaN, Infinity, 2 ** 31, '5' as unknown as number]) {
            for (const begin of [
                () => on.slowEndorser({ delayMs: wrong }),
                () => on.delayBlocks(wrong),
                () => on.duplicateDelivery(wrong),
            ]) {
                expect(begin, String(wrong))
                    .to.throw('must be a whole number from')
                    .with.property('code', 'DEVNET_OPTION_INVALID');
            }
        }
        expect(() => on.duplicateDelivery(0)).to.throw('copies must be a whole number from 1');
    });
});

describe('a network with faults on request', function () {
    this.timeout(180_000);
    let network: Network;
    let client: Client;

    before(async () => {
        network = await startNetwork({ block: { timeoutMs: 20 } });
        await network.deploy({ name: 'counter', contracts: [CounterContract] });
        client = connectClient(network);
    });
    afterEach(() => {
        network.faults.clear();
    });
    after(async () => {
        client.close();
        await network.stop();
    });

    const submit = (): Promise<Uint8Array> =>
        client.contract('counter').submitTransaction('put', 'a', '1');

    it('has an endorser fail until it is repaired', async () => {
        const repair = network.faults.failEndorser({ message: 'out of order' });
        const error = await failureOf(submit());
        expect(error.code).to.equal(10);
        expect(error.details[0]?.message).to.equal('out of order');
        repair();
        await submit();
    });

    it('has an endorser be slow', async () => {
        network.faults.slowEndorser({ delayMs: 600_000 });
        const proposal = client.contract('counter').newProposal('get', { arguments: ['a'] });
        const error = await failureOf(proposal.evaluate({ deadline: Date.now() + 50 }));
        expect(error.code).to.equal(4);
    });

    it('refuses to fail a peer that is not there', () => {
        expect(() => network.faults.failEndorser({ peer: 'nobody' }))
            .to.throw('it has peer0.org1.example.com')
            .with.property('code', 'DEVNET_OPTION_INVALID');
    });

    it('has the ordering service be down', async () => {
        const repair = network.faults.stopOrderer();
        const error = await failureOf(submit());
        expect(error.code).to.equal(14);
        expect(error.details[0]?.message).to.include('status=SERVICE_UNAVAILABLE');
        repair();
        await submit();
    });

    it('delays blocks', async () => {
        const height = network.channel().ledger.height;
        const repair = network.faults.delayBlocks(600_000);
        const commit = await client
            .contract('counter')
            .submitAsync('put', { arguments: ['late', '1'] });
        expect(network.channel().ledger.height).to.equal(height);
        repair();
        expect((await commit.getStatus()).successful).to.equal(true);
        network.faults.delayBlocks(40);
        await submit();
    });

    it('delivers blocks twice', async () => {
        network.faults.duplicateDelivery();
        const events = await client.gateway
            .getNetwork('mychannel')
            .getFilteredBlockEvents({ startBlock: 0n });
        const numbers: number[] = [];
        for await (const block of events) {
            numbers.push(block.getNumber());
            if (numbers.length === 4) break;
        }
        events.close();
        expect(numbers).to.deep.equal([0, 0, 1, 1]);
    });

    it('drops connections, which the client makes again', async () => {
        await network.faults.dropConnections();
        await untilServed(submit);
    });

    it('is down again after a repair that comes late', async () => {
        const repair = network.faults.stopOrderer();
        network.faults.clear();
        repair();
        await submit();
        network.faults.stopOrderer();
        expect((await failureOf(submit())).code).to.equal(14);
    });

    it('restarts a peer', async () => {
        await network.faults.restartPeer('peer0.org1.example.com');
        await untilServed(submit);
    });
});

async function untilServed(work: () => Promise<unknown>): Promise<void> {
    for (;;) {
        try {
            await work();
            return;
        } catch (error) {
            if ((error as GatewayError).code !== 14) throw error;
        }
    }
}

describe('a network with faults that is stopped', function () {
    this.timeout(180_000);

    it('waits for no fault, and starts no peer again', async () => {
        const network = await startNetwork({ block: { timeoutMs: 20 } });
        await network.deploy({ name: 'counter', contracts: [CounterContract] });
        const client = connectClient(network);
        network.faults.delayBlocks(600_000);
        await client.contract('counter').submitAsync('put', { arguments: ['late', '1'] });
        const committing = network.cutBlock();
        network.faults.slowEndorser({ delayMs: 600_000 });
        const endorsing = submitFailure(client);
        const restarting = network.faults
            .restartPeer(undefined, 100)
            .catch((error: unknown) => error);
        await network.stop();
        await committing;
        expect(network.channel().ledger.height).to.equal(4);
        expect(await endorsing).to.be.instanceOf(Error);
        expect(await restarting).to.have.property('code', 'DEVNET_STOPPED');
        client.close();
    });
});

function submitFailure(client: Client): Promise<unknown> {
    return client
        .contract('counter')
        .submitTransaction('put', 'a', '1')
        .catch((error: unknown) => error);
}

describe('a network with a data folder', function () {
    this.timeout(180_000);

    it('is as it was when it is started again', async () => {
        const dataDirectory = mkdtempSync(join(tmpdir(), 'devnet-'));
        try {
            const options = { dataDirectory, block: { timeoutMs: 20 } };
            const deployment = { name: 'counter', contracts: [CounterContract] };
            const first = await startNetwork(options);
            await first.deploy(deployment);
            await first.organization().enrol({ name: 'alice' });
            const { certificate } = first.organization().user('alice') ?? {};
            let client = connectClient(first, { identity: 'alice' });
            await client.contract('counter').submitTransaction('put', 'a', '1');
            client.close();
            const height = first.channel().ledger.height;
            await first.stop();

            await using second = await startNetwork(options);
            await second.deploy(deployment);
            expect(second.channel().ledger.height).to.equal(height);
            expect(second.organization().user('alice')?.certificate).to.equal(certificate);
            client = connectClient(second, { identity: 'alice' });
            const value = await client.contract('counter').evaluateTransaction('get', 'a');
            expect(Buffer.from(value).toString()).to.equal('1');
            await client.contract('counter').submitTransaction('put', 'a', '2');
            client.close();
        } finally {
            rmSync(dataDirectory, { recursive: true });
        }
    });
});
