import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
    checkIndexes,
    defineIndex,
    formatFinding,
    lintChaincode,
    readIndexFiles,
    renderIndexFiles,
    writeIndexFiles,
    type IndexDefinition,
} from '@goodput/couchdb';
import { repositoryRoot } from './packages.js';

const CHAINCODE = join(repositoryRoot, 'chaincode');
const projects = readdirSync(CHAINCODE, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(CHAINCODE, entry.name, 'src')))
    .map(({ name }) => name)
    .sort();

function isDefinition(value: unknown): value is IndexDefinition {
    return typeof value === 'object' && value !== null && 'ddoc' in value && 'fields' in value;
}

/** What the compiled `src/indexes.ts` of a project exports, one by one or in lists. */
async function definitionsOf(folder: string): Promise<IndexDefinition[]> {
    const file = join(folder, 'dist', 'indexes.js');
    if (!existsSync(file)) return [];
    const exported = (await import(file)) as Record<string, unknown>;
    return [...new Set(Object.values(exported).flat())].filter(isDefinition);
}

/** Everything that makes the indexes and queries of a chaincode project unfit to ship. */
async function faultsOf(folder: string): Promise<string[]> {
    const { findings, use } = await lintChaincode(folder);
    const definitions = await definitionsOf(folder);
    return [
        ...use.unusedIndexes.map((path) => `${path}: no query uses it`),
        ...use.unindexedQueries.map(
            ({ query: { file = '', line = 0 }, why }) => `${file}:${String(line)}: ${why}`,
        ),
        ...findings.filter(({ severity }) => severity === 'error').map(formatFinding),
        ...checkIndexes({ definitions, files: readIndexFiles(folder) }).map(
            ({ path, kind }) => `${path}: ${kind}`,
        ),
    ];
}

describe('the indexes of the shipped chaincodes', function () {
    this.timeout(120_000);

    it('are looked for in every project', () => {
        expect(projects).to.include('bench');
    });

    for (const project of projects) {
        it(`are made from code and all used, and every query has one: ${project}`, async () => {
            expect(await faultsOf(join(CHAINCODE, project))).to.deep.equal([]);
        });
    }

    describe('are told apart from', () => {
        let folder: string;
        const byOwner = defineIndex({ name: 'byOwner', fields: ['owner'] });
        const query = (field: string): string =>
            `export const all = (stub: any) => stub.getQueryResultWithPagination('{"selector":{"${field}":1}}', 9, '');`;
        beforeEach(() => {
            folder = mkdtempSync(join(tmpdir(), 'indexes-'));
            mkdirSync(join(folder, 'dist'));
            mkdirSync(join(folder, 'src'));
            writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}');
            writeIndexFiles(folder, renderIndexFiles([byOwner]));
            const code = `exports.indexes = [${JSON.stringify(byOwner)}];`;
            writeFileSync(join(folder, 'dist', 'indexes.js'), code);
            writeFileSync(join(folder, 'src', 'contract.ts'), query('owner'));
        });
        afterEach(() => {
            rmSync(folder, { recursive: true });
        });

        it('an index no query uses, and a query without one', async () => {
            expect(await faultsOf(folder)).to.deep.equal([]);
            writeFileSync(join(folder, 'src', 'contract.ts'), query('colour'));
            const faults = (await faultsOf(folder)).join('\n');
            expect(faults).to.contain('indexes/byOwner.json: no query uses it');
            expect(faults).to.contain('src/contract.ts:1: CouchDB reads every document');
        });

        it('a file no definition makes', async () => {
            rmSync(join(folder, 'dist', 'indexes.js'));
            const extra = 'META-INF/statedb/couchdb/indexes/byOwner.json: extra';
            expect(await faultsOf(folder)).to.deep.equal([extra]);
        });
    });
});
