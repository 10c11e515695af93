import { basename } from 'node:path';
import { expect } from 'chai';
import { checkIndexes, indexUse, readIndexFiles } from '@goodput/couchdb';
import { folders, indexes, queries } from './indexes.js';

for (const folder of folders) {
    describe(`the CouchDB indexes of the audit log, in ${basename(folder)},`, () => {
        const files = readIndexFiles(folder);

        it('are written as they are defined', () => {
            expect(checkIndexes({ definitions: indexes, files })).to.deep.equal([]);
        });

        it('are each used by a query the contract makes, and each query has its index', () => {
            const use = indexUse(files, queries);
            expect(use.unindexedQueries).to.deep.equal([]);
            expect(use.unusedIndexes).to.deep.equal([]);
            expect(use.usedBy.size).to.equal(queries.length);
        });
    });
}
