import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { failureOf } from '../test-support/failure-of.js';
import type { Network } from './network.js';
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

    async function expectRefusal(code: string, ...texts: readonly string[]): Promise<void> {
        const error = (await failureOf(startNetwork({ dataDirectory }))) as Error;
        expect(error, error.message).to.have.property('code', code);
        for (const text of texts) expect(error.message).to.include(text);
    }

    it('says what is wrong with the keys that were kept', async () => {
        await (await startNetwork({ dataDirectory })).stop();
        const keys = join(dataDirectory, 'network.json');
        const good = readFileSync(keys, 'utf8');
        const bad = [
            '',
            'null',
            '{"version":2}',
            '{"version":1}',
            '{"version":1,"organizations":[{}],"orderer":{}}',
            good.slice(0, 900),
            good.replace('BEGIN CERTIFICATE', 'BEGIN'),
        ];
        for (const text of bad) {
            writeFileSync(keys, text);
            await expectRefusal('DEVNET_DATA_UNUSABLE', dataDirectory, 'empty folder');
            expect(readFileSync(keys, 'utf8')).to.equal(text);
        }
        rmSync(keys);
        await expectRefusal('DEVNET_DATA_UNUSABLE', 'begun by a network with other keys');
        writeFileSync(keys, good);
        await (await startNetwork({ dataDirectory })).stop();
    });

    it('says what is wrong with a ledger, and with a place that is no folder', async () => {
        await (await startNetwork({ dataDirectory })).stop();
        const ledger = join(dataDirectory, 'channels', 'mychannel');
        for (const file of readdirSync(ledger).filter((name) => /ldb|log|MANIFEST/.test(name))) {
            writeFileSync(join(ledger, file), 'nothing of a ledger');
        }
        await expectRefusal('DEVNET_LEDGER_UNREADABLE', ledger);
        rmSync(ledger, { recursive: true });
        writeFileSync(ledger, 'a file');
        await expectRefusal('DEVNET_FILE_FAILED', ledger);
        const file = join(dataDirectory, 'network.json');
        const error = await failureOf(startNetwork({ dataDirectory: file }));
        expect(error).to.have.property('code', 'DEVNET_FILE_FAILED');
        rmSync(file);
        mkdirSync(file);
        await expectRefusal('DEVNET_FILE_FAILED', dataDirectory);
    });

    it('is of one network, where two begin in it at once', async () => {
        const started = await Promise.allSettled([
            startNetwork({ dataDirectory }),
            startNetwork({ dataDirectory }),
        ]);
        const [first, ...others] = started.filter(({ status }) => status === 'fulfilled');
        expect(others).to.have.length(0);
        const network = (first as PromiseFulfilledResult<Network>).value;
        const { certificate } = network.organization().admin;
        await network.stop();
        await using again = await startNetwork({ dataDirectory });
        expect(again.organization().admin.certificate).to.equal(certificate);
    });

    it('takes a lock that nobody holds for none', async () => {
        writeFileSync(join(dataDirectory, 'network.json.lock'), '');
        await (await startNetwork({ dataDirectory })).stop();
    });
});
