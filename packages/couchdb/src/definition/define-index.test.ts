import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
    checkIndexes,
    CouchdbError,
    defineIndex,
    defineSchemaIndex,
    diffIndexFiles,
    formatIndexChange,
    readIndexFiles,
    renderIndexFiles,
    validateIndexFile,
    writeIndexFiles,
    type IndexOptions,
} from '../index.js';

interface Asset {
    docType: 'asset';
    owner: { name: string; msp: string };
    size: number;
    tags: string[];
}

const byOwner = defineIndex<Asset>({ name: 'byOwner', fields: ['docType', 'owner.name', 'size'] });
const bySize = defineIndex<Asset>({
    name: 'bySize',
    fields: ['size'],
    direction: 'desc',
    partialFilter: { docType: 'asset' },
    collection: 'secret',
});

function failure(action: () => unknown): CouchdbError {
    try {
        action();
    } catch (error) {
        if (error instanceof CouchdbError) return error;
        throw error;
    }
    throw new Error('expected a refusal');
}

describe('an index defined in code', () => {
    it('is written as the same bytes every time, sorted by path', () => {
        const files = renderIndexFiles([byOwner, bySize]);
        expect([...files.keys()]).to.deep.equal([
            'META-INF/statedb/couchdb/collections/secret/indexes/bySize.json',
            'META-INF/statedb/couchdb/indexes/byOwner.json',
        ]);
        expect([...renderIndexFiles([bySize, byOwner])]).to.deep.equal([...files]);
        expect(files.get('META-INF/statedb/couchdb/indexes/byOwner.json')).to.equal(
            `${JSON.stringify(
                {
                    index: { fields: ['docType', 'owner.name', 'size'] },
                    ddoc: 'byOwnerDoc',
                    name: 'byOwner',
                    type: 'json',
                },
                null,
                2,
            )}\n`,
        );
        for (const [path, text] of files)
            expect(() => validateIndexFile(path, text)).not.to.throw();
    });

    it('names only fields of its type', () => {
        // @ts-expect-error -- the type has no such field
        defineIndex<Asset>({ name: 'x', fields: ['color'] });
        // @ts-expect-error -- nor this nested one
        defineIndex<Asset>({ name: 'x', fields: ['owner.age'] });
        expect(
            defineIndex<Asset>({ name: 'x', fields: ['_id', '~version'] }).fields,
        ).to.have.length(2);
        expect(defineIndex({ name: 'x', fields: ['anything'] }).fields).to.have.length(1);
    });

    it('names only fields of its schema, and no objects or arrays', () => {
        const schema = {
            type: 'object',
            properties: {
                owner: { type: 'object', properties: { name: { type: 'string' } } },
                tags: { type: 'array' },
            },
        } as const;
        expect(
            defineSchemaIndex(schema, { name: 'x', fields: ['owner.name', '_id'] }).name,
        ).to.equal('x');
        expect(
            failure(() => defineSchemaIndex(schema, { name: 'x', fields: ['tags'] })).message,
        ).to.match(/is an array/);
        // @ts-expect-error -- the schema has no such field
        const missing = failure(() => defineSchemaIndex(schema, { name: 'x', fields: ['color'] }));
        expect(missing.message).to.match(/no field "color"/);
    });

    it('is refused for whatever CouchDB would refuse or a peer would drop', () => {
        const bad: readonly IndexOptions[] = [
            { name: '', fields: ['a'] },
            { name: 'a b', fields: ['a'] },
            { name: '../up', fields: ['a'] },
            { name: 'x', fields: [] },
            { name: 'x', fields: ['a', 'a'] },
            { name: 'x', fields: ['a..b'] },
            { name: 'x', fields: ['$or'] },
            { name: 'x', fields: [''] },
            { name: 'x', fields: [{ a: 'asc' } as unknown as string] },
            { name: 'x', fields: Array.from({ length: 17 }, (_, at) => `f${String(at)}`) },
            { name: 'x', fields: ['a'], direction: 'ASC' as 'asc' },
            { name: 'x', fields: ['a'], partialFilter: {} },
            { name: 'x', fields: ['a'], partialFilter: { a: { $foo: 1 } } },
            { name: 'x', fields: ['a'], partialFilter: [] as never },
            { name: 'x', fields: ['a'], collection: 'a/b' },
            { name: 'x', fields: ['a'], ddoc: '_design/x' },
        ];
        for (const options of bad) {
            expect(failure(() => defineIndex(options)).code, JSON.stringify(options)).to.equal(
                'COUCHDB_INDEX_INVALID',
            );
        }
        for (const twin of [
            { name: 'byOwner', ddoc: 'other' },
            { name: 'other', ddoc: 'byOwnerDoc' },
        ]) {
            const other = defineIndex({ ...twin, fields: ['a'] });
            expect(failure(() => renderIndexFiles([byOwner, other])).message).to.match(
                /share a name or a design document/,
            );
        }
    });
});

