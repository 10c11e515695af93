import { expect } from 'chai';
import {
    Context,
    Contract,
    JSONSerializer,
    Object as DataType,
    Property,
    Returns,
    Transaction,
} from 'fabric-contract-api';
import { GoodputContext } from './context.js';
import { GoodputContract } from './contract.js';
import { ContractError } from './errors.js';
import { MemoryLedger, type TransactionInput } from './memory-ledger.test.fixture.js';
import { withBatching } from './with-batching.js';
import {
    batchLimitsOf,
    decodeReceipts,
    encodeBatch,
    parseContractError,
    readEvents,
    type BatchCall,
    type Receipt,
} from './wire.js';

@DataType()
class Asset {
    @Property() id!: string;
    @Property() size!: number;

    double(): number {
        return this.size * 2;
    }
}

class Typed extends withBatching(GoodputContract, { limits: { ops: 2000, keys: 20 } }) {
    @Transaction()
    async increment(ctx: GoodputContext, key: string): Promise<number> {
        const next = Number((await ctx.stub.getState(key)).toString() || '0') + 1;
        await ctx.stub.putState(key, String(next));
        return next;
    }

    @Transaction()
    @Returns('string')
    async kinds(
        _ctx: GoodputContext,
        text: string,
        count: number,
        flag: boolean,
        asset: Asset,
    ): Promise<string> {
        return Promise.resolve(
            [typeof text, typeof count, typeof flag, asset.double(), asset instanceof Asset].join(),
        );
    }

    @Transaction()
    async take(ctx: GoodputContext, key: string, amount: number): Promise<void> {
        const left = Number((await ctx.stub.getState(key)).toString() || '0');
        await ctx.stub.putState(key, String(left - amount));
        if (left < amount) throw new ContractError('TOO_FEW', `only ${left} left`, { left });
    }

    @Transaction()
    async tell(ctx: GoodputContext, name: string, times: number): Promise<void> {
        for (let index = 0; index < times; index++)
            ctx.stub.setEvent(name, Buffer.from(String(index)));
        return Promise.resolve();
    }

    @Transaction()
    async callOther(ctx: GoodputContext, fails: boolean): Promise<void> {
        await ctx.stub.invokeChaincode('other', ['f'], '');
        if (fails) throw new Error('no');
    }

    @Transaction(false)
    async called(ctx: GoodputContext, word: string): Promise<string[]> {
        const { fcn, params } = ctx.stub.getFunctionAndParameters();
        return Promise.resolve([
            word,
            fcn,
            ...params,
            ctx.caller.mspId,
            ctx.time.iso,
            ...ctx.stub.getArgs(),
        ]);
    }

    @Transaction()
    async forgets(ctx: GoodputContext): Promise<void> {
        void ctx.stub
            .getState('slow')
            .then(async () => ctx.stub.putState('late', 'x'))
            .catch(() => {
                forgotten++;
            });
        return Promise.resolve();
    }

    async notDeclared(ctx: GoodputContext): Promise<void> {
        await ctx.stub.putState('secret', 'x');
    }
}

let forgotten = 0;

/** Answers as a client would see them. */
async function batch(
    ledger: MemoryLedger,
    calls: readonly BatchCall[],
    atomic?: readonly (readonly [number, number])[],
    input?: TransactionInput,
): Promise<Receipt[]> {
    return decodeReceipts(await ledger.submit('executeBatch', [encodeBatch(calls, atomic)], input));
}

const call = (fn: string, ...args: string[]): BatchCall => ({ fn, args });
const show = (receipts: readonly Receipt[]): (string | undefined)[] =>
    receipts.map((receipt) => (receipt.ok ? receipt.result : receipt.code));

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
    try {
        await work;
    } catch (error) {
        return parseContractError((error as Error).message).code;
    }
    return 'no error';
}

