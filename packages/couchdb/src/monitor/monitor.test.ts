/* eslint-disable @typescript-eslint/no-unused-vars -- the stub's methods keep the shim's parameters */
import { expect } from 'chai';
import {
    MAX_SHAPES,
    monitorQueries,
    OTHER_SHAPES,
    QueryStatistics,
    workloadFromLog,
    type QueryRecord,
} from '../index.js';

interface Row {
    readonly key: string;
}

function iterator(rows: number): {
    next(): Promise<{ value?: Row; done: boolean }>;
    close(): Promise<void>;
    closed: boolean;
} {
    let at = 0;
    return {
        closed: false,
        next(): Promise<{ value?: Row; done: boolean }> {
            at++;
            return Promise.resolve(
                at <= rows ? { value: { key: String(at) }, done: false } : { done: true },
            );
        },
        close(): Promise<void> {
            this.closed = true;
            return Promise.resolve();
        },
    };
}

class Stub {
    #rows: number;
    constructor(rows: number) {
        this.#rows = rows;
    }
    getQueryResult(query: string): Promise<ReturnType<typeof iterator>> & AsyncIterable<Row> {
        const promise =
            query === 'fail'
                ? Promise.reject(new Error('refused'))
                : Promise.resolve(iterator(this.#rows));
        return Object.assign(promise, {
            [Symbol.asyncIterator]: (): AsyncIterator<Row> => {
                throw new Error('the watched promise must iterate for itself');
            },
        });
    }
    getQueryResultWithPagination(
        _query: string,
        _size: number,
    ): Promise<{ iterator: ReturnType<typeof iterator>; metadata: object }> {
        return Promise.resolve({ iterator: iterator(this.#rows), metadata: { bookmark: 'b' } });
    }
    getPrivateDataQueryResult(
        _collection: string,
        _query: string,
    ): Promise<{ iterator: ReturnType<typeof iterator> }> {
        return Promise.resolve({ iterator: iterator(this.#rows) });
    }
    getTxID(): string {
        return `tx${String(this.#rows)}`;
    }
}

const QUERY = JSON.stringify({ selector: { ssn: '123-45-6789', size: { $gt: 5 } } });

describe('the query monitor', () => {
    it('records shape, rows, pages and time, and no value', async () => {
        const records: QueryRecord[] = [];
        let clock = 0;
        const stub = monitorQueries(new Stub(3), {
            onQuery: (record) => records.push(record),
            now: () => (clock += 50),
            internalQueryLimit: 2,
        });
        const result = await stub.getQueryResult(QUERY);
        for (let step = await result.next(); !step.done; step = await result.next())
            expect(step.value).to.be.an('object');
        await result.close();
        expect(records).to.deep.equal([
            {
                shape: '{"selector":{"size":{"$gt":"?"},"ssn":{"$eq":"?"}}}',
                method: 'getQueryResult',
                collection: '',
                rows: 3,
                pages: 2,
                milliseconds: 50,
                slow: false,
                failed: false,
            },
        ]);
        expect(JSON.stringify(records)).not.to.include('123-45');
        expect(
            workloadFromLog(records.map((one) => JSON.stringify(one)).join('\n')),
        ).to.have.length(1);
    });

    it('watches for-await, pages and private data, and leaves all else alone', async () => {
        const records: QueryRecord[] = [];
        const stub = monitorQueries(new Stub(2), { onQuery: (record) => records.push(record) });
        const keys: string[] = [];
        for await (const row of stub.getQueryResult(QUERY)) keys.push(row.key);
        expect(keys).to.deep.equal(['1', '2']);
        const page = await stub.getQueryResultWithPagination(QUERY, 10);
        expect(page.metadata).to.deep.equal({ bookmark: 'b' });
        await page.iterator.next();
        await page.iterator.close();
        expect(page.iterator.closed).to.equal(true);
        const secret = await stub.getPrivateDataQueryResult('secret', QUERY);
        await secret.iterator.close();
        expect(
            records.map(({ method, collection, rows }) => [method, collection, rows]),
        ).to.deep.equal([
            ['getQueryResult', '', 2],
            ['getQueryResultWithPagination', '', 1],
            ['getPrivateDataQueryResult', 'secret', 0],
        ]);
        expect(stub.getTxID()).to.equal('tx2');
    });

    it('reports slow queries and failures', async () => {
        const slow: QueryRecord[] = [];
        const statistics = new QueryStatistics();
        let clock = 0;
        const stub = monitorQueries(new Stub(1), {
            statistics,
            slowMilliseconds: 80,
            onSlowQuery: (record) => slow.push(record),
            now: () => (clock += 90),
        });
        let message = '';
        try {
            await stub.getQueryResult('fail');
        } catch (error) {
            message = String(error);
        }
        expect(message).to.include('refused');
        expect(slow.map(({ failed, shape }) => [failed, shape])).to.deep.equal([[true, '?']]);
        const result = await stub.getQueryResult(QUERY);
        await result.close();
        await result.close();
        const sums = statistics.shapes();
        expect(sums).to.have.length(2);
        expect(sums.reduce((sum, { count }) => sum + count, 0)).to.equal(2);
        expect(
            sums.every(({ maxMilliseconds, slow: late }) => maxMilliseconds === 90 && late === 1),
        ).to.equal(true);
    });

    it('keeps a bounded number of shapes', () => {
        const statistics = new QueryStatistics();
        const record = {
            method: '',
            collection: '',
            rows: 1,
            pages: 1,
            milliseconds: 1,
            slow: false,
            failed: false,
        };
        for (let at = 0; at < MAX_SHAPES + 5; at++)
            statistics.add({ ...record, shape: String(at) });
        const shapes = statistics.shapes();
        expect(shapes).to.have.length(MAX_SHAPES + 1);
        expect(shapes.find(({ shape }) => shape === OTHER_SHAPES)?.count).to.equal(5);
    });
});