describe('index files', () => {
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), 'indexes-'));
    });
    afterEach(() => {
        rmSync(folder, { recursive: true });
    });

    it('are written, left alone when equal, and pruned when asked', () => {
        const files = renderIndexFiles([byOwner, bySize]);
        expect(writeIndexFiles(folder, files)).to.deep.include({
            written: [...files.keys()],
            deleted: [],
        });
        expect([...readIndexFiles(folder)]).to.deep.equal([...files]);
        expect(writeIndexFiles(folder, files).unchanged).to.deep.equal([...files.keys()]);
        const fewer = renderIndexFiles([byOwner]);
        expect(writeIndexFiles(folder, fewer).deleted).to.deep.equal([]);
        expect(readIndexFiles(folder).size).to.equal(2);
        expect(writeIndexFiles(folder, fewer, { prune: true }).deleted).to.have.length(1);
        expect([...readIndexFiles(folder).keys()]).to.deep.equal([...fewer.keys()]);
        const path = join(folder, 'META-INF/statedb/couchdb/indexes/byOwner.json');
        expect(readFileSync(path, 'utf8')).to.equal([...fewer.values()][0]);
    });

    it('are never written outside their folder', () => {
        for (const way of ['../../../../x.json', '..\\..\\x.json', '/x.json']) {
            const files = new Map([[`META-INF/statedb/couchdb/indexes/${way}`, '{}']]);
            expect(failure(() => writeIndexFiles(folder, files)).code, way).to.equal(
                'COUCHDB_INDEX_FILE_INVALID',
            );
        }
        expect(readIndexFiles(folder).size).to.equal(0);
    });

    it('that cannot be read are a typed error', () => {
        expect(readIndexFiles(folder).size).to.equal(0);
        expect(failure(() => readIndexFiles(join(folder, 'absent'))).code).to.equal(
            'COUCHDB_FOLDER_UNREADABLE',
        );
        writeFileSync(join(folder, 'META-INF'), 'a file');
        expect(failure(() => readIndexFiles(folder)).code).to.equal('COUCHDB_FOLDER_UNREADABLE');
    });

    it('are compared with the code', () => {
        const definitions = [byOwner, bySize];
        const files = renderIndexFiles(definitions);
        expect(checkIndexes({ definitions, files })).to.deep.equal([]);
        const [first = '', second = ''] = [...files.keys()];
        const spoilt = new Map(files).set(first, '{}').set('META-INF/x.json', '{}');
        spoilt.delete(second);
        const problems = checkIndexes({ definitions, files: spoilt });
        expect(problems.map(({ kind, path }) => [kind, path])).to.deep.equal([
            ['stale', first],
            ['missing', second],
            ['extra', 'META-INF/x.json'],
        ]);
    });

    it('would leave an orphan behind when an index is renamed or dropped', () => {
        const released = renderIndexFiles([byOwner, bySize]);
        const renamed = defineIndex<Asset>({ name: 'ownerIndex', fields: byOwner.fields });
        const definitions = [renamed];
        const files = renderIndexFiles(definitions);
        const problems = checkIndexes({ definitions, files, released });
        expect(problems.map(({ kind }) => kind)).to.deep.equal(['orphan', 'orphan']);
        expect(problems[0]?.message).to.match(/"byOwner" of the last release is renamed/);
        expect(problems[1]?.message).to.match(/"bySize" of the last release is removed/);
        const retired = ['byOwnerDoc/byOwner', 'bySizeDoc/bySize'];
        expect(checkIndexes({ definitions, files, released, retired })).to.deep.equal([]);
    });

    it('are told apart by what an upgrade costs', () => {
        const before = renderIndexFiles([
            byOwner,
            bySize,
            defineIndex({ name: 'old', fields: ['z'] }),
        ]);
        const after = renderIndexFiles([
            byOwner,
            defineIndex({
                ...bySize,
                fields: ['size', 'docType'],
                partialFilter: { docType: 'x' },
                collection: 'secret',
            }),
            defineIndex({ name: 'fresh', fields: ['y'] }),
            defineIndex({ name: 'young', fields: ['z'] }),
        ]);
        const changes = diffIndexFiles(before, after);
        expect(changes.map(({ kind, after: now }) => [kind, now?.name]).sort()).to.deep.equal([
            ['added', 'fresh'],
            ['changed', 'bySize'],
            ['renamed', 'young'],
            ['unchanged', 'byOwner'],
        ]);
        const line = changes.map(formatIndexChange).find((one) => one.startsWith('renamed'));
        expect(line).to.match(/renamed young \(was old\) \[z\] .*young\.json: .*stays and costs/);
        expect(diffIndexFiles(after, new Map()).every(({ kind }) => kind === 'removed')).to.equal(
            true,
        );
        const broken = new Map([
            [
                'META-INF/statedb/couchdb/indexes/a.json',
                '{"index":{"fields":[{"a":"asc"},{"b":"desc"}]}}',
            ],
        ]);
        expect(failure(() => diffIndexFiles(broken, after)).code).to.equal(
            'COUCHDB_INDEX_FILE_INVALID',
        );
    });
});