describe('a batch', () => {
    it('makes a thousand increments of one key one read, one write and a thousand receipts', async () => {
        const ledger = new MemoryLedger([Typed]);
        const calls = Array.from({ length: 1000 }, () => call('increment', 'hot'));
        const recorded = await ledger.endorse('executeBatch', [encodeBatch(calls)]);
        const receipts = decodeReceipts(recorded.response?.payload ?? '');
        expect(receipts).to.have.length(1000);
        expect(receipts.at(-1)).to.deep.equal({ ok: true, result: '1000', replayed: false });
        expect(recorded.reads.size).to.equal(1);
        expect(recorded.writeLog).to.deep.equal([['hot', '1000']]);
    });

    it('runs operations in order and lets each fail alone, without a trace in state', async () => {
        const ledger = new MemoryLedger([Typed]);
        const receipts = await batch(ledger, [
            call('increment', 'a'),
            call('take', 'a', '5'),
            call('take', 'a', '1'),
            call('take', 'b', '1'),
            call('increment', 'c'),
        ]);
        expect(show(receipts)).to.deep.equal(['1', 'TOO_FEW', undefined, 'TOO_FEW', '1']);
        expect(receipts[1]).to.deep.equal({
            ok: false,
            code: 'TOO_FEW',
            message: 'only 1 left',
            details: { left: 1 },
        });
        expect(ledger.entries()).to.deep.equal({ a: '0', c: '1' });
    });

    it('lets atomic groups stand or fall together', async () => {
        const ledger = new MemoryLedger([Typed]);
        const receipts = await batch(
            ledger,
            [
                call('increment', 'a'),
                call('increment', 'b'),
                call('take', 'b', '9'),
                call('increment', 'b'),
                call('increment', 'c'),
                call('take', 'c', '1'),
            ],
            [
                [1, 3],
                [4, 2],
            ],
        );
        expect(show(receipts)).to.deep.equal([
            '1',
            'CHAINCODE_GROUP_ROLLED_BACK',
            'TOO_FEW',
            'CHAINCODE_GROUP_ROLLED_BACK',
            '1',
            undefined,
        ]);
        expect(receipts[1]).to.have.deep.property('details', { failed: 2 });
        expect(ledger.entries()).to.deep.equal({ a: '1', c: '0' });
    });

    it('converts parameters and results as a direct call does', async () => {
        const ledger = new MemoryLedger([Typed]);
        const args = ['text', '4.5', 'TRUE', '{"id":"x","size":21}'];
        const direct = await ledger.submit('kinds', args);
        expect(direct).to.equal('string,number,boolean,42,true');
        expect(show(await batch(ledger, [call('kinds', ...args)]))).to.deep.equal([direct]);
        const bad: [string, string[]][] = [
            ['kinds', ['text']],
            ['kinds', ['text', 'many', 'true', '{}']],
            ['kinds', ['text', '1', 'maybe', '{}']],
            ['kinds', ['text', '1', 'true', '{"id":5,"size":1}']],
            ['kinds', ['text', '1', 'true', 'not json']],
        ];
        for (const [fn, list] of bad) {
            const refused = (await ledger.endorse(fn, list)).response?.message;
            const [receipt] = await batch(ledger, [call(fn, ...list)]);
            expect(receipt, list.join()).to.include({ ok: false, message: refused });
        }
    });

    it('shows each operation the call it is, by whom and when', async () => {
        const ledger = new MemoryLedger([Typed]);
        const direct = await ledger.submit('Typed:called', ['w']);
        const [receipt] = decodeReceipts(
            await ledger.submit('Typed:executeBatch', [encodeBatch([call('called', 'w')])]),
        );
        expect(receipt).to.include({ ok: true, result: direct });
    });

    it('calls nothing but declared transactions, and not itself', async () => {
        const ledger = new MemoryLedger([Typed]);
        const names = [
            'notDeclared',
            'executeBatch',
            'constructor',
            'createContext',
            'beforeTransaction',
            '__proto__',
            '',
        ];
        const receipts = await batch(
            ledger,
            names.map((name) => call(name)),
        );
        expect(new Set(show(receipts))).to.deep.equal(new Set(['CHAINCODE_FUNCTION_UNKNOWN']));
        expect(ledger.entries()).to.deep.equal({});
    });

    it('keeps one event an operation, and drops those of failed ones', async () => {
        const ledger = new MemoryLedger([Typed]);
        const calls = [call('tell', 'a', '2'), call('tell', 'b', '1'), call('take', 'x', '1')];
        const { event } = await ledger.endorse('executeBatch', [encodeBatch(calls)]);
        const events = readEvents(event?.name ?? '', event?.payload ?? Buffer.alloc(0));
        expect(events.map(({ name, payload }) => name + payload.toString())).to.deep.equal([
            'a1',
            'b0',
        ]);
        const one = await ledger.endorse('executeBatch', [encodeBatch([call('tell', 'a', '2')])]);
        const direct = await ledger.endorse('tell', ['a', '2']);
        expect(one.event).to.deep.equal(direct.event);
    });

    it('survives whatever an operation throws', async () => {
        class Odd extends withBatching(GoodputContract) {
            async odd(ctx: GoodputContext, which: string): Promise<void> {
                await ctx.stub.putState('odd', 'x');
                const things: unknown[] = [
                    undefined,
                    null,
                    'text',
                    Symbol('s'),
                    Object.create(null),
                    Object.assign(new Error('x'), { message: 42 }),
                    Object.assign(new Error('x'), { message: undefined }),
                    Object.assign(new Error('x'), { message: Object.create(null) as unknown }),
                ];
                throw things[Number(which)];
            }
            async good(ctx: GoodputContext): Promise<void> {
                await ctx.stub.putState('good', 'x');
            }
        }
        const ledger = new MemoryLedger([Odd]);
        const odd = Array.from({ length: 8 }, (_, index) => call('odd', String(index)));
        const receipts = await batch(ledger, [...odd, call('good')]);
        expect(show(receipts)).to.deep.equal([
            ...Array<string>(8).fill('CHAINCODE_OP_FAILED'),
            undefined,
        ]);
        expect(ledger.entries()).to.deep.equal({ good: 'x' });
    });

    it('fails as a whole when what failed cannot be taken back', async () => {
        const ledger = new MemoryLedger([Typed]);
        expect(show(await batch(ledger, [call('callOther', 'false')]))).to.deep.equal([undefined]);
        const work = batch(ledger, [call('increment', 'a'), call('callOther', 'true')]);
        expect(await codeOf(work)).to.equal('CHAINCODE_UNDO_IMPOSSIBLE');
    });

    it('shuts out what an operation left running', async () => {
        const ledger = new MemoryLedger([Typed]);
        await batch(ledger, [call('forgets'), call('increment', 'a'), call('increment', 'b')]);
        expect(ledger.entries()).to.deep.equal({ a: '1', b: '1' });
        expect(forgotten).to.equal(1);
    });
});

