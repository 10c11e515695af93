import { expect } from 'chai';
import { richAuditQuery, type AuditQuery } from '@goodput/contracts';
import { checkIndexes, indexUse, readIndexFiles, type JsonObject } from '@goodput/couchdb';
import { folders, indexes } from './indexes.js';

const window = { tenant: 'default', from: 0, to: 1 };
const ways: AuditQuery[] = [
    window,
    { ...window, patient: 'p1' },
    { ...window, resource: { type: 'note', id: 'n1' } },
    { ...window, breakGlass: true },
    { ...window, actor: 'a1' },
    { ...window, outcome: 'deny' },
];

describe('the CouchDB indexes of the audit log', () => {
    it('are written as they are defined', () => {
        for (const folder of folders) {
            const files = readIndexFiles(folder);
            expect(checkIndexes({ definitions: indexes, files })).to.deep.equal([]);
        }
    });

    it('are each used by a query the contract makes, and each query has its index', () => {
        const queries = ways.map((each) => ({
            query: richAuditQuery(each) as unknown as JsonObject,
        }));
        const use = indexUse(readIndexFiles(folders[0] ?? ''), queries);
        expect(use.unindexedQueries).to.deep.equal([]);
        expect(use.unusedIndexes).to.deep.equal([]);
        expect(use.usedBy.size).to.equal(ways.length);
    });
});
