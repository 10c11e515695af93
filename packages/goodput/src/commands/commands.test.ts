import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startNetwork } from '@goodput/devnet';
import { explainQuery, parseIndexRequest } from '@goodput/couchdb';
import { inclusionProof, merkleRoot, rowLeaf, sealLeaf } from '@goodput/contracts';
import { connect } from '@goodput/gateway';
import { BenchContract } from '@goodput/bench-chaincode';
import { run } from '../run-command.test.fixture.js';

const packages = join(__dirname, '..', '..', '..');
const couchdb = JSON.stringify(join(packages, 'couchdb'));
const blocks = join(packages, 'rwset', 'fixtures', 'blocks');

describe('commands', () => {
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), 'commands-'));
    });
    afterEach(() => {
        rmSync(folder, { recursive: true });
    });

    function write(name: string, text: string): string {
        const file = join(folder, name);
        mkdirSync(join(file, '..'), { recursive: true });
        writeFileSync(file, text);
        return file;
    }

    describe('goodput simulate', () => {
        it('says what recorded operations would become under other strategies', async () => {
            const strategies = ['--strategies', 'naive,merged', '--json'];
            const { code, out } = await run('simulate', blocks, ...strategies);
            expect(code).to.equal(0);
            const results = JSON.parse(out) as {
                strategy: string;
                submitted: number;
                valid: number;
            }[];
            const [naive, merged] = results;
            expect(naive?.strategy).to.equal('naive');
            expect(naive?.valid).to.be.lessThan(naive?.submitted ?? 0);
            expect(merged?.valid).to.equal(merged?.submitted);
            expect((await run('simulate', blocks, ...strategies)).out).to.equal(out);
        });

        it('refuses a strategy there is not', async () => {
            const { code, said } = await run('simulate', blocks, '--strategies', 'magic');
            expect(said).to.contain('no strategy "magic". There are naive, retry');
            expect(code).to.equal(2);
        });
    });

    describe('goodput indexes', () => {
        const definition = (fields: string): string =>
            `exports.indexes = [require(${couchdb}).defineIndex({ name: 'byOwner', fields: ${fields} })];`;

        it('writes what the code says, and is content with it', async () => {
            write('dist/indexes.js', definition("['docType', 'owner']"));
            const query = `{"selector":{"docType":"asset","owner":"ann"}}`;
            write(
                'src/contract.ts',
                `export const all = (s: any) => s.getQueryResult('${query}');`,
            );
            const written = await run('indexes', 'write', folder);
            expect(written.code).to.equal(0);
            expect(written.out).to.contain('written META-INF/statedb/couchdb/indexes/');
            const checked = await run('indexes', 'check', folder);
            expect(checked.said).to.contain(', 0 of them errors');
            expect(checked.code).to.equal(0);
            expect((await run('indexes', 'write', folder)).said).to.equal(
                '1 files were right already.',
            );
        });

        it('fails when files and code differ, or a rename would leave an index behind', async () => {
            const code = write('dist/indexes.js', definition("['owner']"));
            await run('indexes', 'write', folder);
            const file = join(folder, 'META-INF/statedb/couchdb/indexes/byOwner.json');
            expect(existsSync(file)).to.equal(true);
            writeFileSync(file, readFileSync(file, 'utf8').replace('owner', 'colour'));
            const changed = await run('indexes', 'check', folder, '--definitions', code);
            expect(changed.out).to.contain('stale');
            expect(changed.code).to.equal(1);
            await run('indexes', 'write', folder);
            // Nothing asks for the index, which is a warning and no more.
            expect((await run('indexes', 'check', folder)).code).to.equal(0);
            const renamed = readFileSync(file, 'utf8').replaceAll('byOwner', 'old');
            write('before/META-INF/statedb/couchdb/indexes/old.json', renamed);
            const released = ['--released', join(folder, 'before')];
            const orphaned = await run('indexes', 'check', folder, ...released);
            expect(orphaned.out).to.contain(
                'orphan: the index "old" of the last release is renamed here',
            );
            expect(orphaned.code).to.equal(1);
            const planned = [...released, '--retired', 'oldDoc/old'];
            expect((await run('indexes', 'check', folder, ...planned)).code).to.equal(0);
            const diff = await run('indexes', 'diff', join(folder, 'before'), folder);
            expect(diff.out).to.match(/^renamed byOwner \(was old\)/);
        });

        it('keeps the databases of collections apart', async () => {
            const collected = definition("['owner'], collection: 'secret'");
            write('dist/indexes.js', collected);
            const query = `{"selector":{"owner":"ann"}}`;
            write(
                'src/contract.ts',
                `export const all = (s: any) => s.getQueryResultWithPagination('${query}', 9, '');
                export const mine = (s: any) => s.getPrivateDataQueryResult('secret', '${query}');`,
            );
            await run('indexes', 'write', folder);
            const { out } = await run('indexes', 'check', folder);
            expect(out)
                .to.match(/contract\.ts:1 error Q01/)
                .and.not.match(/contract\.ts:2 .*Q01/);
            const file = write('query.json', query);
            const chosen = async (...more: string[]): Promise<unknown> => {
                const explained = await run('indexes', 'explain', folder, file, ...more);
                return (JSON.parse(explained.out) as { index: { name: string } }).index.name;
            };
            expect(await chosen()).to.equal('_all_docs');
            expect(await chosen('--collection', 'secret')).to.equal('byOwner');
            const sample = write('sample.json', '[{"owner":"ann"},{"owner":"bob"}]');
            const advised = await run('indexes', 'advise', folder, '--sample', sample, '--json');
            const all = JSON.parse(advised.out) as {
                collection: string;
                create: { name: string }[];
                keep: { name: string }[];
                queries: { name: string; after: { results: number } }[];
            }[];
            expect(all.map(({ collection }) => collection)).to.deep.equal(['', 'secret']);
            expect(all[1]?.create).to.deep.equal([]);
            expect(all.map(({ queries }) => queries.map((one) => one.name))).to.deep.equal([
                ['src/contract.ts:1'],
                ['src/contract.ts:2'],
            ]);
            const config = write('collections.json', '[{"name":"other"}]');
            const misplaced = await run('indexes', 'check', folder, '--collections', config);
            expect(misplaced.out).to.contain('error I10');
        });

        it('plans by the rules of the release line asked for', async () => {
            write('dist/indexes.js', definition("['owner']"));
            await run('indexes', 'write', folder);
            const file = write('query.json', '{"selector":{"owner":{"$beginsWith":"a"}}}');
            const on = (version: string) =>
                run('indexes', 'explain', folder, file, '--couchdb', version);
            expect((await on('3.5')).code).to.equal(0);
            const old = await on('3.3');
            expect(old.said).to.contain('invalid_operator');
            expect(old.code).to.equal(3);
            expect((await on('2.0')).said).to.contain('Allowed choices are 3.3, 3.4, 3.5');
        });

        it('advises an index for a query without one, and explains the choice', async () => {
            const query = `{"selector":{"owner":"ann"}}`;
            write(
                'src/contract.ts',
                `export const all = (s: any) => s.getQueryResult('${query}');`,
            );
            const advised = await run('indexes', 'advise', folder, '--documents', '10000');
            expect(advised.out).to.match(/^create \w+ \(owner\)/m);
            const explained = await run('indexes', 'explain', folder, write('query.json', query));
            const explanation = JSON.parse(explained.out) as { index: { name: string } };
            expect(explanation.index.name).to.equal('_all_docs');
        });

        it('asks a live CouchDB for its plan, beside the plan foreseen here', async () => {
            const request = { selector: { owner: 'ann' } };
            const given = { index: { fields: ['owner'] }, ddoc: 'byOwner', name: 'byOwner' };
            const index = parseIndexRequest(given, '3.4');
            const plan = explainQuery([index], request, { version: '3.4', database: 'db' });
            const def = { fields: [{ owner: 'asc' }] };
            const listed = { ddoc: '_design/byOwner', name: 'byOwner', type: 'json', def };
            const answers: Readonly<Record<string, unknown>> = {
                '/': { couchdb: 'Welcome', version: '3.4.2' },
                '/db/_index': { indexes: [listed] },
                '/db/_explain': plan,
                '/db/_find': { docs: [], execution_stats: { results_returned: 0 } },
            };
            const server = createServer((incoming, response) => {
                incoming.resume();
                const answer = answers[(incoming.url ?? '').split('?')[0] ?? ''];
                response.writeHead(answer === undefined ? 404 : 200);
                response.end(JSON.stringify(answer ?? { error: 'not_found' }));
            });
            await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
            try {
                const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
                const query = write('query.json', JSON.stringify(request));
                const { code, out, said } = await run('indexes', 'monitor', url, 'db', query);
                expect(said).to.equal('');
                expect(code).to.equal(0);
                const diagnosis = JSON.parse(out) as { live: unknown; differences: string[] };
                expect(diagnosis.differences).to.deep.equal([]);
                expect(diagnosis.live).to.have.nested.property('index.name', 'byOwner');
            } finally {
                server.closeAllConnections();
                server.close();
            }
        });

        it('says why a CouchDB cannot be reached', async () => {
            const query = join(folder, 'query.json');
            writeFileSync(query, '{"selector":{}}');
            const { code, said } = await run(
                ...['indexes', 'monitor', 'http://127.0.0.1:1', 'db', query],
            );
            expect(said).to.match(/ECONNREFUSED|bad port/);
            expect(code).to.equal(3);
        });

        it('asks for compiled definitions when there are none', async () => {
            const { code, said } = await run('indexes', 'write', folder);
            expect(said).to.contain('There is no file').and.to.contain('compiled JavaScript');
            expect(code).to.equal(2);
        });
    });

    describe('goodput lint', () => {
        it('finds queries without an index in sources, with file and line', async () => {
            const query = `{"selector":{"owner":"ann"},"sort":[{"size":"asc"}]}`;
            write(
                'src/contract.ts',
                `\nexport const all = (s: any) => s.getQueryResult('${query}');`,
            );
            const { code, out } = await run('lint', folder);
            expect(out).to.contain('src/contract.ts:2').and.to.contain('Q04');
            expect(code).to.equal(1);
        });

        it('finds key definitions that will hurt', async () => {
            const keys = JSON.stringify(join(packages, 'keys'));
            const file = write(
                'keys.js',
                `const { defineKey, part, string } = require(${keys});
                exports.visit = defineKey({ name: 'visit', layout: 'ordered', parts: [part('visitCount', string())] });`,
            );
            const { out } = await run('lint', '--keys', file);
            expect(out).to.contain('K05');
        });
    });

    describe('goodput types and outbox', function () {
        this.timeout(180_000);

        it('write a typed client, and look into an outbox', async () => {
            await using network = await startNetwork({ block: { timeoutMs: 50 } });
            await network.deploy({ name: 'bench', contracts: [BenchContract] });
            const profile = join(folder, 'profile.json');
            await network.writeProfile(profile);

            const file = join(folder, 'bench.d.ts');
            const typed = await run('types', 'bench', '--network', profile, '--out', file);
            expect(typed.code).to.equal(0);
            expect(readFileSync(file, 'utf8')).to.contain('sendPayment');

            const outbox = join(folder, 'outbox');
            const client = await connect(network.profile, { outbox: { path: outbox } });
            await client.contract('bench').submit('add', ['r1/1', 'k', '1']);
            await client.close();
            const listed = await run('outbox', 'ls', outbox);
            expect(listed.said).to.equal('0 operations.');
            expect(listed.code).to.equal(0);
        });
    });

    describe('goodput verify', () => {
        const hex = (hash: Uint8Array): string => Buffer.from(hash).toString('hex');
        const rows = ['a', 'b', 'c'].map((key) => ({ key, record: { what: key } }));
        const leaves = rows.map(({ key, record }) => rowLeaf(key, record));
        const where = { tenant: 't', shard: 0, day: Date.UTC(2026, 0, 1), index: 0 };
        const seal = { ...where, count: 3, root: hex(merkleRoot(leaves)) };
        const root = hex(merkleRoot([sealLeaf(seal)]));
        const proof = {
            format: 'goodput.audit-proof/1',
            ...rows[1],
            row: 1,
            path: inclusionProof(leaves, 1).map(hex),
            seal,
            chain: { size: 1, root, path: [] },
        };

        it('is content with a record that stands in the log', async () => {
            const file = write('proof.json', JSON.stringify(proof));
            const { code, out } = await run('verify', file, '--size', '1', '--root', root);
            expect(out).to.equal(
                'The record stands in the log: row 1 of 3 of 2026-01-01, shard 0.',
            );
            expect(code).to.equal(0);
        });

        it('finds a record that was changed', async () => {
            const forged = { ...proof, record: { what: 'else' } };
            const file = write('proof.json', JSON.stringify(forged));
            const { code, said } = await run('verify', file, '--size', '1', '--root', root);
            expect(said).to.contain('does not hold');
            expect(code).to.equal(1);
        });

        it('does not take a block for a seal that it does not hold', async () => {
            const file = write('proof.json', JSON.stringify(proof));
            const block = join(blocks, 'block_0010.block');
            const { code, said } = await run(
                'verify',
                ...[file, '--block', block, '--chaincode', 'audit'],
            );
            expect(said).to.contain('Block 10 holds no valid seal');
            expect(code).to.equal(1);
        });

        it('asks what is trusted, and for a proof', async () => {
            const file = write('proof.json', JSON.stringify(proof));
            expect((await run('verify', file)).said).to.contain('Say what is trusted');
            expect((await run('verify', write('x.json', '{}'), '--size', '1')).code).to.equal(2);
        });
    });

    describe('goodput package', () => {
        it('makes the same package of the same project, with its indexes', async () => {
            const project = join(packages, '..', 'chaincode', 'clinical');
            const [one, two] = [join(folder, 'one.tgz'), join(folder, 'two.tgz')];
            const first = await run('package', project, '--output', one);
            expect(first.code).to.equal(0);
            expect(first.out).to.contain('META-INF/statedb/couchdb/indexes/');
            await run('package', project, '--output', two);
            expect(readFileSync(one).equals(readFileSync(two))).to.equal(true);
        });

        it('refuses a folder that is no project, and an address that is none', async () => {
            expect((await run('package', folder)).code).to.equal(2);
            const project = join(packages, '..', 'chaincode', 'bench');
            const { code, said } = await run('package', project, '--address', 'nowhere');
            expect(said).to.contain('host:port');
            expect(code).to.equal(2);
        });
    });
});
