import { expect } from 'chai';
import { CouchdbError, groupIndexFiles, indexFilePlace, validateIndexFile } from '../index.js';

const PATH = 'META-INF/statedb/couchdb/indexes/a.json';

function problem(path: string, content: unknown): string {
    try {
        validateIndexFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    } catch (error) {
        if (error instanceof CouchdbError && error.code === 'COUCHDB_INDEX_FILE_INVALID')
            return error.message;
        throw error;
    }
    return '';
}

describe("the peer's check of index files", () => {
    it('knows the two places an index file may be in', () => {
        expect(indexFilePlace(PATH)).to.deep.equal({ collection: undefined, file: 'a.json' });
        const path = 'META-INF/statedb/couchdb/collections/My_coll-1/indexes/b.json';
        expect(indexFilePlace(path)).to.deep.equal({ collection: 'My_coll-1', file: 'b.json' });
    });

    it('refuses every other path', () => {
        for (const path of [
            'META-INF/statedb/couchdb/a.json',
            'META-INF/statedb/leveldb/indexes/a.json',
            'META-INF/statedb/couchdb/indexes/a.txt',
            'META-INF/statedb/couchdb/collections/a b/indexes/a.json',
            'META-INF/statedb/couchdb/collections/a/a.json',
            'indexes/a.json',
        ]) {
            expect(problem(path, { index: { fields: ['a'] } }), path).to.include(path);
        }
    });

    it('accepts what the peer accepts, though CouchDB will refuse some of it', () => {
        for (const good of [
            { index: { fields: ['a'] } },
            {
                index: { fields: [{ a: 'asc' }, { b: 'desc' }] },
                ddoc: 'd',
                name: 'n',
                type: 'json',
            },
            { index: { fields: [{ a: 'ASC' }] } },
            { index: { fields: [5, true, ['x']] } },
            { index: { fields: [{ a: 'asc', b: 'asc' }, {}] } },
            { index: {} },
            { index: { fields: ['a'], partial_filter_selector: 'nonsense' } },
        ]) {
            expect(problem(PATH, good), JSON.stringify(good)).to.equal('');
        }
    });

    it('refuses what the peer refuses', () => {
        for (const bad of [
            'not json',
            [],
            null,
            {},
            { index: [] },
            { index: null },
            { index: { fields: 'a' } },
            { index: { fields: [null] } },
            { index: { fields: [{ a: 'up' }] } },
            { index: { fields: [{ a: 1 }] } },
            { index: { fields: ['a'], other: 1 } },
            { index: { fields: ['a'] }, ddoc: 1 },
            { index: { fields: ['a'] }, name: null },
            { index: { fields: ['a'] }, type: 'text' },
            { index: { fields: ['a'] }, extra: 1 },
        ]) {
            expect(problem(PATH, bad), JSON.stringify(bad)).to.include(PATH);
        }
    });

    it('groups files by database', () => {
        const index = '{"index":{"fields":["a"]}}';
        const groups = groupIndexFiles(
            new Map<string, string | Uint8Array>([
                ['META-INF/statedb/couchdb/collections/c/indexes/z.json', Buffer.from(index)],
                [PATH, index],
            ]),
        );
        expect([...groups.keys()].sort()).to.deep.equal(['', 'c']);
        expect(groups.get('c')?.get('z.json')).to.equal(index);
    });
});
