import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
    existsSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { attributesOf } from '../identity/attributes.js';
import { X509Certificate } from 'node:crypto';
import { CounterContract } from '../test-support/counter-contract.js';
import { connectClient } from '../test-support/connect-client.js';
import { failureOf } from '../test-support/failure-of.js';
import { keysFile } from './data-directory.js';
import { IdentityRegistry } from './identity-registry.js';
import { startNetwork } from './start-network.js';

describe('enrolling from another process', function () {
    this.timeout(180_000);
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), 'registry-'));
    });
    afterEach(() => {
        rmSync(folder, { recursive: true });
    });

    it('makes users whom a network in memory accepts at once', async () => {
        await using network = await startNetwork({ block: { timeoutMs: 10 } });
        await network.deploy({ name: 'counter', contracts: [CounterContract] });
        const file = join(folder, 'deeper', 'authorities.json');
        await network.writeAuthorities(file);
        expect(statSync(file).mode & 0o077).to.equal(0);
        const registry = await IdentityRegistry.inFile(file);
        const attributes = { role: 'auditor' };
        const alice = await registry.enrol({ name: 'alice', attributes, ou: 'dep.sub' });
        const certificate = new X509Certificate(alice.certificate);
        expect(attributesOf(certificate)).to.include({
            role: 'auditor',
            'hf.Affiliation': 'dep.sub',
        });
        const client = connectClient(network, { identity: alice });
        await client.contract('counter').submitTransaction('put', 'a', 'one');
        client.close();
        expect(registry.describes(network.profile)).to.equal(true);
        await using other = await startNetwork();
        expect(registry.describes(other.profile)).to.equal(false);
        // Who opens it next knows her too.
        expect((await IdentityRegistry.inFile(file)).organization().user('alice')).to.include({
            certificate: alice.certificate,
        });
    });

    it('loses nobody whom processes enrol at the same time', async () => {
        const network = await startNetwork({ dataDirectory: folder });
        const script = join(__dirname, '..', 'test-support', 'enrolling-process.js');
        const names = (whose: string): readonly string[] =>
            Array.from({ length: 12 }, (_, index) => `${whose}${index}`);
        const others = ['a', 'b'].map((whose) =>
            spawn(process.execPath, [script, keysFile(folder), ...names(whose)], {
                stdio: ['pipe', 'pipe', 'inherit'],
            }),
        );
        await Promise.all(others.map(({ stdout }) => once(stdout, 'data')));
        const ended = Promise.all(others.map((each) => once(each, 'exit')));
        for (const { stdin } of others) stdin.write('begin');
        await Promise.all(names('c').map((name) => network.organization().enrol({ name })));
        expect(await ended).to.deep.equal([
            [0, null],
            [0, null],
        ]);
        await network.stop();
        const registry = await IdentityRegistry.inFolder(folder);
        const enrolled = registry.organization().users.map(({ name }) => name);
        expect(enrolled).to.include.members(['a', 'b', 'c'].flatMap(names));
        expect(readdirSync(folder).toSorted()).to.deep.equal(['channels', 'network.json']);
    });

    it('does not wait for a process that was killed while it enrolled', async () => {
        await (await startNetwork({ dataDirectory: folder })).stop();
        const killed = spawnSync(process.execPath, ['-e', '0']);
        writeFileSync(`${keysFile(folder)}.lock`, String(killed.pid));
        const registry = await IdentityRegistry.inFolder(folder);
        await Promise.all(['a', 'b', 'c'].map((name) => registry.enrol({ name })));
        expect(readdirSync(folder).toSorted()).to.deep.equal(['channels', 'network.json']);
    });

    it('keeps them beside those that a running network enrols itself', async () => {
        const network = await startNetwork({ dataDirectory: folder });
        const file = join(folder, 'authorities.json');
        await network.writeAuthorities(file);
        expect(readFileSync(file, 'utf8')).to.not.include('PRIVATE KEY');
        const registry = await IdentityRegistry.inFile(file);
        const early = await IdentityRegistry.inFolder(folder);
        await registry.enrol({ name: 'outside' });
        await network.organization().enrol({ name: 'inside' });
        await early.enrol({ name: 'late' });
        await network.stop();
        await using again = await startNetwork({ dataDirectory: folder });
        expect(again.organization().users.map(({ name }) => name)).to.have.members([
            'user1',
            'outside',
            'inside',
            'late',
        ]);
    });

    it('refuses a name that is taken, an organisation there is not, and a folder without a network', async () => {
        await (await startNetwork({ dataDirectory: folder })).stop();
        const registry = await IdentityRegistry.inFolder(folder);
        for (const name of ['user1', 'admin', 'Admin', 'USER1']) {
            expect(await failureOf(registry.enrol({ name }))).to.have.property(
                'code',
                'DEVNET_ENROLMENT_INVALID',
            );
        }
        expect(await failureOf(registry.enrol({ name: 'x' }, 'Org9MSP')))
            .to.have.property('message')
            .that.includes('it has Org1MSP');
        expect(await failureOf(IdentityRegistry.inFolder(join(folder, 'none')))).to.have.property(
            'code',
            'DEVNET_DATA_UNUSABLE',
        );
    });

    it('writes MSP folders, with peers where a profile says where they are', async () => {
        const network = await startNetwork({ dataDirectory: folder });
        const { profile } = network;
        await network.stop();
        const registry = await IdentityRegistry.inFolder(folder);
        const [without = ''] = await registry.exportTo(join(folder, 'without'));
        expect(existsSync(join(without, 'peers'))).to.equal(false);
        expect(readdirSync(join(without, 'users'))).to.have.members([
            'User1@org1.example.com',
            'Admin@org1.example.com',
        ]);
        const [top = ''] = await registry.exportTo(join(folder, 'with'), profile);
        const tls = join(top, 'peers', 'peer0.org1.example.com', 'tls');
        expect(readdirSync(tls)).to.deep.equal(['ca.crt']);
        expect(readFileSync(join(top, 'connection.json'), 'utf8')).to.include(
            `grpcs://${profile.peers[0]?.endpoint ?? 'none'}`,
        );
    });
});
