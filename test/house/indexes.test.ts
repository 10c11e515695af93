import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import {
    checkIndexes,
    defineIndex,
    formatFinding,
    lintChaincode,
    readIndexFiles,
    readSources,
    renderIndexFiles,
    writeIndexFiles,
    type IndexDefinition,
    type JsonObject,
} from '@goodput/couchdb';
import { richAuditQuery } from '@goodput/contracts';
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
async function exportsOf(folder: string): Promise<unknown[]> {
    const file = join(folder, 'dist', 'indexes.js');
    if (!existsSync(file)) return [];
    return Object.values((await import(file)) as Record<string, unknown>).flat();
}

/** A project's own definitions, and those of projects that list its folder among theirs. */
async function definitionsOf(folder: string): Promise<IndexDefinition[]> {
    const own = await exportsOf(folder);
    const others = await Promise.all(projects.map((name) => exportsOf(join(CHAINCODE, name))));
    const shared = others.filter((exported) =>
        exported.some((one) => typeof one === 'string' && resolve(one) === resolve(folder)),
    );
    return [...new Set([...own, ...shared.flat()])].filter(isDefinition);
}

const span = { tenant: 'default', from: 0, to: 1 };
/** What the audit log's contract asks, which lives in a package and not in the project. */
const auditQueries = [
    span,
    { ...span, patient: 'p1' },
    { ...span, resource: { type: 'note', id: 'n1' } },
    { ...span, breakGlass: true as const },
    { ...span, actor: 'a1' },
    { ...span, outcome: 'deny' as const },
].map((query) => ({ query: richAuditQuery(query) as unknown as JsonObject }));

/** Queries of contracts a project takes from a package. */
function queriesTakenIn(folder: string): typeof auditQueries {
    const sources = [...readSources(folder).values()];
    return sources.some((text) => text.includes('AuditLogContract')) ? auditQueries : [];
}

/** Everything that makes the indexes and queries of a chaincode project unfit to ship. */
async function faultsOf(folder: string): Promise<string[]> {
    const { findings, use } = await lintChaincode(folder, { queries: queriesTakenIn(folder) });
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
