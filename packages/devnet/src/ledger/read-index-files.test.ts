import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { openLedger } from './ledger.js';
import { readIndexFiles } from './read-index-files.js';
import { commitPuts } from './test-support/build-block.js';
import { defineCollections } from './test-support/define-collections.js';
import { collect } from './test-support/lab-contract.js';

describe('the index files of a chaincode project', () => {
    let project: string;
    beforeEach(async () => {
        project = await mkdtemp(join(tmpdir(), 'project-'));
    });
    afterEach(async () => {
        await rm(project, { recursive: true });
    });
    const write = async (path: string, content: string) => {
        const file = join(project, ...path.split('/'));
        await mkdir(join(file, '..'), { recursive: true });
        await writeFile(file, content);
    };

    it('are found by the paths they have in a package, and deployed', async () => {
        const index = '{"index":{"fields":["size"]},"ddoc":"bySize","name":"bySize","type":"json"}';
        await write('META-INF/statedb/couchdb/indexes/bySize.json', index);
        await write('META-INF/statedb/couchdb/collections/secret/indexes/bySize.json', index);
        await write('index.js', '');
        const files = await readIndexFiles(project);
        const ledger = await openLedger({ channel: 'c', stateDatabase: 'couchdb' });
        await defineCollections(ledger, [{ name: 'secret', blockToLive: 0 }]);
        expect(await ledger.deployIndexes('cc', files)).to.have.deep.members([
            { collection: '', file: 'bySize.json', refusal: undefined },
            { collection: 'secret', file: 'bySize.json', refusal: undefined },
        ]);
        await commitPuts(ledger, 'cc', { a: '{"size":2}', b: '{"size":1}' });
        const simulation = await ledger.simulate('q');
        const query = '{"selector":{"size":{"$gt":0}},"sort":["size"]}';
        const rows = await collect(await simulation.getQueryResult('cc', query));
        expect(rows.map(({ key }) => key)).to.deep.equal(['b', 'a']);
        const inCollection = await simulation.getPrivateQueryResult('cc', 'secret', query);
        expect(await collect(inCollection)).to.deep.equal([]);
        simulation.done();
        await ledger.close();
    });

    it('are none when there is no META-INF', async () => {
        expect((await readIndexFiles(project)).size).to.equal(0);
    });

    it('must be where a peer looks for them', async () => {
        await write('META-INF/statedb/couchdb/stray.json', '{}');
        const ledger = await openLedger({ channel: 'c', stateDatabase: 'couchdb' });
        const error: unknown = await ledger
            .deployIndexes('cc', await readIndexFiles(project))
            .catch((e: unknown) => e);
        expect(error).to.have.property('code', 'COUCHDB_INDEX_FILE_INVALID');
        await ledger.close();
    });
});
