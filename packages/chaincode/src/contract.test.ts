import { expect } from 'chai';
import { Context, Contract } from 'fabric-contract-api';
import { GoodputContract } from './contract.js';
import { GoodputContext } from './context.js';
import { ContractError } from './errors.js';
import { MemoryLedger } from './memory-ledger.test.fixture.js';
import { parseContractError, readEvents } from './wire.js';

class Sample extends GoodputContract {
    async addTwice(ctx: GoodputContext, key: string): Promise<string> {
        for (let round = 0; round < 2; round++) {
            const count = Number((await ctx.stub.getState(key)).toString() || '0');
            await ctx.stub.putState(key, String(count + 1));
        }
        return (await ctx.stub.getState(key)).toString();
    }

    async who(ctx: GoodputContext): Promise<unknown> {
        const { mspId, units, key } = ctx.caller;
        const role = ctx.caller.attribute('role');
        const none = ctx.caller.attribute('constructor') ?? null;
        return Promise.resolve({ mspId, units: [...units], role, none, keyLength: key.length });
    }

    async when(ctx: GoodputContext): Promise<string> {
        return Promise.resolve(`${ctx.time.iso} ${ctx.time.ms} ${String(ctx.time.ns)}`);
    }

    async names(ctx: GoodputContext): Promise<string[]> {
        return Promise.resolve([ctx.nextId(), ctx.nextId(), ctx.stub.getTxID()]);
    }

    async tell(ctx: GoodputContext, count: string): Promise<void> {
        for (let index = 0; index < Number(count); index++) ctx.emit('told', { z: index, a: 1 });
        return Promise.resolve();
    }

    async setTwice(ctx: GoodputContext): Promise<void> {
        ctx.stub.setEvent('first', Buffer.from('1'));
        ctx.stub.setEvent('second', Buffer.from('2'));
        return Promise.resolve();
    }

    async fail(ctx: GoodputContext): Promise<void> {
        await ctx.stub.putState('never', 'x');
        throw new ContractError('OUT_OF_STOCK', 'none left of a1', { sku: 'a1', left: 0 });
    }
}

class Hooked extends GoodputContract {
    override async beforeTransaction(ctx: GoodputContext): Promise<void> {
        await ctx.stub.putState('before', 'x');
    }

    override async afterTransaction(ctx: GoodputContext): Promise<void> {
        await ctx.stub.putState('after', (await ctx.stub.getState('before')).toString());
    }

    override async unknownTransaction(ctx: GoodputContext): Promise<void> {
        await ctx.stub.putState('unknown', 'x');
    }

    async nothing(): Promise<void> {
        return Promise.resolve();
    }
}

describe('a contract with a unit of work', () => {
    it('reads its own writes and commits them once', async () => {
        const ledger = new MemoryLedger([Sample]);
        expect(await ledger.submit('addTwice', ['k'])).to.equal('2');
        expect(await ledger.submit('addTwice', ['k'])).to.equal('4');
        expect(ledger.entries()).to.deep.equal({ k: '4' });
    });

    it("flushes what the author's own hooks write, though they do not call super", async () => {
        const ledger = new MemoryLedger([Hooked]);
        await ledger.submit('nothing', []);
        expect(ledger.entries()).to.deep.equal({ before: 'x', after: 'x' });
        await ledger.submit('no such thing', []);
        expect(ledger.entries()).to.have.property('unknown');
    });

    it('refuses a class field that would replace the hook which flushes', () => {
        class Broken extends GoodputContract {
            override afterTransaction = async (): Promise<void> => Promise.resolve();
        }
        expect(() => new Broken()).to.throw(TypeError, 'afterTransaction');
    });

    it('knows the caller, by what the certificate authority vouches for', async () => {
        const answer = await new MemoryLedger([Sample]).submit('who', []);
        expect(JSON.parse(answer)).to.deep.equal({
            mspId: 'Org1MSP',
            units: ['client'],
            role: 'clerk',
            none: null,
            keyLength: 32,
        });
    });

    it('takes its time from the transaction', async () => {
        expect(await new MemoryLedger([Sample]).submit('when', [])).to.equal(
            '2023-11-14T22:13:20.123Z 1700000000123 1700000000123000000',
        );
    });

    it('gives names of the transaction id and a count', async () => {
        const names = JSON.parse(await new MemoryLedger([Sample]).submit('names', [])) as string[];
        expect(names.slice(0, 2)).to.deep.equal([
            `${names[2] ?? ''}-000000`,
            `${names[2] ?? ''}-000001`,
        ]);
    });

    it('sends one event as it is, and several as one', async () => {
        const ledger = new MemoryLedger([Sample]);
        expect((await ledger.endorse('tell', ['0'])).event).to.equal(undefined);
        const one = await ledger.endorse('tell', ['1']);
        expect(one.event?.name).to.equal('told');
        expect(one.event?.payload.toString()).to.equal('{"a":1,"z":0}');
        const three = (await ledger.endorse('tell', ['3'])).event;
        expect(three?.name).to.equal('goodput.events/1');
        const events = readEvents(three?.name ?? '', three?.payload ?? Buffer.alloc(0));
        expect(events.map(({ name, payload }) => `${name} ${payload.toString()}`)).to.deep.equal([
            'told {"a":1,"z":0}',
            'told {"a":1,"z":1}',
            'told {"a":1,"z":2}',
        ]);
        expect((await ledger.endorse('setTwice', [])).event?.name).to.equal('second');
    });

    it('tells the client the code, the text and the details of an error, and writes nothing', async () => {
        const recorded = await new MemoryLedger([Sample]).endorse('fail', []);
        expect(recorded.writeLog).to.deep.equal([]);
        expect(parseContractError(recorded.response?.message ?? '')).to.deep.equal({
            code: 'OUT_OF_STOCK',
            text: 'none left of a1',
            details: { left: 0, sku: 'a1' },
        });
    });

    it("keeps its own machinery out of the chaincode's metadata", () => {
        const { contracts } = new MemoryLedger([Sample]).metadata;
        const names = contracts['Sample']?.transactions.map(
            (each) => (each as { name: string }).name,
        );
        expect(names).to.deep.equal([
            'addTwice',
            'who',
            'when',
            'names',
            'tell',
            'setTwice',
            'fail',
        ]);
    });

    it('leaves a contract that does not use it alone', async () => {
        class Plain extends Contract {
            async put(ctx: Context, key: string): Promise<void> {
                await ctx.stub.putState(key, Buffer.from('x'));
            }
        }
        const ledger = new MemoryLedger([Plain]);
        await ledger.submit('put', ['k']);
        expect(ledger.entries()).to.deep.equal({ k: 'x' });
    });
});
