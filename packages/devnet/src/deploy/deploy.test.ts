import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Contract } from 'fabric-contract-api';
import type { Network } from '../network/network.js';
import { startNetwork } from '../network/start-network.js';
import { connectClient } from '../test-support/connect-client.js';
import { CounterContract } from '../test-support/counter-contract.js';
import { failureOf } from '../test-support/failure-of.js';
import type { Deployment } from './deployment.js';

class BrokenContract extends Contract {
    constructor() {
        super('broken');
        throw new Error('no database');
    }
}

const code = { contracts: [CounterContract] };
const members = "OR('Org1MSP.member')";

describe('a deployment that cannot be', function () {
    this.timeout(180_000);
    let network: Network;
    let folder: string;

    before(async () => {
        folder = mkdtempSync(join(tmpdir(), 'deploy-'));
        writeFileSync(join(folder, 'garbled.json'), '{"address": ');
        writeFileSync(join(folder, 'empty.json'), '{}');
        network = await startNetwork({
            block: { timeoutMs: 20 },
            channels: ['mychannel', 'second'],
        });
    });
    after(async () => {
        await network.stop();
        rmSync(folder, { recursive: true });
    });

    const INVALID = 'DEVNET_OPTION_INVALID';
    const FAILED = 'DEVNET_DEPLOY_FAILED';
    const wrong: readonly [what: string, () => object, string, string][] = [
        ['nothing', () => ({ name: 'x' }), INVALID, 'this one has none'],
        [
            'on a channel that is not there',
            () => ({ ...code, channels: ['mychannel', 'third'] }),
            INVALID,
            'channels must name some of mychannel, second',
        ],
        [
            'on a channel given by name alone',
            () => ({ ...code, channels: 'second' }),
            INVALID,
            'got "second"',
        ],
        [
            'of a folder that is not there',
            () => ({ folder: join(folder, 'absent') }),
            FAILED,
            'ENOENT',
        ],
        [
            'of a file for a folder',
            () => ({ folder: join(folder, 'empty.json'), command: ['node'] }),
            FAILED,
            'is not a folder of a chaincode',
        ],
        [
            'of a folder without the shim',
            () => ({ folder }),
            FAILED,
            'has no fabric-shim installed',
        ],
        [
            'of a command that is not there',
            () => ({ folder, command: ['no-such-program'] }),
            FAILED,
            '"no-such-program" cannot be started',
        ],
        [
            'of a connection file that is not there',
            () => ({ connection: join(folder, 'absent.json') }),
            FAILED,
            'ENOENT',
        ],
        [
            'of a connection file that is garbled',
            () => ({ connection: join(folder, 'garbled.json') }),
            FAILED,
            'garbled.json',
        ],
        [
            'of a connection without an address',
            () => ({ connection: join(folder, 'empty.json') }),
            FAILED,
            'chaincode address not provided',
        ],
        [
            'of a connection to nowhere',
            () => ({ connection: { address: 'localhost' } }),
            FAILED,
            'address must be host:port',
        ],
        [
            'of a connection by TLS to a stranger',
            () => ({ connection: { address: 'localhost:1', tls_required: true } }),
            FAILED,
            'chaincode tls root cert not provided',
        ],
        [
            'of a connection with a certificate that is none',
            () => ({
                connection: {
                    address: 'localhost:1',
                    tls_required: true,
                    root_cert: 'x',
                    client_auth_required: true,
                    client_key: 'y',
                    client_cert: 'z',
                },
            }),
            FAILED,
            'cannot be run',
        ],
        [
            'of a contract that throws when it is made',
            () => ({ contracts: [CounterContract, BrokenContract] }),
            FAILED,
            'no database',
        ],
        ['of a class that is no contract', () => ({ contracts: [Map] }), FAILED, 'cannot be run'],
        [
            'with an index folder that is not there',
            () => ({ ...code, indexes: join(folder, 'absent') }),
            'COUCHDB_FOLDER_UNREADABLE',
            'absent',
        ],
        [
            'with a policy that is none',
            () => ({ ...code, endorsementPolicy: 'OR(' }),
            'DEVNET_POLICY_INVALID',
            'OR(',
        ],
        [
            'with a collection’s policy that is none',
            () => ({ ...code, collections: [{ name: 'a', policy: 'nobody' }] }),
            'DEVNET_POLICY_INVALID',
            'nobody',
        ],
        [
            'with a collection’s name that is none',
            () => ({ ...code, collections: [{ name: '_a', policy: members }] }),
            FAILED,
            "invalid collection name '_a'",
        ],
    ];
    const types: readonly [object, string][] = [
        [{ ...code, version: 2 }, 'version must be a text'],
        [{ ...code, endorsementPolicy: ['Org1MSP'] }, 'endorsementPolicy must be a text'],
        [{ ...code, initRequired: 'yes' }, 'initRequired must be true or false; got "yes"'],
        [{ ...code, collections: {} }, 'collections must be a list'],
        [{ ...code, collections: ['a'] }, 'collections must be a list'],
        [{ ...code, collections: [{ policy: members }] }, 'name must be a text'],
        [{ ...code, collections: [{ name: 'a' }] }, 'collections: "a": policy must be a text'],
        [
            { ...code, collections: [{ name: 'a', policy: members, blockToLive: -1 }] },
            'blockToLive must be a whole number',
        ],
        [
            { ...code, collections: [{ name: 'a', policy: members, memberOnly: true }] },
            'has no member "memberOnly"',
        ],
        [{ ...code, organizations: ['Org2MSP'] }, 'organizations must name some of Org1MSP'],
        [{ ...code, indexes: 7 }, 'indexes must be the path'],
        [{ contracts: [] }, 'contracts must be a list'],
        [{ contracts: CounterContract }, 'got the function CounterContract'],
        [{ contracts: [CounterContract, {}] }, 'contracts must be a list'],
        [{ chaincode: { Init: () => undefined } }, 'Init and Invoke'],
        [{ connection: 7051 }, 'connection must be the members'],
        [{ connection: null }, 'connection must be the members'],
        [{ folder: {} }, 'folder must be the path'],
        [{ folder: '.', command: 'node index.js' }, 'command must be a program'],
        [{ folder: '.', watch: 1 }, 'watch must be true or false'],
        [{ register: 'yes' }, 'register must be true'],
    ];

    async function refused(given: object, expectedCode: string, message: string): Promise<void> {
        const heights = (): readonly number[] =>
            network.channels.map((id) => network.channel(id).ledger.height);
        const before = heights();
        const error = await failureOf(network.deploy({ name: 'x', ...given } as Deployment));
        expect(error).to.have.property('code', expectedCode);
        expect(error).to.have.property('message').that.includes(message);
        expect(heights()).to.deep.equal(before);
    }

    wrong.forEach(([what, make, expectedCode, message], index) => {
        it(`${what} is refused before anything is defined, and deploys once mended`, async () => {
            const name = `x${index}`;
            await refused({ name, ...make() }, expectedCode, message);
            expect(network.channel().definitions.get(name)).to.equal(undefined);
            await network.deploy({ name, ...code });
            const client = connectClient(network);
            await client.contract(name, 'second').submitTransaction('put', 'a', '1');
            client.close();
        });
    });

    for (const [given, message] of types) {
        it(`is refused where ${message.replace(/;.*/, '')}`, () =>
            refused(given, INVALID, message));
    }
});

