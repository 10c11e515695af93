import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { peer } from '@hyperledger/fabric-protos';

import {
    decodeVersion,
    encodeVersion,
    metadataDatabase,
    namespaceDatabase,
} from './couch-layout.js';
import { openLedger } from './ledger.js';
import type { Ledger, LedgerOptions } from './ledger.js';
import { commitPuts, commitTogether, work } from './test-support/build-block.js';
import { FakeCouchdb } from './test-support/fake-couchdb.js';
import { collect } from './test-support/lab-contract.js';
import { refusal } from './test-support/refusal.js';

const INDEX = '{"index":{"fields":["owner"]},"ddoc":"byOwner","name":"byOwner","type":"json"}';
const INDEX_FILES = new Map([['META-INF/statedb/couchdb/indexes/byOwner.json', INDEX]]);

describe("the layout of a peer's CouchDB", () => {
    it('names databases as a peer does', () => {
        expect(metadataDatabase('mychannel')).to.equal('mychannel_');
        expect(namespaceDatabase('mychannel', 'MyCC')).to.equal('mychannel_$my$c$c');
        expect(namespaceDatabase('my.channel', '_lifecycle')).to.equal('my$channel__lifecycle');
        expect(namespaceDatabase('ch', 'cc$$pcollA')).to.equal('ch_cc$$pcoll$a');
        const long = namespaceDatabase('c'.repeat(60), `${'n'.repeat(200)}$$h${'x'.repeat(60)}`);
        expect(long).to.match(/^c{50}_n{50}\$\$hx{49}\([0-9a-f]{64}\)$/);
        expect(metadataDatabase('c'.repeat(240))).to.match(/^c{50}\([0-9a-f]{64}\)_$/);
    });

    it('writes versions as a peer does, and reads them', () => {
        const value = Buffer.from('{}');
        const versions = [
            [{ blockNum: 3, txNum: 0 }, 'CgMBAwA='],
            [{ blockNum: 300, txNum: 7 }, 'CgUCASwBBw=='],
        ] as const;
        for (const [version, text] of versions) {
            expect(encodeVersion({ value, version, metadata: undefined })).to.equal(text);
            expect(decodeVersion(text)).to.deep.equal(version);
        }
        const metadata = [{ name: 'VALIDATION_PARAMETER', value: Buffer.from('p') }];
        const version = { blockNum: 1, txNum: 2 };
        expect(decodeVersion(encodeVersion({ value, version, metadata }))).to.deep.equal(version);
    });
});

const REAL = process.env['COUCHDB_URL'];

