import { peer } from '@hyperledger/fabric-protos';
import type { RangeQuery } from '@goodput/rwset';
import { expect } from 'chai';

import { openLedger } from './ledger.js';
import type { Ledger } from './ledger.js';
import type { Simulation } from './simulation.js';
import { commitPuts, commitTogether, work } from './test-support/build-block.js';
import { collect, compositeKey } from './test-support/lab-contract.js';
import { refusal } from './test-support/refusal.js';

const ALREADY_PAGED =
    'txid [t]: unsuppored transaction. Transaction has already performed a paginated query. ' +
    'Writes are not allowed';
const PAGING_AFTER_WRITE =
    'txid [t]: unsuppored transaction. Paginated queries are supported only in a read-only transaction';

describe('a simulation', () => {
    let ledger: Ledger;
    const open = async (totalQueryLimit?: number) => {
        ledger = await openLedger({
            channel: 'c',
            ...(totalQueryLimit === undefined ? {} : { totalQueryLimit }),
        });
    };
    beforeEach(async () => {
        await open();
    });
    afterEach(async () => {
        await ledger.close();
    });

    it('reads committed state only, never what it wrote itself', async () => {
        await commitPuts(ledger, 'cc', { a: 'before' });
        const simulation = await ledger.simulate('t');
        simulation.putState('cc', 'a', Buffer.from('after'));
        expect(text(await simulation.getState('cc', 'a'))).to.equal('before');
        expect(await simulation.getState('cc', 'missing')).to.equal(undefined);
        const [set] = simulation.done().model.namespaces;
        expect(set?.reads).to.deep.equal([
            { key: 'a', version: { blockNum: 0, txNum: 0 } },
            { key: 'missing', version: undefined },
        ]);
    });

    it('takes an empty value for a delete', async () => {
        await commitPuts(ledger, 'cc', { a: '1' });
        await commitPuts(ledger, 'cc', { a: '' });
        const simulation = await ledger.simulate('t');
        expect(await simulation.getState('cc', 'a')).to.equal(undefined);
        simulation.done();
    });

    it('orders keys by bytes and ranges exclude their end', async () => {
        await commitPuts(ledger, 'cc', { '\u{10000}': '1', '\uffee': '2', b: '3', a: '4', c: '5' });
        const simulation = await ledger.simulate('t');
        const all = await collect(await simulation.getStateByRange('cc', '', ''));
        expect(all.map(({ key }) => key)).to.deep.equal(['a', 'b', 'c', '\uffee', '\u{10000}']);
        const some = await collect(await simulation.getStateByRange('cc', 'a', 'c'));
        expect(some.map(({ key }) => key)).to.deep.equal(['a', 'b']);
        const none = await collect(await simulation.getStateByRange('cc', 'c', 'a'));
        expect(none).to.deep.equal([]);
        simulation.done();
    });

    it('fetches one row more than the hundred it hands out, and records it as read', async () => {
        await putMany(ledger, 150);
        const recorded = await afterFirstBatch(ledger);
        expect(recorded).to.include({ startKey: 'k', endKey: 'k0100', itrExhausted: false });
    });

    it('records the whole range when its rows end with the first batch', async () => {
        await putMany(ledger, 100);
        const recorded = await afterFirstBatch(ledger);
        expect(recorded).to.include({ endKey: 'l', itrExhausted: true });
    });

    it('keeps up to fifty results as they are and more as hashes', async () => {
        await putMany(ledger, 51);
        const simulation = await ledger.simulate('t');
        await collect(await simulation.getStateByRange('cc', 'k', 'k0050'));
        await collect(await simulation.getStateByRange('cc', 'k', 'l'));
        await collect(await simulation.getStateByRange('cc', 'x', 'y'));
        const queries = simulation.done().model.namespaces[0]?.rangeQueries ?? [];
        expect(
            queries.map(({ rawReads, merkle }) => [rawReads?.length, merkle?.maxDegree]),
        ).to.deep.equal([
            [50, undefined],
            [undefined, 50],
            [undefined, undefined],
        ]);
    });

    it('keeps one of two equal ranges', async () => {
        await putMany(ledger, 2);
        const simulation = await ledger.simulate('t');
        await collect(await simulation.getStateByRange('cc', 'k', 'l'));
        await collect(await simulation.getStateByRange('cc', 'k', 'l'));
        expect(simulation.done().model.namespaces[0]?.rangeQueries).to.have.length(1);
    });

    it('pages with the next key as bookmark', async () => {
        await putMany(ledger, 7);
        const simulation = await ledger.simulate('t');
        const seen: [number, string][] = [];
        let bookmark = '';
        do {
            const pages = await simulation.getStateByRange('cc', 'k', 'l', {
                pageSize: 3,
                bookmark,
            });
            const { results, hasMore, metadata } = await pages.next();
            const about = peer.QueryResponseMetadata.deserializeBinary(
                metadata ?? new Uint8Array(),
            );
            expect(hasMore).to.equal(false);
            expect(about.getFetchedRecordsCount()).to.equal(results.length);
            bookmark = about.getBookmark();
            seen.push([results.length, bookmark]);
        } while (bookmark !== '');
        expect(seen).to.deep.equal([
            [3, 'k0003'],
            [3, 'k0006'],
            [1, ''],
        ]);
        const queries = simulation.done().model.namespaces[0]?.rangeQueries ?? [];
        expect(
            queries.map(({ startKey, endKey, itrExhausted }) => [startKey, endKey, itrExhausted]),
        ).to.deep.equal([
            ['k', 'k0002', false],
            ['k0003', 'k0005', false],
            ['k0006', 'l', true],
        ]);
    });

    it('starts at a bookmark alone, without a page size', async () => {
        await putMany(ledger, 5);
        const simulation = await ledger.simulate('t');
        const paging = { pageSize: 0, bookmark: 'k0003' };
        const pages = await simulation.getStateByRange('cc', 'k', 'l', paging);
        expect((await pages.next()).results).to.have.length(2);
        simulation.done();
    });

    it('refuses writes after paging and paging after writes', async () => {
        await putMany(ledger, 2);
        const paging = { pageSize: 1, bookmark: '' };
        const reading = await ledger.simulate('t');
        await reading.getStateByRange('cc', 'k', 'l', paging);
        for (const write of writes(reading)) expect(await refusal(write)).to.equal(ALREADY_PAGED);
        reading.done();
        const writing = await ledger.simulate('t');
        writing.putState('cc', 'a', Buffer.from('1'));
        expect(await refusal(() => writing.getStateByRange('cc', 'k', 'l', paging))).to.equal(
            PAGING_AFTER_WRITE,
        );
        expect(await refusal(() => writing.getQueryResult('cc', '{}', paging))).to.equal(
            PAGING_AFTER_WRITE,
        );
        writing.done();
    });

    it('ends a query at the total limit without a word', async () => {
        await ledger.close();
        await open(120);
        await putMany(ledger, 150);
        const simulation = await ledger.simulate('t');
        const rows = await collect(await simulation.getStateByRange('cc', 'k', 'l'));
        expect(rows).to.have.length(120);
        const paged = await simulation.getStateByRange('cc', 'k', 'l', {
            pageSize: 140,
            bookmark: '',
        });
        expect((await paged.next()).results).to.have.length(120);
        const queries = simulation.done().model.namespaces[0]?.rangeQueries ?? [];
        expect(
            queries.every(({ itrExhausted, endKey }) => !itrExhausted && endKey === 'k0119'),
        ).to.equal(true);
    });

    it('keeps simple ranges apart from composite keys', async () => {
        await commitPuts(ledger, 'cc', {
            [compositeKey('type', ['a', '1'])]: '1',
            [compositeKey('type', ['a', '2'])]: '2',
            [compositeKey('type', ['ab'])]: '3',
            simple: '4',
        });
        const simulation = await ledger.simulate('t');
        const simple = await collect(await simulation.getStateByRange('cc', '\x01', ''));
        expect(simple.map(({ value }) => value)).to.deep.equal(['4']);
        const prefix = compositeKey('type', ['a']);
        const partial = await collect(
            await simulation.getStateByRange('cc', prefix, `${prefix}\u{10ffff}`),
        );
        expect(partial.map(({ value }) => value)).to.deep.equal(['1', '2']);
        simulation.done();
    });

    it('gives every chaincode a namespace of its own, in order', async () => {
        const simulation = await ledger.simulate('t');
        simulation.putState('zz', 'a', Buffer.from('1'));
        simulation.putState('aa', 'b', Buffer.from('1'));
        simulation.putState('aa', 'a', Buffer.from('1'));
        const { namespaces } = simulation.done().model;
        expect(namespaces.map(({ namespace }) => namespace)).to.deep.equal(['aa', 'zz']);
        expect(namespaces[0]?.writes.map(({ key }) => key)).to.deep.equal(['a', 'b']);
    });

    it('keeps metadata with the key, and gives it a new version', async () => {
        await commitPuts(ledger, 'cc', { a: '1' });
        const policy = Buffer.from('policy');
        await commitTogether(
            ledger,
            work((simulation) => {
                simulation.putMetadata('cc', 'a', 'VALIDATION_PARAMETER', policy);
                simulation.putMetadata('cc', 'absent', 'VALIDATION_PARAMETER', policy);
            }),
        );
        await commitPuts(ledger, 'cc', { a: '2' });
        const simulation = await ledger.simulate('t');
        expect(
            text((await simulation.getMetadata('cc', 'a')).get('VALIDATION_PARAMETER')),
        ).to.equal('policy');
        expect((await simulation.getMetadata('cc', 'absent')).size).to.equal(0);
        simulation.putState('cc', 'a', Buffer.from('3'));
        const { writtenPolicies, model } = simulation.done();
        expect(writtenPolicies.map(({ key, collection }) => [key, collection])).to.deep.equal([
            ['a', ''],
        ]);
        expect(model.namespaces[0]?.reads.map(({ version }) => version?.blockNum)).to.deep.equal([
            2,
            undefined,
        ]);
        expect(ledger.keyMetadata('cc', 'absent')).to.equal(undefined);
    });

    it('sees one state until it is done: a commit waits', async () => {
        await commitPuts(ledger, 'cc', { a: 'before' });
        const simulation = await ledger.simulate('t');
        let committed = false;
        const commit = commitPuts(ledger, 'cc', { a: 'after' }).then(() => (committed = true));
        const readLate = async () => {
            const late = await ledger.simulate('late');
            const value = text(await late.getState('cc', 'a'));
            late.done();
            return value;
        };
        await new Promise(setImmediate);
        const late = readLate();
        await new Promise(setImmediate);
        expect(committed).to.equal(false);
        expect(text(await simulation.getState('cc', 'a'))).to.equal('before');
        simulation.done();
        expect(await late, 'a waiting commit goes before later simulations').to.equal('after');
        await commit;
    });

    it('gives the same result however often it is ended, and serves nothing afterwards', async () => {
        const simulation = await ledger.simulate('t');
        const pages = await simulation.getStateByRange('cc', '', '');
        expect(simulation.done()).to.equal(simulation.done());
        const ended = 'this instance should not be used after calling Done()';
        expect(await refusal(() => simulation.getState('cc', 'a'))).to.equal(ended);
        for (const write of writes(simulation)) expect(await refusal(write)).to.equal(ended);
        expect(await pages.next()).to.deep.equal({ results: [], hasMore: false });
        await commitPuts(ledger, 'cc', { a: '1' });
    });

    it('refuses keys that have no UTF-8 form', async () => {
        const simulation = await ledger.simulate('t');
        const broken = 'a\ud800';
        const calls = [
            () => simulation.getState('cc', broken),
            () => simulation.getStateByRange('cc', '', broken),
            () => {
                simulation.putState('cc', broken, Buffer.from('1'));
            },
        ];
        for (const call of calls) {
            expect(await refusal(call)).to.equal(
                'unmarshal failed: string field contains invalid UTF-8',
            );
        }
        simulation.done();
    });

    it('records and writes nothing when it is read-only', async () => {
        await commitPuts(ledger, 'cc', { a: '1' });
        const simulation = await ledger.simulate('t', { readOnly: true });
        expect(text(await simulation.getState('cc', 'a'))).to.equal('1');
        await collect(await simulation.getStateByRange('cc', '', ''));
        expect(
            await refusal(() => {
                simulation.putState('cc', 'a', Buffer.from('2'));
            }),
        ).to.match(/read-only/);
        expect(simulation.done().model).to.deep.equal({ namespaces: [] });
    });
});

function writes(simulation: Simulation): (() => void)[] {
    return [
        () => {
            simulation.putState('cc', 'a', Buffer.from('1'));
        },
        () => {
            simulation.deleteState('cc', 'a');
        },
        () => {
            simulation.putMetadata('cc', 'a', 'VALIDATION_PARAMETER', Buffer.from('p'));
        },
    ];
}

async function putMany(ledger: Ledger, count: number): Promise<void> {
    const keys = Array.from({ length: count }, (_, i) => [`k${String(i).padStart(4, '0')}`, 'v']);
    await commitPuts(ledger, 'cc', Object.fromEntries(keys) as Record<string, string>);
}

/** What a chaincode has read that asked for one row only. */
async function afterFirstBatch(ledger: Ledger): Promise<RangeQuery | undefined> {
    const simulation = await ledger.simulate('t');
    const pages = await simulation.getStateByRange('cc', 'k', 'l');
    expect((await pages.next()).results).to.have.length(100);
    pages.close();
    return simulation.done().model.namespaces[0]?.rangeQueries[0];
}

function text(value: Uint8Array | undefined): string {
    return Buffer.from(value ?? []).toString();
}