describe('deployments of one name', function () {
    this.timeout(180_000);

    it('take turns: the last one stays', async () => {
        await using network = await startNetwork({ block: { timeoutMs: 20 } });
        const versions = ['1', '2', '3'];
        await Promise.all(
            versions.map((version) => network.deploy({ name: 'turns', version, ...code })),
        );
        const { definitions } = network.channel();
        expect(definitions.get('turns')).to.include({ version: '3', sequence: 3 });
        const wrong = network.deploy({ name: 'turns', contracts: [BrokenContract] });
        const right = network.deploy({ name: 'turns', version: '4', ...code });
        expect(await failureOf(wrong)).to.have.property('code', 'DEVNET_DEPLOY_FAILED');
        await right;
        expect(definitions.get('turns')).to.include({ version: '4', sequence: 4 });
    });

    it('leave a process that registered in place, until none of them is of its version', async () => {
        await using network = await startNetwork({
            block: { timeoutMs: 20 },
            channels: ['mychannel', 'second'],
            startTimeoutMs: 60_000,
            tls: false,
        });
        const coming = { name: 'coming', register: true } as const;
        await network.deploy({ ...coming, channels: ['mychannel'] });
        const script = join(__dirname, '..', 'test-support', 'service-chaincode.js');
        const address = network.peers[0]?.endpoint ?? '';
        const args = ['--peer.address', address, '--chaincode-id-name', 'coming:1.0'];
        const child = spawn(process.execPath, [script, ...args], {
            stdio: ['ignore', 'inherit', 'inherit'],
        });
        const ended = once(child, 'exit');
        const client = connectClient(network);
        try {
            await client.contract('coming').submitTransaction('put', 'a', '1');
            await network.deploy(coming);
            for (const channel of network.channels) {
                const pid = await client.contract('coming', channel).evaluateTransaction('process');
                expect(Buffer.from(pid).toString()).to.equal(String(child.pid));
            }
            await network.deploy({ name: 'coming', version: '2.0', ...code });
            // Its stream has ended, and nothing else keeps it.
            await ended;
        } finally {
            client.close();
            child.kill();
        }
    });
});