describe('the limits of a batch', () => {
    it('can be read from the metadata', () => {
        const { metadata } = new MemoryLedger([Typed]);
        const published = JSON.parse(JSON.stringify(metadata)) as unknown;
        const limits = { ops: 2000, bytes: 4_194_304, keys: 20 };
        expect(batchLimitsOf(published, 'Typed')).to.deep.equal(limits);
        expect(batchLimitsOf(published)).to.deep.equal(limits);
        expect(batchLimitsOf(published, 'org.hyperledger.fabric')).to.equal(undefined);
        expect(batchLimitsOf(published, 'Other')).to.equal(undefined);
    });

    it('refuse too many operations and too many bytes before anything runs', async () => {
        const ledger = new MemoryLedger([Typed]);
        const many = Array.from({ length: 2001 }, () => call('increment', 'a'));
        expect(await codeOf(batch(ledger, many))).to.equal('CHAINCODE_BATCH_TOO_LARGE');
        const large = call('increment', 'a'.repeat(4_194_304));
        expect(await codeOf(batch(ledger, [large]))).to.equal('CHAINCODE_BATCH_TOO_LARGE');
    });

    it('fail the operations that would touch too many keys, and only those', async () => {
        const ledger = new MemoryLedger([Typed]);
        const calls = Array.from({ length: 25 }, (_, index) => call('increment', `k${index}`));
        const receipts = await batch(ledger, [...calls, call('increment', 'k0')]);
        expect(show(receipts.slice(0, 20))).to.deep.equal(Array(20).fill('1'));
        expect(show(receipts.slice(20, 25))).to.deep.equal(
            Array(5).fill('CHAINCODE_BATCH_KEYS_EXCEEDED'),
        );
        expect(show(receipts.slice(25))).to.deep.equal(['2']);
    });

    it('count a key once, whether it is read, written, deleted or given a policy, and not when that failed', async () => {
        class Labels extends withBatching(GoodputContract, { limits: { keys: 3 } }) {
            async label(ctx: GoodputContext, key: string, fails: string): Promise<void> {
                await ctx.stub.setStateValidationParameter(key, Buffer.from('policy'));
                await ctx.stub.putState(key, 'x');
                await ctx.stub.deleteState(key);
                await ctx.stub.setStateValidationParameter(key, Buffer.from('policy'));
                await ctx.stub.getState(key);
                if (fails === 'yes') throw new Error('no');
            }
            async only(ctx: GoodputContext, key: string): Promise<void> {
                await ctx.stub.setStateValidationParameter(key, Buffer.from('policy'));
            }
        }
        const failing = ['p', 'q', 'r', 's'].map((key) => call('label', key, 'yes'));
        const labels = ['a', 'a', 'b'].map((key) => call('label', key, 'no'));
        const only = ['c', 'd', 'a'].map((key) => call('only', key));
        const receipts = await batch(new MemoryLedger([Labels]), [...failing, ...labels, ...only]);
        expect(show(receipts).slice(4)).to.deep.equal([
            ...Array<undefined>(4).fill(undefined),
            'CHAINCODE_BATCH_KEYS_EXCEEDED',
            undefined,
        ]);
    });

    it('fail the operations whose receipts would not fit', async () => {
        class Wordy extends withBatching(GoodputContract, { limits: { bytes: 200 } }) {
            async say(_ctx: GoodputContext, length: string): Promise<string> {
                return Promise.resolve('x'.repeat(Number(length)));
            }
        }
        const receipts = await batch(new MemoryLedger([Wordy]), [
            call('say', '150'),
            call('say', '60'),
            call('say', '30'),
        ]);
        expect(receipts.map(({ ok }) => ok)).to.deep.equal([true, false, true]);
    });

    it('bound what failures have to say, and what takes more room in JSON than by itself', async () => {
        class Wordy extends withBatching(GoodputContract, { limits: { bytes: 4000 } }) {
            async fail(_ctx: GoodputContext, length: string): Promise<void> {
                return Promise.reject(new ContractError('TOO_MUCH', 'x'.repeat(Number(length))));
            }
            async quote(_ctx: GoodputContext, length: string): Promise<string> {
                return Promise.resolve('\u0001'.repeat(Number(length)));
            }
        }
        const ledger = new MemoryLedger([Wordy]);
        const failing = Array.from({ length: 20 }, () => call('fail', '3000'));
        const failed = await ledger.submit('executeBatch', [encodeBatch(failing)]);
        expect(Buffer.byteLength(failed)).to.be.below(4000 + 20 * 100);
        const receipts = decodeReceipts(failed);
        expect(new Set(show(receipts))).to.deep.equal(new Set(['TOO_MUCH']));
        expect(receipts[0]).to.have.property('message').of.length(3000);
        expect(receipts[1]).to.have.property('message', 'the receipts have no room for more');
        const groups = failing.map((_, index): [number, number] => [index, 1]);
        const grouped = await ledger.submit('executeBatch', [encodeBatch(failing, groups)]);
        expect(Buffer.byteLength(grouped)).to.be.below(4000 + 20 * 100);
        const quoted = [call('quote', '600'), call('quote', '600')];
        expect(show(await batch(ledger, quoted)).slice(1)).to.deep.equal([
            'CHAINCODE_BATCH_TOO_LARGE',
        ]);
    });

    it('must be whole numbers above 0', () => {
        expect(() => withBatching(GoodputContract, { limits: { ops: 0 } })).to.throw(
            'CHAINCODE_SETUP_INVALID',
        );
        expect(() => withBatching(GoodputContract, { limits: { keys: 1.5 } })).to.throw(
            'CHAINCODE_SETUP_INVALID',
        );
    });
});