for (const kind of ['a stand-in', 'the real one'] as const) {
    describe(`a ledger with its state in a CouchDB (${kind})`, function () {
        this.timeout(180_000);
        const channel = `devnet-test-${process.pid}`;
        let fake: FakeCouchdb;
        let url: string;
        let ledger: Ledger;
        let log: string[];
        const open = async (options: Partial<LedgerOptions> = {}) => {
            log = [];
            ledger = await openLedger({
                channel,
                organizations: ['Org1MSP'],
                stateDatabase: 'couchdb',
                couchdb: url,
                log: (line) => log.push(line),
                ...options,
            });
        };
        before(function () {
            if (kind === 'the real one' && REAL === undefined) this.skip();
        });
        beforeEach(async () => {
            fake = await FakeCouchdb.start();
            url = kind === 'the real one' && REAL !== undefined ? REAL : fake.url;
        });
        afterEach(async () => {
            await ledger.close();
            await fake.stop();
        });

        it('answers rich queries from there, page by page', async () => {
            await open({ internalQueryLimit: 2 });
            const rows = Array.from({ length: 5 }, (_, i) => [`k${i}`, `{"owner":"a","n":${i}}`]);
            await commitPuts(ledger, 'cc', {
                ...(Object.fromEntries(rows) as Record<string, string>),
                other: '{"owner":"b"}',
                binary: 'not json',
            });
            await commitPuts(ledger, 'cc', { k1: '', k2: '{"owner":"b"}' });
            await ledger.deployIndexes('cc', INDEX_FILES);
            const simulation = await ledger.simulate('q');
            const query = '{"selector":{"owner":"a"},"fields":["n"]}';
            const found = await collect(await simulation.getQueryResult('cc', query));
            expect(found).to.deep.equal([
                { key: 'k0', value: '{"n":0}' },
                { key: 'k3', value: '{"n":3}' },
                { key: 'k4', value: '{"n":4}' },
            ]);
            const paging = { pageSize: 2, bookmark: '' };
            const first = await (await simulation.getQueryResult('cc', query, paging)).next();
            const { bookmark, fetchedRecordsCount } = peer.QueryResponseMetadata.deserializeBinary(
                first.metadata ?? new Uint8Array(),
            ).toObject();
            expect(fetchedRecordsCount).to.equal(2);
            const second = await simulation.getQueryResult('cc', query, { pageSize: 2, bookmark });
            expect((await second.next()).results).to.have.length(1);
            const [set] = simulation.done().model.namespaces;
            expect(set?.reads.map(({ key, version }) => [key, version?.blockNum])).to.deep.equal([
                ['k0', 0],
                ['k3', 0],
                ['k4', 0],
            ]);
        });

        it('passes on what CouchDB refuses and logs what it warns of', async () => {
            await open();
            await commitPuts(ledger, 'cc', { a: '{"owner":"a"}' });
            const simulation = await ledger.simulate('q');
            const sorted = '{"selector":{"owner":"a"},"sort":["owner"]}';
            expect(await refusal(() => simulation.getQueryResult('cc', sorted))).to.match(
                /^error handling CouchDB request. Error:no_usable_index, {2}Status Code:400, {2}Reason:/,
            );
            await collect(await simulation.getQueryResult('cc', '{"selector":{"owner":"a"}}'));
            expect(log).to.have.length(1);
            simulation.done();
        });

        it('deploys indexes there', async () => {
            await open();
            await commitPuts(ledger, 'cc', { a: '{"owner":"a"}' });
            const bad = '{"index":{"fields":["a"],"partial_filter_selector":{"a":{"$bogus":1}}}}';
            const files = new Map([
                ...INDEX_FILES,
                ['META-INF/statedb/couchdb/indexes/z.json', bad],
            ]);
            const outcomes = await ledger.deployIndexes('cc', files);
            expect(outcomes.map(({ refusal: why }) => why === undefined)).to.deep.equal([
                true,
                false,
            ]);
            const simulation = await ledger.simulate('q');
            const sorted = '{"selector":{"owner":"a"},"sort":["owner"]}';
            expect(await collect(await simulation.getQueryResult('cc', sorted))).to.have.length(1);
            simulation.done();
        });

        it('goes back to a snapshot there too', async () => {
            await open();
            await commitPuts(ledger, 'cc', { a: '{"n":1}' });
            const snapshot = ledger.snapshot();
            await commitPuts(ledger, 'cc', { a: '{"n":2}', b: '{"n":1}' });
            await ledger.restore(snapshot);
            const simulation = await ledger.simulate('q');
            const rows = await simulation.getQueryResult('cc', '{"selector":{"n":{"$gt":0}}}');
            expect(await collect(rows)).to.deep.equal([{ key: 'a', value: '{"n":1}' }]);
            simulation.done();
        });

        it('replaces what an earlier ledger of ours left', async () => {
            await open();
            await commitPuts(ledger, 'cc', { old: '{"n":1}' });
            await ledger.close();
            await open();
            await commitPuts(ledger, 'cc', { fresh: '{"n":1}' });
            const simulation = await ledger.simulate('q');
            const rows = await simulation.getQueryResult('cc', '{"selector":{"n":1}}');
            expect((await collect(rows)).map(({ key }) => key)).to.deep.equal(['fresh']);
            simulation.done();
        });
    });
}

