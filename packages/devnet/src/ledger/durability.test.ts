import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { expect } from 'chai';
import * as fc from 'fast-check';

import { openLedger } from './ledger.js';
import type { Ledger } from './ledger.js';
import { blockHeaderHash } from './block-hash.js';
import { commitPuts, commitTogether, work } from './test-support/build-block.js';
import { defineCollections } from './test-support/define-collections.js';
import { collect } from './test-support/lab-contract.js';

const CHILD = join(__dirname, 'test-support', 'committing-process.js');

describe('a ledger in a folder', function () {
    this.timeout(300_000);
    let directory: string;
    beforeEach(async () => {
        directory = await mkdtemp(join(tmpdir(), 'ledger-'));
    });
    afterEach(async () => {
        await rm(directory, { recursive: true });
    });

    it('finds everything again after it was closed', async () => {
        const first = await openLedger({ channel: 'c', directory });
        await commitPuts(first, 'cc', { a: '1', '\u{10000}': 'astral', '\ue000': 'private use' });
        const codes = await commitTogether(
            first,
            work((simulation) => {
                simulation.putMetadata('cc', 'a', 'VALIDATION_PARAMETER', Buffer.from('policy'));
            }, 'second'),
        );
        expect(codes).to.deep.equal([0]);
        const { height, lastHash } = first;
        const bytes = first.blockByNumber(1)?.serializeBinary();
        await first.close();
        expect(first.blockByNumber(1), 'a closed ledger has no blocks').to.equal(undefined);

        const again = await openLedger({ channel: 'c', directory });
        expect(again.height).to.equal(height);
        expect(Buffer.from(again.lastHash)).to.deep.equal(Buffer.from(lastHash));
        expect(again.transaction('second')).to.include({ code: 0, blockNumber: 1, index: 0 });
        expect(again.blockByHash(lastHash)?.serializeBinary()).to.deep.equal(bytes);
        expect(again.blockByTxId('second')?.serializeBinary()).to.deep.equal(bytes);
        const policy = again.keyMetadata('cc', 'a')?.get('VALIDATION_PARAMETER');
        expect(Buffer.from(policy ?? []).toString()).to.equal('policy');
        const simulation = await again.simulate('q');
        expect(Buffer.from((await simulation.getState('cc', 'a')) ?? []).toString()).to.equal('1');
        const history = await simulation.getHistory('cc', 'a');
        expect((await history.next()).results).to.have.length(1);
        simulation.done();
        await commitPuts(again, 'cc', { b: '2' });
        await again.close();
    });

    it('loses no committed block when its process is killed, and goes on where it stopped', async () => {
        let committed = -1;
        for (const blocks of [1, 3, 17, 6, 40, 2]) {
            committed = await runAndKill(directory, blocks, committed);
            const ledger = await openLedger({ channel: 'mychannel', directory });
            const { height } = ledger;
            expect(height, 'blocks that were reported committed').to.be.greaterThan(committed);
            const simulation = await ledger.simulate('check');
            const counter = await simulation.getState('cc', 'counter');
            expect(Buffer.from(counter ?? []).toString()).to.equal(String(height));
            const last = await simulation.getState('cc', `block${height - 1}`);
            expect(last).to.have.length(2_000);
            if (height > 4) {
                expect(await simulation.getState('cc', `block${height - 3}`)).to.equal(undefined);
            }
            simulation.done();
            let previous: Uint8Array = new Uint8Array();
            for (let number = 0; number < height; number++) {
                const header = ledger.blockByNumber(number)?.getHeader();
                expect(header, `block ${number}`).not.to.equal(undefined);
                expect(Buffer.from(header?.getPreviousHash_asU8() ?? [])).to.deep.equal(
                    Buffer.from(previous),
                );
                if (header) previous = blockHeaderHash(header);
                expect(ledger.transaction(`tx-of-block-${number}`)?.blockNumber).to.equal(number);
            }
            expect(ledger.transaction(`tx-of-block-${height}`)).to.equal(undefined);
            await ledger.close();
        }
    });

    it('goes back to a snapshot on disk too', async () => {
        const ledger = await openLedger({ channel: 'c', directory });
        await commitPuts(ledger, 'cc', { kept: '1', changed: 'before', deleted: 'x' });
        const snapshot = ledger.snapshot();
        await commitPuts(ledger, 'cc', { changed: 'after', added: '2', deleted: '' });
        const gone = ledger.lastHash;
        await ledger.restore(snapshot);
        await ledger.close();

        const again = await openLedger({ channel: 'c', directory });
        expect(again.height).to.equal(1);
        expect(again.blockByNumber(1)).to.equal(undefined);
        expect(again.blockByHash(gone)).to.equal(undefined);
        const simulation = await again.simulate('q');
        const read = async (key: string) =>
            Buffer.from((await simulation.getState('cc', key)) ?? []).toString();
        expect([await read('kept'), await read('changed'), await read('deleted')]).to.deep.equal([
            '1',
            'before',
            'x',
        ]);
        expect(await read('added')).to.equal('');
        simulation.done();
        await again.close();
    });

    it('keeps deployed indexes and private data with their time to live', async () => {
        const options = {
            channel: 'c',
            directory,
            organizations: ['Org1MSP'],
            stateDatabase: 'couchdb',
        } as const;
        const first = await openLedger(options);
        await defineCollections(first, [{ name: 'short', blockToLive: 1 }]);
        await commitTogether(
            first,
            work((simulation) => {
                simulation.putState('cc', 'b', Buffer.from('{"size":2}'));
                simulation.putState('cc', 'a', Buffer.from('{"size":1}'));
                simulation.putPrivate('cc', 'short', 'key', Buffer.from('secret'));
            }),
        );
        const index = '{"index":{"fields":["size"]},"ddoc":"bySize","name":"bySize"}';
        const path = 'META-INF/statedb/couchdb/indexes/bySize.json';
        await first.deployIndexes('cc', new Map([[path, index]]));
        await first.close();

        const second = await openLedger(options);
        const query = '{"selector":{"size":{"$gt":0}},"sort":["size"]}';
        const simulation = await second.simulate('q');
        const rows = await collect(await simulation.getQueryResult('cc', query));
        expect(rows.map(({ key }) => key)).to.deep.equal(['a', 'b']);
        const secret = await simulation.getPrivate('cc', 'short', 'key');
        expect(Buffer.from(secret ?? []).toString()).to.equal('secret');
        simulation.done();
        expect(second.privateData(1).get(0)).to.have.length(1);
        await commitPuts(second, 'cc', { some: '1' });
        await second.close();

        const third = await openLedger(options);
        await commitPuts(third, 'cc', { some: '2' });
        const late = await third.simulate('late');
        expect(await late.getPrivate('cc', 'short', 'key')).to.equal(undefined);
        expect(await late.getPrivateHash('cc', 'short', 'key')).to.equal(undefined);
        late.done();
        expect(third.privateData(1).size).to.equal(0);
        await third.close();
    });

    it('is the same after a restart as before, whatever was committed', async () => {
        const key = fc.constantFrom('a', 'b', '\ue000', '\u{1f600}', '\0x\0');
        const change = fc.oneof(
            fc.record({ key, value: fc.constantFrom('', '1', '2') }),
            fc.record({ key, policy: fc.constantFrom('p', 'q') }),
        );
        const blocks = fc.array(fc.array(change, { maxLength: 4 }), { minLength: 1, maxLength: 5 });
        await fc.assert(
            fc.asyncProperty(blocks, async (all) => {
                const folder = await mkdtemp(join(tmpdir(), 'ledger-'));
                const before = await openLedger({ channel: 'c', directory: folder });
                for (const changes of all) {
                    await commitTogether(
                        before,
                        work((simulation) => {
                            for (const each of changes) {
                                if ('value' in each) {
                                    simulation.putState('cc', each.key, Buffer.from(each.value));
                                } else {
                                    const policy = Buffer.from(each.policy);
                                    simulation.putMetadata('cc', each.key, 'POLICY', policy);
                                }
                            }
                        }),
                    );
                }
                const expected = await contentOf(before);
                await before.close();
                const after = await openLedger({ channel: 'c', directory: folder });
                expect(await contentOf(after)).to.deep.equal(expected);
                await after.close();
                await rm(folder, { recursive: true });
            }),
            { numRuns: 40 },
        );
    });

    it('is refused to a second process, another channel and another database', async () => {
        const ledger = await openLedger({ channel: 'c', directory });
        await commitPuts(ledger, 'cc', { a: '1' });
        await expectCode(openLedger({ channel: 'c', directory }), 'DEVNET_LEDGER_LOCKED');
        await ledger.close();
        await expectCode(openLedger({ channel: 'd', directory }), 'DEVNET_LEDGER_UNREADABLE');
        const couch = openLedger({ channel: 'c', directory, stateDatabase: 'couchdb' });
        await expectCode(couch, 'DEVNET_LEDGER_UNREADABLE');
        const again = await openLedger({ channel: 'c', directory });
        expect(again.height).to.equal(1);
        await again.close();
        await writeFile(join(directory, 'CURRENT'), 'nonsense\n');
        await expectCode(openLedger({ channel: 'c', directory }), 'DEVNET_LEDGER_UNREADABLE');
    });
});

