import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { failureOf } from '../test-support/failure-of.js';
import { startNetwork } from './start-network.js';

describe('a network kept in a folder', function () {
    this.timeout(180_000);
    let dataDirectory: string;
    beforeEach(() => {
        dataDirectory = mkdtempSync(join(tmpdir(), 'kept-'));
    });
    afterEach(() => {
        rmSync(dataDirectory, { recursive: true });
    });

    it('keeps everyone who enrols, at the same time too', async () => {
        const names = ['ann', 'ben', 'cleo', 'dan', 'eve'];
        const network = await startNetwork({ dataDirectory });
        await Promise.all(names.map((name) => network.organization().enrol({ name })));
        const before = names.map((name) => network.organization().user(name)?.certificate);
        await network.stop();
        await using again = await startNetwork({ dataDirectory });
        const after = names.map((name) => again.organization().user(name)?.certificate);
        expect(after).to.deep.equal(before).and.not.include(undefined);
    });

    it('refuses other organisations than it was made with, and keeps the keys it has', async () => {
        const organizations = ['Org1MSP', 'Org2MSP'];
        await (await startNetwork({ dataDirectory, organizations })).stop();
        const kept = readFileSync(join(dataDirectory, 'network.json'), 'utf8');
        for (const others of [['Org1MSP'], ['Org1MSP', 'Org2MSP', 'Org3MSP']]) {
            const error = await failureOf(startNetwork({ dataDirectory, organizations: others }));
            expect(error).to.have.property('code', 'DEVNET_DATA_UNUSABLE');
            expect(error).to.have.property('message').that.includes('one of Org1MSP, Org2MSP;');
        }
        expect(readFileSync(join(dataDirectory, 'network.json'), 'utf8')).to.equal(kept);
        await (
            await startNetwork({ dataDirectory, organizations: organizations.toReversed() })
        ).stop();
    });

    it('has its identities on disk before its first block', async () => {
        let kept: boolean | undefined;
        // The clock is asked for each certificate, and for the first block.
        const network = await startNetwork({
            dataDirectory,
            clock: () => {
                kept ??= existsSync(join(dataDirectory, 'channels')) ? isKept() : undefined;
                return new Date();
            },
        });
        await network.stop();
        expect(kept).to.equal(true);
    });

    function isKept(): boolean {
        return existsSync(join(dataDirectory, 'network.json'));
    }

    it('lets go of the channels it has opened when another cannot be', async () => {
        const holder = await startNetwork({ dataDirectory, channels: ['second'] });
        await failureOf(startNetwork({ dataDirectory, channels: ['first', 'second'] }));
        await holder.stop();
        await (await startNetwork({ dataDirectory, channels: ['first', 'second'] })).stop();
    });
});