describe('a malformed batch', () => {
    const bad: [string, string][] = [
        ['not JSON', '{'],
        ['no object', '[]'],
        ['null', 'null'],
        ['another version', '{"v":2,"fns":[],"ops":[]}'],
        ['functions that are no list', '{"v":1,"fns":{},"ops":[]}'],
        ['functions that are no names', '{"v":1,"fns":[1],"ops":[]}'],
        ['operations that are no list', '{"v":1,"fns":[],"ops":{}}'],
        ['an operation that is no list', '{"v":1,"fns":["f"],"ops":["f"]}'],
        ['a function out of range', '{"v":1,"fns":["f"],"ops":[[1]]}'],
        ['a negative function', '{"v":1,"fns":["f"],"ops":[[-1]]}'],
        ['half a function', '{"v":1,"fns":["f"],"ops":[[0.5]]}'],
        ['an argument that is no text', '{"v":1,"fns":["f"],"ops":[[0,1]]}'],
        ['too few ids', '{"v":1,"fns":["f"],"ops":[[0],[0]],"ids":["a"]}'],
        ['an empty id', '{"v":1,"fns":["f"],"ops":[[0]],"ids":[""]}'],
        ['an id with a line break', '{"v":1,"fns":["f"],"ops":[[0]],"ids":["a\\n"]}'],
        ['an id out of proportion', `{"v":1,"fns":["f"],"ops":[[0]],"ids":["${'a'.repeat(129)}"]}`],
        ['groups that overlap', '{"v":1,"fns":["f"],"ops":[[0],[0]],"atomic":[[0,2],[1,1]]}'],
        ['a group beyond the end', '{"v":1,"fns":["f"],"ops":[[0]],"atomic":[[0,2]]}'],
        ['an empty group', '{"v":1,"fns":["f"],"ops":[[0]],"atomic":[[0,0]]}'],
        ['a group that is no pair', '{"v":1,"fns":["f"],"ops":[[0]],"atomic":[0]}'],
        ['an unknown member', '{"v":1,"fns":["f"],"ops":[[0]],"atomics":[]}'],
    ];
    for (const [what, text] of bad) {
        it(`is refused as a whole: ${what}`, async () => {
            const ledger = new MemoryLedger([Typed]);
            const { response, writeLog } = await ledger.endorse('executeBatch', [text]);
            expect(parseContractError(response?.message ?? '').code).to.equal(
                'CHAINCODE_BATCH_MALFORMED',
            );
            expect(writeLog).to.deep.equal([]);
        });
    }
});

