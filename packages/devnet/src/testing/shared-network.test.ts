import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { stub } from 'sinon';
import { startNetwork } from '../network/start-network.js';
import { connectClient } from '../test-support/connect-client.js';
import { CounterContract } from '../test-support/counter-contract.js';
import { useNetwork } from './index.js';

const run = promisify(execFile);
const suites = join(__dirname, '..', 'test-support', 'shared-suites.js');
const root = join(__dirname, '..', '..', '..', '..');

/** Runs mocha, which ends only once nothing is left that listens; resolves to what it said. */
async function mocha(...args: readonly string[]): Promise<string> {
    const program = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');
    const options = ['--reporter', 'dot', '--no-parallel', ...args];
    const { stdout } = await run(process.execPath, [program, ...options, suites], {
        cwd: root,
        timeout: 240_000,
    });
    return stdout;
}

describe('suites that share a network', function () {
    this.timeout(300_000);

    it('have a channel each, with other code under one name', async () => {
        expect(await mocha()).to.match(/4 passing/);
    });

    it('start and stop it whichever of them run', async () => {
        expect(await mocha('--grep', 'another suite')).to.match(/1 passing/);
    });

    it('say what they can be isolated by', () => {
        expect(() => useNetwork({ isolate: 'chanel' as 'channel' }))
            .to.throw('isolate must be "network" or "channel"; got "chanel"')
            .with.property('code', 'DEVNET_OPTION_INVALID');
        expect(() => useNetwork({ isolate: 'channel', channels: ['mine'] }))
            .to.throw('leave channels out; got ["mine"]')
            .with.property('code', 'DEVNET_OPTION_INVALID');
    });
});

describe('a channel that is added', function () {
    this.timeout(180_000);

    it('has a ledger of its own, and what is deployed on it', async () => {
        await using network = await startNetwork({ block: { timeoutMs: 20 } });
        await network.deploy({ name: 'counter', contracts: [CounterContract] });
        const added = await network.addChannel('added');
        expect(network.channels).to.deep.equal(['mychannel', 'added']);
        expect([added, added.ledger.height]).to.deep.equal([network.channel('added'), 1]);
        const client = connectClient(network);
        const early = await client
            .contract('counter', 'added')
            .evaluateTransaction('get', 'a')
            .catch((error: unknown) => error);
        expect(early).to.be.instanceOf(Error);
        await network.deploy({ name: 'counter', contracts: [CounterContract] });
        await client.contract('counter', 'added').submitTransaction('put', 'a', '1');
        const elsewhere = await client.contract('counter').evaluateTransaction('get', 'a');
        expect(Buffer.from(elsewhere).toString()).to.equal('');
        client.close();
    });

    it('is refused under a name that is taken, or none', async () => {
        await using network = await startNetwork();
        const opening = network.addChannel('twice');
        for (const name of ['mychannel', 'twice', 'Upper', '']) {
            const error = await network.addChannel(name).catch((caught: unknown) => caught);
            expect(error, name).to.have.property('code', 'DEVNET_OPTION_INVALID');
        }
        await opening;
        await network.stop();
        const late = await network.addChannel('late').catch((caught: unknown) => caught);
        expect(late).to.have.property('code', 'DEVNET_STOPPED');
    });
});

describe('stopping', function () {
    this.timeout(180_000);
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), 'stopping-'));
    });
    afterEach(() => {
        rmSync(folder, { recursive: true });
    });

    it('waits for a deployment that is under way, and leaves nothing of it running', async () => {
        const network = await startNetwork({ block: { timeoutMs: 20 } });
        const { ledger } = network.channel();
        let reached = (): void => undefined;
        const defined = new Promise<void>((resolve) => (reached = resolve));
        let goOn = (): void => undefined;
        const held = new Promise<readonly []>((resolve) => {
            goOn = (): void => {
                resolve([]);
            };
        });
        const hold = stub(ledger, 'deployIndexes').callsFake(() => {
            reached();
            return held;
        });
        const printed: string[] = [];
        const deploying = network.deploy({
            name: 'project',
            folder,
            command: [process.execPath, '-e', PRINT_PID],
            onOutput: (text) => void printed.push(text),
        });
        const refused = deploying.catch((error: unknown) => error);
        await defined;
        while (printed.length === 0) await pause(5);
        let stopped = false;
        const stopping = network.stop().then(() => (stopped = true));
        await pause(100);
        expect(stopped).to.equal(false);
        hold.restore();
        goOn();
        await stopping;
        expect(await refused).to.have.property('code', 'DEVNET_STOPPED');
        expect(() => process.kill(Number(printed[0]), 0)).to.throw('ESRCH');
    });

    it('waits for a channel that is being added, and closes it', async () => {
        const network = await startNetwork({ dataDirectory: folder });
        const adding = network.addChannel('added').catch((error: unknown) => error);
        await network.stop();
        await adding;
        // Its folder is nobody's any more.
        await (await startNetwork({ dataDirectory: folder, channels: ['added'] })).stop();
    });
});

const PRINT_PID = 'process.stdout.write(String(process.pid)); setInterval(() => undefined, 1000);';
