import {
    cpSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { connect, hash, type Contract, type Gateway } from '@hyperledger/fabric-gateway';
import { dial, loadNetwork, nativeSigner } from '@goodput/network';
import type { Client } from '@grpc/grpc-js';
import { CommandProcess } from '../command-process.test.fixture.js';
import { run } from '../run-command.test.fixture.js';

const root = join(__dirname, '..', '..', '..', '..');
const lab = join(root, 'packages', 'devnet', 'fixtures', 'lab-chaincode');

function listens(endpoint: string): Promise<boolean> {
    const port = Number(endpoint.split(':')[1]);
    return new Promise((resolve) => {
        const socket = connectSocket({ host: '127.0.0.1', port });
        socket.once('connect', () => {
            socket.destroy();
            resolve(true);
        });
        socket.once('error', () => {
            resolve(false);
        });
    });
}

function childrenOf(pid: number | undefined): string[] {
    const file = `/proc/${String(pid)}/task/${String(pid)}/children`;
    return existsSync(file) ? readFileSync(file, 'utf8').split(' ').filter(Boolean) : [];
}

describe('goodput up, as a process', function () {
    this.timeout(300_000);
    let folder: string;
    let running: CommandProcess[];
    let closing: { close(): void }[];

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), 'goodput-up-'));
        running = [];
        closing = [];
    });
    afterEach(async () => {
        for (const each of closing) each.close();
        for (const each of running) await each.stop('SIGKILL');
        rmSync(folder, { recursive: true });
    });

    function up(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): CommandProcess {
        const started = new CommandProcess(folder, ['up', ...args], env);
        running.push(started);
        return started;
    }

    /** A chaincode project in the test's folder, with the shim that the repository has installed. */
    function project(name: string): string {
        const to = join(folder, name);
        cpSync(lab, to, { recursive: true });
        symlinkSync(join(root, 'node_modules'), join(to, 'node_modules'));
        return to;
    }

    function write(name: string, value: unknown): string {
        const file = join(folder, name);
        writeFileSync(file, JSON.stringify(value));
        return file;
    }

    function contractOf(profile: string, channel: string, name: string, user?: string): Contract {
        const network = loadNetwork(join(folder, profile));
        const me = network.identity(user);
        const client: Client = dial(network.peer());
        const gateway: Gateway = connect({
            client,
            identity: { mspId: me.mspId, credentials: Buffer.from(me.certificate) },
            signer: nativeSigner(me.privateKey).sign,
            hash: hash.none,
        });
        closing.push(gateway, client);
        return gateway.getNetwork(channel).getContract(name);
    }

    /** Blocks of two transactions, however long the second takes to come. */
    const twoInOne = { timeoutMs: 60_000, maxMessageCount: 2 };

    /** Two transactions on one key in one block; the verdicts in their order. */
    async function conflict(contract: Contract): Promise<number[]> {
        const endorsed = await Promise.all(
            [1, 2].map(() => contract.newProposal('inc', { arguments: ['hot'] }).endorse()),
        );
        const submitted = [];
        for (const transaction of endorsed) submitted.push(await transaction.submit());
        return Promise.all(submitted.map(async (each) => (await each.getStatus()).code));
    }

    it('prints where everything is, and leaves nothing when Ctrl-C ends it', async () => {
        const network = up();
        await network.until(/network profile: (.*)\n/);
        expect(network.out).to.match(/^Channel mychannel is up; Ctrl-C stops it\.\n/);
        const endpoints = [...network.out.matchAll(/ at (localhost:\d+)\n/g)].map(([, at]) => at!);
        expect(endpoints).to.have.length(2);
        for (const endpoint of endpoints) expect(await listens(endpoint)).to.equal(true);
        const profile = join('.goodput', 'devnet.json');
        expect(network.out).to.include(`network profile: ${profile}\n`);
        expect(loadNetwork(join(folder, profile)).peer().endpoint).to.equal(endpoints[0]);

        expect(await network.stop('SIGINT')).to.equal(0);
        expect(network.said).to.match(/Stopping \.\.\.\n$/);
        for (const endpoint of endpoints) expect(await listens(endpoint)).to.equal(false);
        expect(readdirSync(join(folder, '.goodput'))).to.deep.equal(['devnet.json']);
    });

    it('does as a file says, and prints each block with its conflicts, in colour if forced', async () => {
        project('mine');
        const config = write('network.json', {
            network: {
                organizations: ['Org1MSP', { mspId: 'Org2MSP', users: ['ann'] }],
                channels: ['first', 'second'],
                block: twoInOne,
            },
            chaincodes: [
                {
                    name: 'mine',
                    folder: './mine',
                    channels: ['second'],
                    endorsementPolicy: "AND('Org1MSP.peer', 'Org2MSP.peer')",
                    collections: [{ name: 'secrets', policy: "OR('Org1MSP.member')" }],
                },
            ],
        });
        const network = up(['--config', config, '--profile', 'p.json'], { FORCE_COLOR: '1' });
        await network.until(/network profile: p\.json/);
        expect(network.out).to.include('Channels first, second are up');
        expect(network.out).to.include('peer0.org2.example.com at localhost:');
        expect(loadNetwork(join(folder, 'p.json')).identity('ann').mspId).to.equal('Org2MSP');

        const contract = contractOf('p.json', 'second', 'mine');
        expect(await conflict(contract)).to.deep.equal([0, 11]);
        const [line] = await network.until(/.*MVCC_READ_CONFLICT.*/);
        expect(line).to.match(/^second {2}block +\d+ /);
        expect(line).to.include('\u001b[32m   1 valid\u001b[0m');
        expect(line).to.include('\u001b[31mMVCC_READ_CONFLICT\u001b[0m');
        expect(line).to.include('mine.inc ×2');

        // Both organisations must endorse, and one of them may not see what is in the collection.
        const proposal = contract.newProposal('putPrivate', {
            arguments: ['secrets', 'k'],
            transientData: { value: 'v' },
        });
        const refused = await proposal.endorse().catch((error: unknown) => error);
        expect(refused).to.have.property('message').that.includes('collection(s): [secrets]');
        const elsewhere = contractOf('p.json', 'first', 'mine');
        const failure = await elsewhere.evaluateTransaction('get', 'hot').catch((e: unknown) => e);
        expect(failure).to.be.instanceOf(Error);
    });

    it('prints no colour where nobody asks for it', async () => {
        project('mine');
        const config = write('network.json', {
            network: { block: twoInOne },
            chaincodes: [{ name: 'labcc', folder: './mine' }],
        });
        const network = up(['--config', config, '--profile', 'p.json']);
        await network.until(/network profile/);
        await conflict(contractOf('p.json', 'mychannel', 'labcc'));
        const [line] = await network.until(/.*MVCC_READ_CONFLICT.*/);
        expect(line).to.match(/^block +\d+ +1 valid {2}MVCC_READ_CONFLICT {2}labcc\.inc ×2$/);
    });

    it('starts a project anew when it changes, and ends it with itself', async () => {
        const mine = project('mine');
        const network = up([mine, '--watch', '--block-timeout', '100', '--profile', 'p.json']);
        await network.until(/network profile/);
        const contract = contractOf('p.json', 'mychannel', 'labcc');
        const get = async (): Promise<string> =>
            Buffer.from(await contract.evaluateTransaction('get', 'k')).toString();
        expect(await get()).to.equal('');
        const source = readFileSync(join(mine, 'index.js'), 'utf8');
        writeFileSync(
            join(mine, 'index.js'),
            source.replace('async get(ctx, key) {', "async get(ctx, key) { return 'changed';"),
        );
        await network.until(/labcc has changed; it is started anew/);
        // A call that meets the old process as it ends fails, as on a peer.
        while ((await get().catch(() => 'between the two')) !== 'changed') await setTimeout(50);
        const children = childrenOf(network.process.pid);
        await network.stop();
        for (const pid of children) expect(existsSync(`/proc/${pid}`)).to.equal(false);
    });

    it('keeps what was committed in a folder, however it ends', async () => {
        const mine = project('mine');
        const args = [mine, '--data', 'kept', '--block-timeout', '50', '--profile', 'p.json'];
        const first = up(args);
        await first.until(/network profile/);
        await contractOf('p.json', 'mychannel', 'labcc').submitTransaction('put', 'k', 'stays');
        await first.stop('SIGKILL');
        const second = up(args);
        await second.until(/network profile/);
        const contract = contractOf('p.json', 'mychannel', 'labcc');
        const value = await contract.evaluateTransaction('get', 'k');
        expect(Buffer.from(value).toString()).to.equal('stays');
    });

    it('lets users be enrolled while it runs, who can sign at once', async () => {
        const mine = project('mine');
        const args = [mine, '--block-timeout', '50', '--data', 'kept', '--profile', 'p.json'];
        const network = up(args);
        await network.until(/network profile/);
        const profile = join(folder, 'p.json');
        const msp = join(folder, 'dora', 'msp');
        const enrolled = await run(
            ...['enroll', 'dora', '--profile', profile, '--msp', msp],
            ...['--attribute', 'role=doctor', '--affiliation', 'ward'],
        );
        expect(enrolled.code, enrolled.said).to.equal(0);
        expect(enrolled.out).to.include('Enrolled dora of Org1MSP as client.');
        expect(readdirSync(join(msp, 'signcerts'))).to.deep.equal(['dora-cert.pem']);
        const who = await contractOf('p.json', 'mychannel', 'labcc', 'dora').submitTransaction(
            'whoami',
        );
        expect(Buffer.from(who).toString()).to.include('CN=dora');
        const again = await run('enroll', 'dora', '--profile', profile);
        expect(again.said).to.include('has enrolled "dora" already');
        expect(again.code).to.equal(2);
        await network.stop();

        // Kept with the network: known again when it is started again.
        const second = up(args);
        await second.until(/network profile/);
        expect(loadNetwork(profile).identity('dora').mspId).to.equal('Org1MSP');
    });

    const wrong: [string, unknown, RegExp][] = [
        ['an organisation twice', { network: { organizations: ['A', 'A'] } }, /given twice.*"A"/],
        ['an option there is not', { network: { chanels: ['a'] } }, /"chanels"/],
        ['members there are not', { nets: {} }, /network and chaincodes; got nets/],
        ['a network that is none', { network: [] }, /"network" of .* must be an object/],
        ['chaincodes that are none', { chaincodes: {} }, /must be a list of objects/],
        ['a chaincode that runs nothing', { chaincodes: [{ name: 'x' }] }, /what runs/],
        [
            'a policy that is none',
            { chaincodes: [{ name: 'x', register: true, endorsementPolicy: 'ANY(x)' }] },
            /policy/i,
        ],
        ['block settings there are not', { network: { block: { timeout: 1 } } }, /"timeout"/],
    ];
    for (const [what, value, message] of wrong) {
        it(`refuses ${what} in a line, with exit code 2, and writes nothing`, async () => {
            mkdirSync(join(folder, 'sub'));
            const config = write(join('sub', 'c.json'), value);
            const profile = join(folder, 'p.json');
            const { code, said } = await run('up', '--config', config, '--profile', profile);
            expect(said).to.match(message);
            expect(code, said).to.equal(2);
            expect(existsSync(profile)).to.equal(false);
        });
    }
});