describe('an operation with an id', () => {
    const once = (id: string, key = 'a'): BatchCall => ({ fn: 'increment', args: [key], id });

    it('is applied once, and answers the same when it is sent again', async () => {
        const ledger = new MemoryLedger([Typed]);
        expect(show(await batch(ledger, [once('1'), once('2')]))).to.deep.equal(['1', '2']);
        const again = await batch(ledger, [once('2'), once('1'), once('3'), once('3')]);
        expect(show(again)).to.deep.equal(['2', '1', '3', '3']);
        expect(again.map((receipt) => receipt.ok && receipt.replayed)).to.deep.equal([
            true,
            true,
            false,
            true,
        ]);
        expect(ledger.entries()).to.include({ a: '3' });
    });

    it('may be tried again when it failed, for it was not applied', async () => {
        const ledger = new MemoryLedger([Typed]);
        const take: BatchCall = { fn: 'take', args: ['a', '1'], id: 't' };
        expect(show(await batch(ledger, [take]))).to.deep.equal(['TOO_FEW']);
        expect(show(await batch(ledger, [call('increment', 'a'), take, take]))).to.deep.equal([
            '1',
            undefined,
            undefined,
        ]);
        expect(ledger.entries()).to.include({ a: '0' });
    });

    it('refuses its id for anything else', async () => {
        const ledger = new MemoryLedger([Typed]);
        await batch(ledger, [once('1')]);
        expect(show(await batch(ledger, [once('1', 'b')]))).to.deep.equal([
            'CHAINCODE_OP_ID_REUSED',
        ]);
    });

    it("means nothing to another caller's operation of the same id", async () => {
        const ledger = new MemoryLedger([Typed]);
        await batch(ledger, [once('1')]);
        const other = await batch(ledger, [once('1')], undefined, { mspId: 'Org2MSP' });
        expect(show(other)).to.deep.equal(['2']);
    });

    it('is applied by one of two transactions that carry it at the same time', async () => {
        const ledger = new MemoryLedger([Typed]);
        const text = encodeBatch([once('1', 'x')]);
        const [one, two] = [
            await ledger.endorse('executeBatch', [text]),
            await ledger.endorse('executeBatch', [text]),
        ];
        expect([ledger.commit(one), ledger.commit(two)]).to.deep.equal([true, false]);
    });
});