/** The state with versions, metadata and history, in a form that can be compared. */
async function contentOf(ledger: Ledger): Promise<unknown> {
    const simulation = await ledger.simulate('content');
    const rows = await collect(await simulation.getStateByRange('cc', '', ''));
    const content = [];
    for (const { key, value } of rows) {
        const policy = (await simulation.getMetadata('cc', key)).get('POLICY');
        const history = await (await simulation.getHistory('cc', key)).next();
        content.push([key, value, hex(policy), history.results.map(hex)]);
    }
    const { model } = simulation.done();
    return [content, model, ledger.height, hex(ledger.lastHash)];
}

function hex(bytes: Uint8Array | undefined): string {
    return Buffer.from(bytes ?? []).toString('hex');
}

/** Lets a child commit some blocks more and kills it in the middle of things. */
async function runAndKill(directory: string, blocks: number, before: number): Promise<number> {
    const child = spawn(process.execPath, [CHILD, directory], {
        stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    let committed = before;
    let left = blocks;
    for await (const line of createInterface({ input: child.stdout })) {
        committed = Number(line);
        if (--left === 0) child.kill('SIGKILL');
    }
    await exited;
    return committed;
}

async function expectCode(opening: Promise<unknown>, code: string): Promise<void> {
    const error: unknown = await opening.then(
        () => undefined,
        (reason: unknown) => reason,
    );
    expect(error).to.have.property('code', code);
}
