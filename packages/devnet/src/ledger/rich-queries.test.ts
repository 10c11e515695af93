import { expect } from 'chai';

import { peer } from '@hyperledger/fabric-protos';

import { openLedger } from './ledger.js';
import type { Ledger, LedgerOptions } from './ledger.js';
import { definitionWrites, LIFECYCLE_NAMESPACE } from './lifecycle.js';
import { commitPuts, commitTogether, work } from './test-support/build-block.js';
import { refusal } from './test-support/refusal.js';
import { collect } from './test-support/lab-contract.js';

const INDEX = JSON.stringify({
    index: { fields: ['owner', 'size'] },
    ddoc: 'byOwner',
    name: 'byOwner',
    type: 'json',
});
const PATH = 'META-INF/statedb/couchdb/indexes/byOwner.json';

describe('a ledger with the rules of CouchDB', () => {
    let ledger: Ledger;
    let log: string[];
    const open = async (options: Partial<LedgerOptions> = {}) => {
        log = [];
        ledger = await openLedger({
            channel: 'c',
            organizations: ['Org1MSP'],
            stateDatabase: 'couchdb',
            log: (line) => log.push(line),
            ...options,
        });
    };
    afterEach(async () => {
        await ledger.close();
    });

    it('answers rich queries, and puts the rows into the read set', async () => {
        await open();
        await commitPuts(ledger, 'cc', {
            a: '{"owner":"alice","size":3}',
            b: '{"owner":"bob","size":5}',
            c: '{"owner":"alice","size":1}',
            d: 'not json',
        });
        const simulation = await ledger.simulate('q');
        const rows = await collect(
            await simulation.getQueryResult('cc', '{"selector":{"owner":"alice"}}'),
        );
        expect(rows.map(({ key }) => key)).to.deep.equal(['a', 'c']);
        const { model } = simulation.done();
        expect(model.namespaces[0]?.reads.map(({ key }) => key)).to.deep.equal(['a', 'c']);
        expect(model.namespaces[0]?.rangeQueries).to.deep.equal([]);
        expect(log[0]).to.match(
            /^The query \[.*] caused the following warning: \[No matching index/,
        );
    });

    it('finds an update of a returned row to be a conflict, and a new matching row not', async () => {
        await open();
        await commitPuts(ledger, 'cc', { a: '{"owner":"alice"}' });
        const query = work(async (simulation) => {
            await collect(await simulation.getQueryResult('cc', '{"selector":{"owner":"alice"}}'));
            simulation.putState('cc', 'result', Buffer.from('1'));
        });
        const insert = work((simulation) => {
            simulation.putState('cc', 'b', Buffer.from('{"owner":"alice"}'));
        });
        const update = work((simulation) => {
            simulation.putState('cc', 'a', Buffer.from('{"owner":"alice","n":1}'));
        });
        expect(await commitTogether(ledger, insert, query)).to.deep.equal([0, 0]);
        const again = { ...query, txId: 'again' };
        expect(await commitTogether(ledger, update, again)).to.deep.equal([0, 11]);
    });

    it('pages with bookmarks and refuses writes beside paging', async () => {
        await open();
        await commitPuts(
            ledger,
            'cc',
            Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`k${i}`, `{"n":${i}}`])),
        );
        const simulation = await ledger.simulate('q');
        const keys: string[] = [];
        let bookmark = '';
        for (let page = 0; page < 4; page++) {
            const pages = await simulation.getQueryResult('cc', '{"selector":{"n":{"$gte":0}}}', {
                pageSize: 3,
                bookmark,
            });
            const { results, hasMore, metadata } = await pages.next();
            expect(hasMore).to.equal(false);
            const about = peer.QueryResponseMetadata.deserializeBinary(
                metadata ?? new Uint8Array(),
            );
            expect(about.getFetchedRecordsCount()).to.equal(results.length);
            bookmark = about.getBookmark();
            keys.push(String(results.length));
        }
        expect(keys).to.deep.equal(['3', '3', '1', '0']);
        expect(
            await refusal(() => {
                simulation.putState('cc', 'x', Buffer.from('1'));
            }),
        ).to.equal(
            'txid [q]: unsuppored transaction. Transaction has already performed a paginated query. ' +
                'Writes are not allowed',
        );
        simulation.done();
    });

    it('pages ranges with the bookmarks of CouchDB, which end in the end of the range', async () => {
        await open({ internalQueryLimit: 4, totalQueryLimit: 6 });
        const all = Array.from({ length: 10 }, (_, i) => [`k${i}`, String(i)]);
        await commitPuts(ledger, 'cc', Object.fromEntries(all) as Record<string, string>);
        const simulation = await ledger.simulate('q');
        const page = async (end: string, pageSize: number, bookmark: string) => {
            const pages = await simulation.getStateByRange('cc', 'k', end, { pageSize, bookmark });
            const { results, metadata } = await pages.next();
            const about = peer.QueryResponseMetadata.deserializeBinary(
                metadata ?? new Uint8Array(),
            );
            return [results.length, about.getBookmark()];
        };
        expect(await page('l', 3, '')).to.deep.equal([3, 'k3']);
        expect(await page('l', 5, 'k3')).to.deep.equal([5, 'k8']);
        expect(await page('l', 5, 'k8')).to.deep.equal([2, 'l']);
        expect(await page('k3', 3, '')).to.deep.equal([3, 'k3']);
        expect(await page('', 5, 'k8')).to.deep.equal([2, '']);
        expect(await page('l<\u0001', 5, 'k8')).to.deep.equal([2, 'l\\u003c\\u0001']);
        // beyond the total limit rows are fetched and lost
        expect(await page('l', 7, '')).to.deep.equal([6, 'k7']);
        simulation.done();
    });

    it('passes an unsatisfied sort on as CouchDB refuses it, until an index is deployed', async () => {
        await open();
        await commitPuts(ledger, 'cc', {
            a: '{"owner":"alice","size":3}',
            b: '{"owner":"alice","size":1}',
        });
        const query = '{"selector":{"owner":"alice"},"sort":[{"owner":"asc"},{"size":"asc"}]}';
        const first = await ledger.simulate('q1');
        expect(await refusal(() => first.getQueryResult('cc', query))).to.equal(
            'error handling CouchDB request. Error:no_usable_index,  Status Code:400,  ' +
                'Reason:No index exists for this sort, try indexing by the sort fields.',
        );
        first.done();
        expect(await ledger.deployIndexes('cc', new Map([[PATH, INDEX]]))).to.deep.equal([
            { collection: '', file: 'byOwner.json', refusal: undefined },
        ]);
        const second = await ledger.simulate('q2');
        const rows = await collect(await second.getQueryResult('cc', query));
        expect(rows.map(({ key }) => key)).to.deep.equal(['b', 'a']);
        second.done();
        expect(log).to.deep.equal([]);
    });

    it('deploys indexes of collections, and only logs those CouchDB refuses', async () => {
        await open();
        await commitTogether(
            ledger,
            work((simulation) => {
                const definition = {
                    sequence: 1,
                    endorsementInfo: new peer.lifecycle.ChaincodeEndorsementInfo(),
                    validationInfo: new peer.lifecycle.ChaincodeValidationInfo(),
                    collections: new peer.CollectionConfigPackage(),
                };
                for (const [key, value] of definitionWrites('cc', definition, () => undefined)) {
                    simulation.putState(LIFECYCLE_NAMESPACE, key, value);
                }
            }),
        );
        const outcomes = await ledger.deployIndexes(
            'cc',
            new Map([
                [
                    'META-INF/statedb/couchdb/collections/_implicit_org_Org1MSP/indexes/a.json',
                    INDEX,
                ],
                ['META-INF/statedb/couchdb/collections/unknown/indexes/a.json', INDEX],
                [
                    'META-INF/statedb/couchdb/indexes/bad.json',
                    '{"index":{"fields":["a"],"partial_filter_selector":{"a":{"$bogus":1}}}}',
                ],
            ]),
        );
        expect(
            outcomes.map(({ collection, refusal: why }) => [collection, why === undefined]),
        ).to.have.deep.members([
            ['_implicit_org_Org1MSP', true],
            ['unknown', false],
            ['', false],
        ]);
        expect(log).to.have.length(2);
        const simulation = await ledger.simulate('q');
        const rows = await simulation.getPrivateQueryResult(
            'cc',
            '_implicit_org_Org1MSP',
            '{"selector":{"owner":"x"},"sort":["owner","size"]}',
        );
        expect(await rows.next()).to.deep.equal({ results: [], hasMore: false });
        simulation.done();
    });

    it('refuses keys and values that CouchDB cannot have, in the words of a peer', async () => {
        await open();
        const simulation = await ledger.simulate('q');
        const put = (key: string, value: string) =>
            refusal(() => {
                simulation.putState('cc', key, Buffer.from(value));
            });
        expect(await put('_a', '1')).to.equal('invalid key [_a], cannot begin with "_"');
        expect(await put('', '1')).to.equal(
            'invalid key. Empty string is not supported as a key by couchdb',
        );
        expect(await put('a', '{"_b":1}')).to.equal(
            'field [_b] is not valid for the CouchDB state database',
        );
        expect(await put('a', '{"~version":1}')).to.equal(
            'field [~version] is not valid for the CouchDB state database',
        );
        expect(await put('a', '{"nested":{"_b":1}}')).to.equal(undefined);
        expect(await put('a', '[{"_b":1}]')).to.equal(undefined);
        expect(await refusal(() => simulation.getState('cc', '_a'))).to.equal(
            'invalid key [_a], cannot begin with "_"',
        );
        simulation.done();
    });

    it('gives JSON objects back as CouchDB stores them, and everything else as it was', async () => {
        await open();
        await commitPuts(ledger, 'cc', {
            object: '{ "b": 12345678901234567890, "a": "<&>" }',
            array: '[ 1, 2 ]',
        });
        const simulation = await ledger.simulate('q');
        const read = async (key: string) =>
            Buffer.from((await simulation.getState('cc', key)) ?? []).toString();
        expect(await read('object')).to.equal(
            '{"a":"\\u003c\\u0026\\u003e","b":12345678901234567000}',
        );
        expect(await read('array')).to.equal('[ 1, 2 ]');
        simulation.done();
    });

    it('goes back to a snapshot with its documents', async () => {
        await open();
        await commitPuts(ledger, 'cc', { a: '{"owner":"alice"}' });
        const snapshot = ledger.snapshot();
        await commitPuts(ledger, 'cc', { a: '{"owner":"bob"}', b: '{"owner":"alice"}' });
        const query = async () => {
            const simulation = await ledger.simulate('q');
            const rows = await collect(
                await simulation.getQueryResult('cc', '{"selector":{"owner":"alice"}}'),
            );
            simulation.done();
            return rows.map(({ key }) => key);
        };
        expect(await query()).to.deep.equal(['b']);
        await ledger.restore(snapshot);
        expect(await query()).to.deep.equal(['a']);
    });

    it('refuses rich queries as LevelDB does when that is the state database', async () => {
        await open({ stateDatabase: 'leveldb' });
        const simulation = await ledger.simulate('q');
        expect(await refusal(() => simulation.getQueryResult('cc', '{"selector":{}}'))).to.equal(
            'ExecuteQuery not supported for leveldb',
        );
        const paging = { pageSize: 2, bookmark: '' };
        expect(
            await refusal(() => simulation.getQueryResult('cc', '{"selector":{}}', paging)),
        ).to.equal('ExecuteQueryWithMetadata not supported for leveldb');
        simulation.done();
        expect(await ledger.deployIndexes('cc', new Map([[PATH, INDEX]]))).to.deep.equal([]);
    });
});
