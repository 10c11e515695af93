import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { startNetwork } from '@goodput/devnet';
import { TestClient } from '@goodput/devnet/testing';
import { expect } from 'chai';
import { extract, list } from 'tar';
import { packageChaincode } from './package-chaincode.js';

const root = resolve(dirname(__filename), '../../../..');
const run = promisify(execFile);

async function pathsIn(file: string): Promise<string[]> {
    const paths: string[] = [];
    await list({ file, onReadEntry: ({ path }) => paths.push(path) });
    return paths;
}

describe('a packaged chaincode', function () {
    this.timeout(300_000);
    let work: string;
    before(async () => {
        work = await mkdtemp(join(tmpdir(), 'goodput-packaged-'));
    });
    after(async () => {
        await rm(work, { recursive: true, force: true });
    });

    async function unpack(file: string, name: string): Promise<string> {
        const to = join(work, name);
        await mkdir(join(to, 'code'), { recursive: true });
        await extract({ file, cwd: to });
        await extract({ file: join(to, 'code.tar.gz'), cwd: join(to, 'code') });
        return to;
    }

    it('as a service has its connection and its indexes, and the same bytes each time', async () => {
        const folder = join(root, 'chaincode/audit-log');
        const address = 'audit-log:9999';
        const made = await packageChaincode({ folder, address, output: join(work, 'one.tgz') });
        const again = await packageChaincode({ folder, address, output: join(work, 'two.tgz') });
        expect(again.packageId).to.equal(made.packageId);
        expect(made.label).to.equal('goodput-audit-log-chaincode_0.1.0');
        expect(await pathsIn(made.file)).to.deep.equal(['code.tar.gz', 'metadata.json']);
        const to = await unpack(made.file, 'service');
        const json = async (path: string): Promise<unknown> =>
            JSON.parse(await readFile(join(to, path), 'utf8'));
        expect(await json('metadata.json')).to.include({ type: 'ccaas', label: made.label });
        expect(await json('code/connection.json')).to.include({ address, tls_required: false });
        expect(made.indexes).to.have.length(6);
        for (const path of made.indexes) {
            expect(await json(`code/${path}`)).to.have.property('index');
        }
    });

    /** What a Dockerfile runs to build, and to start; its other steps only copy and name things. */
    async function dockerSteps(folder: string): Promise<{ run: string; command: string[] }> {
        const text = await readFile(join(folder, 'Dockerfile'), 'utf8');
        const [, build = ''] = /^RUN (.*) && chown -R node:node \/chaincode$/m.exec(text) ?? [];
        const [, command = '[]'] = /^CMD (.*)$/m.exec(text) ?? [];
        const steps = [...text.matchAll(/^[A-Z]+/gm)].map(([step]) => step);
        const all = ['FROM', 'WORKDIR', 'COPY', 'RUN', 'USER', 'ENV', 'EXPOSE', 'CMD'];
        expect(steps).to.deep.equal(all);
        return { run: build, command: JSON.parse(command) as string[] };
    }

    const request = { action: 'read', resource: { type: 'note', id: 'n1' }, purpose: 'TREAT' };
    for (const [name, contract, ...call] of [
        ['access-policy', 'AccessPolicyContract', 'authorize', JSON.stringify(request)],
        ['audit-log', 'AuditLogContract', 'access', JSON.stringify(request)],
        ['clinical', 'ClinicalContract', 'recordVital', 'p1', 'spo2', '97', 'TREAT'],
    ] as const) {
        it(`of type node: ${name} installs and starts alone by its Dockerfile's steps, from a copied folder`, async () => {
            // Named by a link, as some keep their projects.
            const folder = join(work, `${name}-linked`);
            await symlink(join(root, 'chaincode', name), folder);
            const output = join(work, `${name}.tgz`);
            const { file } = await packageChaincode({ folder, type: 'node', output });
            const to = await unpack(file, `${name}-node`);
            const elsewhere = join(work, `${name}-copied`);
            await cp(join(to, 'code/src'), elsewhere, { recursive: true });
            const manifest = await readFile(join(elsewhere, 'package.json'), 'utf8');
            expect(manifest).to.contain('file:vendor/').and.not.contain('devDependencies');
            const steps = await dockerSteps(elsewhere);
            expect(steps.run).to.match(/^npm install --omit=dev /);
            const registry = { npm_config_prefer_offline: 'true', npm_config_fetch_retries: '5' };
            const env = { ...process.env, ...registry };
            await run('sh', ['-c', steps.run], { cwd: elsewhere, env });
            const network = await startNetwork({
                block: { timeoutMs: 5 },
                startTimeoutMs: 120_000,
            });
            const client = new TestClient(network);
            try {
                const collections = JSON.parse(
                    await readFile(join(elsewhere, 'collections.json'), 'utf8'),
                ) as { name: string }[];
                await network.deploy({
                    name,
                    folder: elsewhere,
                    command: steps.command,
                    collections: collections.map((each) => ({
                        name: each.name,
                        policy: "OR('Org1MSP.member')",
                    })),
                });
                const [fn, ...args] = call;
                const { code, result } = await client.contract(name, contract).submit(fn, ...args);
                expect(code).to.equal('VALID');
                expect(result).to.contain('"effect":"DENY"');
            } finally {
                client.close();
                await network.stop();
            }
        });
    }

    for (const [what, options] of [
        ['a label', { label: 'no spaces' }],
        ['an address', { address: 'nowhere' }],
        ['an address for type node', { type: 'node', address: 'a:1' }],
    ] as const) {
        it(`refuses what is not ${what}`, async () => {
            const folder = join(root, 'chaincode/clinical');
            const error: unknown = await packageChaincode({ folder, ...options }).catch(
                (thrown: unknown) => thrown,
            );
            expect(error).to.have.property('code', 'COMMAND_USAGE');
        });
    }

    it('needs a project', async () => {
        const error: unknown = await packageChaincode({ folder: work }).catch(
            (thrown: unknown) => thrown,
        );
        expect(error).to.have.property('code', 'COMMAND_FILE_UNREADABLE');
    });
});
