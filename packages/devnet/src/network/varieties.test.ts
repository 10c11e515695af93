import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { stub } from 'sinon';
import { GatewayError } from '@hyperledger/fabric-gateway';
import type { Deployment } from '../deploy/deployment.js';
import { DevnetError } from '../errors.js';
import { connectClient } from '../test-support/connect-client.js';
import { CounterContract } from '../test-support/counter-contract.js';
import { EverythingContract } from '../test-support/everything-contract.js';
import { failureOf } from '../test-support/failure-of.js';
import { startNetwork } from './start-network.js';

async function refusalOf(work: Promise<unknown>): Promise<DevnetError> {
    try {
        await work;
    } catch (error) {
        expect(error).to.be.instanceOf(DevnetError);
        return error as DevnetError;
    }
    throw new Error('it was not refused');
}

async function grpcFailureOf(work: Promise<unknown>): Promise<GatewayError> {
    return (await failureOf(work)) as GatewayError;
}

const contract = { name: 'counter', contracts: [CounterContract] };
const quick = { block: { timeoutMs: 20 } };

describe('networks of all kinds', function () {
    this.timeout(300_000);

    it('run beside each other in one process', async () => {
        const networks = await Promise.all([1, 2, 3].map(() => startNetwork(quick)));
        await Promise.all(
            networks.map(async (network, index) => {
                await network.deploy(contract);
                const client = connectClient(network);
                await client.contract('counter').submitTransaction('put', 'who', String(index));
                const value = await client.contract('counter').evaluateTransaction('get', 'who');
                expect(Buffer.from(value).toString()).to.equal(String(index));
                client.close();
                await network.stop();
            }),
        );
    });

    it('take users with Ed25519 keys', async () => {
        await using network = await startNetwork(quick);
        await network.deploy(contract);
        await network.organization().enrol({ name: 'ed', keyType: 'ed25519' });
        const client = connectClient(network, { identity: 'ed' });
        await client.contract('counter').submitTransaction('put', 'a', '1');
        client.close();
    });

    it('carry messages beyond gRPC’s own limit of 4 MB', async () => {
        await using network = await startNetwork(quick);
        await network.deploy(contract);
        const client = connectClient(network);
        const large = 'x'.repeat(4.5 * 1024 * 1024);
        await client.contract('counter').submitTransaction('put', 'large', large);
        const value = await client.contract('counter').evaluateTransaction('get', 'large');
        expect(value.length).to.equal(large.length);
        client.close();
    });

    it('refuse a transaction above the absolute maximum', async () => {
        await using network = await startNetwork({
            block: { timeoutMs: 20, absoluteMaxBytes: 10_000 },
        });
        await network.deploy(contract);
        const client = connectClient(network);
        const error = await client
            .contract('counter')
            .submitTransaction('put', 'large', 'x'.repeat(20_000))
            .catch((caught: unknown) => caught as GatewayError);
        expect(error).to.be.instanceOf(GatewayError);
        expect((error as GatewayError).message).to.match(
            /status=BAD_REQUEST, info=message payload is \d+ bytes and exceeds maximum allowed 10000 bytes/,
        );
        client.close();
    });

    it('go back to a snapshot', async () => {
        await using network = await startNetwork(quick);
        await network.deploy(contract);
        const client = connectClient(network);
        const counter = client.contract('counter');
        await counter.submitTransaction('put', 'a', 'before');
        const snapshot = await network.channel().snapshot();
        await counter.submitTransaction('put', 'a', 'after');
        await network.channel().restore(snapshot);
        const value = await counter.evaluateTransaction('get', 'a');
        expect(Buffer.from(value).toString()).to.equal('before');
        await counter.submitTransaction('put', 'a', 'later');
        expect(network.channel().ledger.height).to.equal(snapshot.height + 1);
        client.close();
    });

    it('have a chaincode be initialised first, if it says so', async () => {
        await using network = await startNetwork(quick);
        await network.deploy({ ...contract, initRequired: true });
        const client = connectClient(network);
        const error = await client
            .contract('counter')
            .submitTransaction('put', 'a', '1')
            .catch((caught: unknown) => caught as GatewayError);
        expect((error as GatewayError).details[0]?.message).to.include(
            "chaincode 'counter' has not been initialized for this version, must call as init first",
        );
        client.close();
    });

    it('replace a chaincode, with the next sequence when its definition changes', async () => {
        await using network = await startNetwork(quick);
        await network.deploy(contract);
        const { ledger, definitions } = network.channel();
        const { height } = ledger;
        await network.deploy(contract);
        expect(ledger.height).to.equal(height);
        await network.deploy({ ...contract, version: '2.0' });
        expect(definitions.get('counter')).to.include({ version: '2.0', sequence: 2 });
        const client = connectClient(network);
        await client.contract('counter').submitTransaction('put', 'a', '1');
        client.close();
    });

    it('answer rich queries by a chaincode’s indexes, on CouchDB', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'indexes-'));
        const indexes = join(folder, 'META-INF', 'statedb', 'couchdb', 'indexes');
        mkdirSync(indexes, { recursive: true });
        writeFileSync(
            join(indexes, 'kind.json'),
            '{"index":{"fields":["kind"]},"ddoc":"kind","name":"kind","type":"json"}',
        );
        await using network = await startNetwork({ ...quick, stateDatabase: 'couchdb' });
        const everything = { name: 'all', contracts: [EverythingContract] };
        const client = connectClient(network);
        const query = '{"selector":{"kind":{"$gt":"a"}},"sort":[{"kind":"desc"}]}';
        const all = client.contract('all');
        await network.deploy(everything);
        await all.submitTransaction('put', 'one', '{"kind":"b"}');
        await all.submitTransaction('put', 'two', '{"kind":"c"}');
        const error = await all
            .evaluateTransaction('query', query)
            .catch((caught: unknown) => caught as GatewayError);
        expect((error as GatewayError).details[0]?.message).to.include('no_usable_index');
        await network.deploy({ ...everything, indexes: folder });
        const keys = Buffer.from(await all.evaluateTransaction('query', query)).toString();
        expect(keys).to.equal('["two","one"]');
        client.close();
        rmSync(folder, { recursive: true });
    });

    it('start a project’s chaincode anew when it changes', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'project-'));
        const script = join(__dirname, '..', 'test-support', 'service-chaincode.js');
        const shim = createRequire(script).resolve('fabric-shim');
        const code = readFileSync(script, 'utf8').replace(
            /require\(["']fabric-shim["']\)/,
            `require(${JSON.stringify(shim)})`,
        );
        writeFileSync(join(folder, 'index.js'), code);
        const network = await startNetwork(quick);
        const client = connectClient(network);
        try {
            let restarted = (): void => undefined;
            const changed = new Promise<void>((resolve) => {
                restarted = resolve;
            });
            await network.deploy({
                name: 'project',
                folder,
                command: [process.execPath, 'index.js'],
                watch: true,
                onOutput: (text) => {
                    if (text.includes('has changed')) restarted();
                },
            });
            const pid = async (): Promise<string> =>
                Buffer.from(
                    await client.contract('project').evaluateTransaction('process'),
                ).toString();
            const before = await pid();
            writeFileSync(join(folder, 'index.js'), `${code}\n// changed\n`);
            await changed;
            let after = before;
            while (after === before) {
                after = await pid().catch(() => before);
            }
            expect(after).not.to.equal(before);
        } finally {
            client.close();
            await network.stop();
            rmSync(folder, { recursive: true });
        }
    });

    it('write down what Fabric’s samples look for', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'export-'));
        await using network = await startNetwork();
        const [organization = ''] = await network.exportTo(folder);
        expect(dirname(organization)).to.equal(join(folder, 'peerOrganizations'));
        expect(readdirSync(join(organization, 'users'))).to.have.members([
            'Admin@org1.example.com',
            'User1@org1.example.com',
        ]);
        const orderers = join(folder, 'ordererOrganizations', 'example.com', 'orderers');
        const root = readFileSync(join(orderers, 'orderer.example.com', 'tls', 'ca.crt'), 'utf8');
        const profiled = network.profile.orderers?.[0]?.tlsRootCert;
        expect(profiled).to.deep.equal({ pem: root });
        await network.writeProfile(join(folder, 'profile.json'));
        const profile = JSON.parse(readFileSync(join(folder, 'profile.json'), 'utf8')) as object;
        expect(profile).to.have.property('channel', 'mychannel');
        rmSync(folder, { recursive: true });
    });

    it('say so when a block could not be committed, to who waits for it too, and take no more', async () => {
        const logged: string[] = [];
        await using network = await startNetwork({ ...quick, log: (line) => logged.push(line) });
        await network.deploy(contract);
        const client = connectClient(network);
        const counter = client.contract('counter');
        const events = await client.gateway.getNetwork('mychannel').getBlockEvents();
        const commit = stub(network.channel().ledger, 'commit').rejects(
            new Error('the disk is full'),
        );
        const submitted = await counter.submitAsync('put', { arguments: ['a', '1'] });
        const waiting = [submitted.getStatus(), events[Symbol.asyncIterator]().next()];
        const errors = await Promise.all(waiting.map(grpcFailureOf));
        for (const error of [...errors, await grpcFailureOf(submitted.getStatus())]) {
            expect(error.code).to.equal(14);
            expect(error.message).to.include('the channel stands still: the disk is full');
        }
        commit.restore();
        const error = await grpcFailureOf(counter.submitTransaction('put', 'a', '2'));
        expect(error.code).to.equal(14);
        expect(error.details[0]?.message).to.include('the disk is full');
        expect(await counter.evaluateTransaction('get', 'a')).to.have.length(0);
        expect((await refusalOf(network.deploy(contract))).code).to.equal('DEVNET_CHANNEL_FAILED');
        expect(logged.join()).to.include('could not be committed, and its channel stands still');
        client.close();
    });

    it('refuse a deployment that says nothing, too much, or the wrong thing', async () => {
        await using network = await startNetwork(quick);
        const deploy = (deployment: object): Promise<DevnetError> =>
            refusalOf(network.deploy(deployment as Deployment));
        expect((await deploy({ name: 'x' })).message).to.include('this one has none');
        expect((await deploy({ register: true })).message).to.include('needs the name');
        for (const organizations of [['Org9MSP'], [], 'Org1MSP']) {
            const { message } = await deploy({ name: 'x', register: true, organizations });
            expect(message).to.include('must name some of Org1MSP');
        }
        expect((await deploy({ ...contract, register: true })).message).to.include(
            'contracts and register',
        );
        expect((await deploy({ ...contract, colections: [] })).message).to.include(
            'no member "colections"',
        );
        const invalid = await deploy({ ...contract, name: '_x' });
        expect(invalid.code).to.equal('DEVNET_DEPLOY_FAILED');
        expect(invalid.message).to.include("invalid chaincode name '_x'");
        expect((await deploy({ name: 'x', folder: '/' })).code).to.equal('DEVNET_DEPLOY_FAILED');
    });

    it('say which port is taken, and leave nothing behind', async () => {
        await using first = await startNetwork(quick);
        const [taken = ''] = first.peers.map(({ endpoint }) => endpoint.split(':')[1] ?? '');
        const error = await refusalOf(startNetwork({ ...quick, ports: [Number(taken)] }));
        expect(error.code).to.equal('DEVNET_PORT_UNAVAILABLE');
        expect(error.message).to.include(`Port ${taken} of 127.0.0.1 cannot be listened on`);
    });

    it('refuse to deploy once they are stopped', async () => {
        const network = await startNetwork(quick);
        await network.stop();
        await network.stop();
        expect((await refusalOf(network.deploy(contract))).code).to.equal('DEVNET_STOPPED');
    });
});