describe('a ledger whose CouchDB is not what it should be', () => {
    let fake: FakeCouchdb;
    beforeEach(async () => {
        fake = await FakeCouchdb.start();
    });
    afterEach(async () => {
        await fake.stop();
    });
    const open = () =>
        openLedger({
            channel: 'ch',
            organizations: ['Org1MSP'],
            stateDatabase: 'couchdb',
            couchdb: fake.url,
        });

    it('writes documents, savepoint and channel metadata as a peer does', async () => {
        const ledger = await open();
        await commitPuts(ledger, 'cc', { a: '{"b":1,"a":2}', binary: 'text' });
        await commitTogether(
            ledger,
            work((simulation) => {
                simulation.putPrivate('_lifecycle', '_implicit_org_Org1MSP', 'p', Buffer.from('1'));
            }),
        );
        const docs = (name: string) =>
            [...(fake.databases.get(name)?.docs.values() ?? [])].map(({ _rev, ...doc }) => {
                expect(_rev).not.to.equal(undefined);
                return doc;
            });
        expect(docs('ch_cc')).to.deep.equal([
            // block 0, transaction 0
            { a: 2, b: 1, _id: 'a', '~version': 'CgIAAA==' },
            {
                _id: 'binary',
                '~version': 'CgIAAA==',
                _attachments: {
                    valueBytes: {
                        content_type: 'application/octet-stream',
                        data: Buffer.from('text').toString('base64'),
                    },
                },
            },
        ]);
        expect(docs('ch_')).to.deep.include({
            _id: 'statedb_savepoint',
            BlockNum: 1,
            TxNum: 0,
        });
        const metadata = docs('ch_').find(({ _id }) => _id === 'channel_metadata');
        expect(metadata?.['ChannelName']).to.equal('ch');
        expect(metadata?.['NamespaceDBsInfo']).to.deep.include({
            cc: { Namespace: 'cc', DBName: 'ch_cc' },
        });
        const hashed = docs('ch__lifecycle$$h_implicit_org_$org1$m$s$p');
        const keyHash = createHash('sha256').update('p').digest('base64');
        expect(hashed.map(({ _id }) => _id)).to.deep.equal([keyHash]);
        await ledger.close();
    });

    it('leaves the databases of another peer alone', async () => {
        const ledger = await open();
        await commitPuts(ledger, 'cc', { a: '1' });
        await ledger.close();
        fake.databases.get('ch_')?.docs.delete('goodput_devnet');
        const error: unknown = await open().catch((e: unknown) => e);
        expect(error).to.have.property('code', 'DEVNET_COUCHDB_OCCUPIED');
        expect(fake.databases.get('ch_cc')?.docs.size).to.equal(1);
    });

    it('fails a commit that does not get through, and mends what it left', async () => {
        const ledger = await open();
        await commitPuts(ledger, 'cc', { a: '{"n":1}' });
        fake.failing = 'statedb_savepoint';
        fake.failures = 4;
        const error: unknown = await commitPuts(ledger, 'cc', { b: '{"n":1}' }).catch(
            (e: unknown) => e,
        );
        expect(error).to.have.property('code', 'DEVNET_COUCHDB_FAILED');
        expect(ledger.height).to.equal(1);
        expect(fake.databases.get('ch_cc')?.docs.has('b'), 'a write that came through').to.equal(
            true,
        );
        const behind = await ledger.simulate('behind');
        expect(await refusal(() => behind.getQueryResult('cc', '{"selector":{}}'))).to.match(
            /behind/,
        );
        behind.done();
        await commitPuts(ledger, 'cc', { c: '{"n":1}' });
        const simulation = await ledger.simulate('q');
        const rows = await simulation.getQueryResult('cc', '{"selector":{"n":1}}');
        expect((await collect(rows)).map(({ key }) => key)).to.deep.equal(['a', 'c']);
        simulation.done();
        await ledger.close();
    });

    it('is brought into step when a ledger on disk is opened and CouchDB is elsewhere', async () => {
        const directory = await mkdtemp(join(tmpdir(), 'ledger-'));
        const openOnDisk = () =>
            openLedger({
                channel: 'ch',
                organizations: ['Org1MSP'],
                stateDatabase: 'couchdb',
                couchdb: fake.url,
                directory,
            });
        const first = await openOnDisk();
        await commitPuts(first, 'cc', { a: '{"n":1}', b: '{"n":1}' });
        await first.deployIndexes('cc', INDEX_FILES);
        await first.close();
        const docs = () => fake.databases.get('ch_cc')?.docs;

        const kept = docs();
        const second = await openOnDisk();
        expect(docs(), 'nothing to do').to.equal(kept);
        await second.close();

        // as after a crash between CouchDB's part of a commit and the ledger's own
        const savepoint = fake.databases.get('ch_')?.docs.get('statedb_savepoint');
        fake.databases
            .get('ch_')
            ?.docs.set('statedb_savepoint', { ...savepoint, BlockNum: 1, TxNum: 0 });
        docs()?.set('stray', { _id: 'stray', _rev: '1-x', '~version': 'CgMBAQA=' });
        const third = await openOnDisk();
        expect([...(docs()?.keys() ?? [])]).to.deep.equal(['a', 'b']);
        const simulation = await third.simulate('q');
        const sorted = '{"selector":{"owner":{"$gt":null}},"sort":["owner"]}';
        const rows = await simulation.getQueryResult('cc', sorted);
        expect(await collect(rows), 'the index is there again').to.deep.equal([]);
        simulation.done();
        await third.close();
        await rm(directory, { recursive: true });
    });

    it('tries again what CouchDB failed once', async () => {
        const ledger = await open();
        fake.failing = '_bulk_docs';
        fake.failures = 2;
        await commitPuts(ledger, 'cc', { a: '{"n":1}' });
        expect(ledger.height).to.equal(1);
        await ledger.close();
    });

    it('says so when there is no CouchDB, without its password', async () => {
        const { url } = fake;
        await fake.stop();
        const error: unknown = await openLedger({
            channel: 'ch',
            stateDatabase: 'couchdb',
            couchdb: url.replace('://', '://admin:s3cret@'),
        }).catch((e: unknown) => e);
        expect(error).to.have.property('code', 'DEVNET_COUCHDB_FAILED');
        expect(error).to.have.property('message').that.does.not.include('s3cret');
        fake = await FakeCouchdb.start();
    });
});
