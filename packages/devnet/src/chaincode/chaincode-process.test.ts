import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { GatewayError } from '@hyperledger/fabric-gateway';
import { connectClient, type Client } from '../test-support/connect-client.js';
import { freePort } from '../grpc/ports.js';
import type { Network } from '../network/network.js';
import { startNetwork } from '../network/start-network.js';

const script = join(__dirname, '..', 'test-support', 'service-chaincode.js');

function text(bytes: Uint8Array): string {
    return Buffer.from(bytes).toString();
}

async function failureOf(work: Promise<unknown>): Promise<string> {
    try {
        await work;
    } catch (error) {
        expect(error).to.be.instanceOf(GatewayError);
        return [
            (error as GatewayError).message,
            ...(error as GatewayError).details.map((each) => each.message),
        ].join(' | ');
    }
    throw new Error('it did not fail');
}

describe('a chaincode in a process of its own', function () {
    this.timeout(120_000);
    let network: Network;
    let client: Client;

    before(async () => {
        network = await startNetwork({
            block: { timeoutMs: 20 },
            executeTimeoutMs: 3000,
            startTimeoutMs: 60_000,
        });
        await network.deploy({
            name: 'service',
            folder: join(__dirname, '..', 'test-support'),
            command: [process.execPath, script],
        });
        client = connectClient(network);
    });
    after(async () => {
        client.close();
        await network.stop();
    });

    it('is dialled as a service', async () => {
        const contract = client.contract('service');
        await contract.submitTransaction('put', 'a', '1');
        expect(text(await contract.evaluateTransaction('get', 'a'))).to.equal('1');
        const pid = text(await contract.evaluateTransaction('process'));
        expect(pid).not.to.equal(String(process.pid));
    });

    it('fails a transaction it takes too long for, and nothing else', async () => {
        const contract = client.contract('service');
        const failure = failureOf(contract.submitTransaction('hang'));
        expect(text(await contract.evaluateTransaction('get', 'a'))).to.equal('1');
        expect(await failure).to.include('timeout expired while executing transaction');
        await contract.submitTransaction('put', 'a', '2');
    });

    it('fails its transactions when it crashes, and is called again when it is back', async () => {
        const contract = client.contract('service');
        expect(await failureOf(contract.submitTransaction('crash'))).to.include(
            'chaincode stream terminated',
        );
        expect(text(await contract.evaluateTransaction('get', 'a'))).to.equal('2');
    });
});

describe('a chaincode that speaks TLS', function () {
    this.timeout(120_000);

    it('is dialled with the certificate its connection names', async () => {
        await using network = await startNetwork({ block: { timeoutMs: 20 } });
        const folder = mkdtempSync(join(tmpdir(), 'chaincode-'));
        const { certificate, privateKey } = await network
            .organization()
            .authority.tlsCertificate({ hosts: ['localhost', '127.0.0.1'] });
        writeFileSync(join(folder, 'key.pem'), privateKey);
        writeFileSync(join(folder, 'cert.pem'), certificate);
        const port = await freePort();
        const child = spawn(process.execPath, [script], {
            env: {
                ...process.env,
                CHAINCODE_SERVER_ADDRESS: `localhost:${port}`,
                CHAINCODE_ID: 'secure',
                CHAINCODE_TLS_KEY: join(folder, 'key.pem'),
                CHAINCODE_TLS_CERT: join(folder, 'cert.pem'),
            },
            stdio: ['ignore', 'pipe', 'inherit'],
        });
        try {
            await network.deploy({
                name: 'secure',
                connection: {
                    address: `localhost:${port}`,
                    tls_required: true,
                    root_cert: network.organization().authority.tlsRootCertificate,
                },
            });
            const client = connectClient(network);
            await client.contract('secure').submitTransaction('put', 'a', '1');
            client.close();
        } finally {
            await ended(child);
            rmSync(folder, { recursive: true });
        }
    });
});

describe('a chaincode that registers with a peer', function () {
    this.timeout(120_000);

    it('serves every peer of the network, one after another', async () => {
        await using network = await startNetwork({
            organizations: ['Org1MSP', 'Org2MSP'],
            block: { timeoutMs: 20 },
            tls: false,
            startTimeoutMs: 60_000,
        });
        await network.deploy({
            name: 'coming',
            register: true,
            endorsementPolicy: "AND('Org1MSP.peer', 'Org2MSP.peer')",
        });
        const [peer] = network.peers;
        const child = spawn(
            process.execPath,
            [script, '--peer.address', peer?.endpoint ?? '', '--chaincode-id-name', 'coming:1.0'],
            { stdio: ['ignore', 'inherit', 'inherit'] },
        );
        try {
            const client = connectClient(network);
            await Promise.all(
                ['a', 'b', 'c'].map((key) =>
                    client.contract('coming').submitTransaction('put', key, '1'),
                ),
            );
            client.close();
        } finally {
            await ended(child);
        }
    });
});

function ended(child: ChildProcess): Promise<void> {
    return new Promise((resolve) => {
        child.once('exit', () => {
            resolve();
        });
        child.kill();
    });
}
