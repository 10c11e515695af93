import { expect } from 'chai';
import { Context, Contract } from 'fabric-contract-api';
import { defineKey, part, string, uint } from '@goodput/keys';
import type { GoodputContext } from './context.js';
import { GoodputContract } from './contract.js';
import { MemoryLedger } from './memory-ledger.test.fixture.js';
import { chaincodeMetrics, type TransactionMetrics } from './metrics.js';
import { repository } from './repository.js';
import { decodeReceipts, encodeBatch, parseContractError } from './wire.js';
import { withBatching } from './with-batching.js';

const bedKey = defineKey({ name: 'bed', layout: 'ordered', parts: [part('number', uint())] });
const patients = repository(
    defineKey({ name: 'patient', layout: 'ordered', parts: [part('id', string())] }),
    {
        type: 'object',
        properties: { id: { type: 'string' }, name: { type: 'string', phi: true } },
        required: ['id', 'name'],
    } as const,
    { collection: 'patients' },
);

const lines: string[] = [];

class Ward extends withBatching(GoodputContract) {
    override async beforeTransaction(ctx: GoodputContext): Promise<void> {
        ctx.logging = {
            setLevel: () => undefined,
            getLogger: () => ({ info: (line: string) => lines.push(line) }),
        } as unknown as Context['logging'];
        return Promise.resolve();
    }

    async admit(ctx: GoodputContext, id: string): Promise<void> {
        const name = Buffer.from(ctx.stub.getTransient().get('name') ?? []).toString();
        await patients.put(ctx, { id, name });
    }

    async complain(ctx: GoodputContext, id: string): Promise<void> {
        const { name } = await patients.require(ctx, { id });
        throw new Error(`nobody may complain about ${name}`);
    }

    async badKey(_ctx: GoodputContext, number: string): Promise<string> {
        return Promise.resolve(bedKey.build({ number: Number(number) }));
    }

    async note(ctx: GoodputContext, id: string): Promise<void> {
        const { name } = await patients.require(ctx, { id });
        ctx.log(`seen ${name}`, { name });
    }
}

const name = 'Grace Hopper';
const call = (fn: string, ...args: string[]) => ({ fn, args });

async function admitted(): Promise<MemoryLedger> {
    const ledger = new MemoryLedger([Ward]);
    await ledger.submit('admit', ['p1'], { transient: { name } });
    return ledger;
}

describe('the error of a transaction', () => {
    it('carries the code that another package gave it, alone and in a batch', async () => {
        const ledger = new MemoryLedger([Ward]);
        const { response } = await ledger.endorse('badKey', ['-1']);
        expect(parseContractError(response?.message ?? '').code).to.equal('KEY_PART_RANGE');
        const [receipt] = decodeReceipts(
            await ledger.submit('executeBatch', [encodeBatch([call('badKey', '-1')])]),
        );
        expect(receipt).to.include({ ok: false, code: 'KEY_PART_RANGE' });
    });

    it('tells nothing of the protected health information the transaction has read', async () => {
        const ledger = await admitted();
        const { response } = await ledger.endorse('complain', ['p1']);
        expect(response?.message).to.equal('nobody may complain about [phi]');
        const [receipt] = decodeReceipts(
            await ledger.submit('executeBatch', [encodeBatch([call('complain', 'p1')])]),
        );
        expect(receipt).to.include({ ok: false, message: 'nobody may complain about [phi]' });
    });
});

describe('the log of a transaction', () => {
    it('has protected health information made unreadable', async () => {
        const ledger = await admitted();
        lines.length = 0;
        await ledger.submit('note', ['p1']);
        expect(lines).to.deep.equal(['seen [phi] {"name":"[phi]"}']);
    });
});

describe('the metrics of transactions', () => {
    it('count reads, writes, hits, batches and failures, and measure the phases', async () => {
        class Plain extends withBatching(Contract) {
            async increment(ctx: Context, key: string): Promise<void> {
                const count = Number(Buffer.from(await ctx.stub.getState(key)).toString() || '0');
                if (key === 'bad') throw new Error('no');
                await ctx.stub.putState(key, Buffer.from(String(count + 1)));
            }
        }
        const seen: TransactionMetrics[] = [];
        const stop = chaincodeMetrics.subscribe((metrics) => seen.push(metrics));
        const ledger = new MemoryLedger([Plain]);
        await ledger.submit('increment', ['a']);
        const calls = [...Array<string>(9).fill('a'), 'bad'].map((key) => call('increment', key));
        await ledger.submit('executeBatch', [encodeBatch(calls)]);
        stop();
        await ledger.submit('increment', ['a']);
        expect(seen.map(({ transaction }) => transaction)).to.deep.equal([
            'increment',
            'executeBatch',
        ]);
        expect(seen[1]?.counts).to.deep.equal({
            reads: 2,
            scans: 0,
            rangeRows: 0,
            overlayHits: 8,
            puts: 9,
            writes: 1,
            rollbacks: 1,
            batchSize: 10,
            batchFailed: 1,
        });
        expect(seen[1]?.contract).to.equal('Plain');
        expect(Object.values(seen[1]?.phases ?? {}).every((micros) => micros >= 0)).to.equal(true);
    });

    it('are one line of JSON in the log at debug', async () => {
        const debugged: string[] = [];
        class Debugged extends GoodputContract {
            async put(ctx: GoodputContext): Promise<void> {
                await ctx.stub.putState('k', 'x');
            }

            override async beforeTransaction(ctx: GoodputContext): Promise<void> {
                ctx.logging = {
                    setLevel: () => undefined,
                    getLogger: (logger?: string) => ({
                        isDebugEnabled: () => logger === 'goodput',
                        debug: (line: string) => debugged.push(line),
                    }),
                } as unknown as Context['logging'];
                return Promise.resolve();
            }
        }
        await new MemoryLedger([Debugged]).submit('put', []);
        expect(debugged).to.have.length(1);
        expect(JSON.parse(debugged[0] ?? '')).to.include({
            contract: 'Debugged',
            transaction: 'put',
        });
    });
});