describe('batching mixed into a contract', () => {
    it('works on a plain contract without decorators, with a context and hooks of its own', async () => {
        const seen: string[] = [];
        class OwnContext extends Context {
            touched = 0;
        }
        class Plain extends Contract {
            override createContext(): OwnContext {
                return new OwnContext();
            }
            override async beforeTransaction(ctx: Context): Promise<void> {
                const { fcn } = ctx.stub.getFunctionAndParameters();
                seen.push(fcn);
                if (fcn === 'forbidden') throw new Error('you may not');
                return Promise.resolve();
            }
            override async afterTransaction(ctx: Context): Promise<void> {
                await ctx.stub.putState('count', Buffer.from(String(seen.length)));
            }
            async touch(ctx: OwnContext, key: string): Promise<string> {
                await ctx.stub.putState(key, Buffer.from('x'));
                return String(++ctx.touched);
            }
            async forbidden(): Promise<void> {
                return Promise.resolve();
            }
            _hidden(): string {
                return 'hidden';
            }
        }
        const ledger = new MemoryLedger([withBatching(Plain)]);
        expect(Object.keys(ledger.metadata.contracts)).to.include('Plain');
        const receipts = await batch(ledger, [
            call('touch', 'a'),
            call('touch', 'b'),
            call('forbidden'),
            call('_hidden'),
        ]);
        expect(show(receipts)).to.deep.equal([
            '1',
            '1',
            'CHAINCODE_OP_FAILED',
            'CHAINCODE_FUNCTION_UNKNOWN',
        ]);
        expect(receipts[2]).to.include({ message: 'you may not' });
        expect(seen).to.deep.equal(['touch', 'touch', 'forbidden']);
        expect(ledger.entries()).to.deep.equal({ a: 'x', b: 'x', count: '2' });
        await ledger.submit('touch', ['direct']);
        expect(ledger.entries()).to.include({ direct: 'x', count: '4' });
    });

    it('believes the metadata a chaincode brings along, as the shim does', async () => {
        class Described extends withBatching(GoodputContract, {
            metadata: {
                contracts: {
                    Described: {
                        transactions: [
                            {
                                name: 'kind',
                                parameters: [
                                    { name: 'value', schema: { type: 'number', minimum: 3 } },
                                ],
                            },
                        ],
                    },
                },
            },
        }) {
            async kind(_ctx: GoodputContext, value: unknown): Promise<string> {
                return Promise.resolve(typeof value);
            }

            async unlisted(): Promise<void> {
                return Promise.resolve();
            }
        }
        const receipts = await batch(new MemoryLedger([Described]), [
            call('kind', '4'),
            call('kind', '2'),
            call('unlisted'),
        ]);
        expect(show(receipts)).to.deep.equal([
            'number',
            'CHAINCODE_OP_FAILED',
            'CHAINCODE_FUNCTION_UNKNOWN',
        ]);
        expect(receipts[1]).to.have.property('message').that.contains('should be >= 3');
    });

    it("uses the chaincode's own serializer", async () => {
        class Shouting extends JSONSerializer {
            override toBuffer(result: unknown): Buffer {
                return Buffer.from(`${String(result)}!`);
            }
        }
        const serializers = { transaction: 'shout', serializers: { shout: Shouting } };
        class Loud extends withBatching(GoodputContract, { serializers }) {
            async say(_ctx: GoodputContext, word: string): Promise<string> {
                return Promise.resolve(word);
            }
        }
        expect(show(await batch(new MemoryLedger([Loud]), [call('say', 'hey')]))).to.deep.equal([
            'hey!',
        ]);
    });

    it('is refused a second time', () => {
        expect(() => withBatching(withBatching(GoodputContract))).to.throw(
            'CHAINCODE_SETUP_INVALID',
        );
    });

    it('keeps an operation from flushing what is not its own', async () => {
        class Impatient extends withBatching(GoodputContract) {
            async hurry(ctx: GoodputContext): Promise<void> {
                await ctx.stub.putState('k', 'x');
                await ctx.stub.flush();
            }
        }
        const ledger = new MemoryLedger([Impatient]);
        expect(show(await batch(ledger, [call('hurry')]))).to.deep.equal([
            'CHAINCODE_SAVEPOINT_INVALID',
        ]);
        expect(ledger.entries()).to.deep.equal({});
    });

    it('keeps the functions of two contracts of one chaincode apart', async () => {
        const Base = withBatching(GoodputContract);
        class First extends Base {
            @Transaction()
            async one(ctx: GoodputContext): Promise<string> {
                return Promise.resolve(ctx.nextId());
            }
        }
        class Second extends Base {
            @Transaction()
            async two(ctx: GoodputContext): Promise<string> {
                return Promise.resolve(ctx.nextId().slice(-1));
            }
        }
        const ledger = new MemoryLedger([First, Second]);
        const names = (contract: string): unknown[] =>
            ledger.metadata.contracts[contract]?.transactions.map(
                (each) => (each as { name: string }).name,
            ) ?? [];
        expect(names('First')).to.deep.equal(['one', 'executeBatch']);
        expect(names('Second')).to.deep.equal(['two', 'executeBatch']);
        const receipts = decodeReceipts(
            await ledger.submit('Second:executeBatch', [encodeBatch([call('one'), call('two')])]),
        );
        expect(show(receipts)).to.deep.equal(['CHAINCODE_FUNCTION_UNKNOWN', '0']);
    });
});
