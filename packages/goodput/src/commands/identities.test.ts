import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startNetwork } from '@goodput/devnet';
import { run } from '../run-command.test.fixture.js';

describe('goodput enroll and goodput export', function () {
    this.timeout(180_000);
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), 'identities-'));
    });
    afterEach(() => {
        rmSync(folder, { recursive: true });
    });

    it('work on a folder whose network does not run', async () => {
        await (await startNetwork({ dataDirectory: join(folder, 'kept') })).stop();
        const from = ['--data', join(folder, 'kept'), '--profile', join(folder, 'none.json')];
        const enrolled = await run('enrol', 'boss', ...from, '--role', 'admin', '--key', 'ed25519');
        expect(enrolled.code, enrolled.said).to.equal(0);
        expect(enrolled.out).to.equal('Enrolled boss of Org1MSP as admin.');
        const exported = await run('export', join(folder, 'crypto'), ...from);
        expect(exported.code, exported.said).to.equal(0);
        expect(exported.said).to.include('not running');
        const users = join(exported.out, 'users');
        expect(existsSync(join(users, 'boss@org1.example.com', 'msp', 'keystore'))).to.equal(true);
        await using again = await startNetwork({ dataDirectory: join(folder, 'kept') });
        expect(again.organization().user('boss')).to.not.equal(undefined);
    });

    const wrong: [string, string[], RegExp][] = [
        ['no network at all', ['enroll', 'x'], /No embedded network is running[\s\S]*goodput up/],
        ['an attribute without a value', ['enroll', 'x', '--attribute', 'a'], /NAME=VALUE/],
        ['a date that is none', ['enroll', 'x', '--expires', 'soon'], /must be a date/],
        ['a role that is none', ['enroll', 'x', '--role', 'king'], /client, admin/],
        ['a folder without a network', ['export', 'x', '--data', 'none'], /no authorities/],
    ];
    for (const [what, args, message] of wrong) {
        it(`say what is wrong with ${what}, with exit code 2`, async () => {
            const profile = join(folder, 'none.json');
            const { code, said } = await run(...args, '--profile', profile);
            expect(said).to.match(message);
            expect(code).to.equal(2);
        });
    }
});
