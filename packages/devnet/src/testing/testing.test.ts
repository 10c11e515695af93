import { AssertionError } from 'node:assert';
import os from 'node:os';
import { expect } from 'chai';
import { Context, Contract } from 'fabric-contract-api';
import {
    conflict,
    expectCodes,
    expectReadWriteSet,
    readWriteSet,
    TestClient,
    TestClock,
    type TestProposal,
    useNetwork,
    withManualBlocks,
} from './index.js';

async function read(context: Context, key: string): Promise<string> {
    return Buffer.from(await context.stub.getState(key)).toString();
}

let calls = 0;

/** Counts, and does on request what a contract must not do. */
class KitContract extends Contract {
    constructor() {
        super('kit');
    }

    async put(context: Context, key: string, value: string): Promise<void> {
        await context.stub.putState(key, Buffer.from(value));
    }

    get(context: Context, key: string): Promise<string> {
        return read(context, key);
    }

    async add(context: Context, key: string): Promise<string> {
        const sum = String(Number((await read(context, key)) || '0') + 1);
        await context.stub.putState(key, Buffer.from(sum));
        return sum;
    }

    async move(context: Context, from: string, to: string): Promise<void> {
        await context.stub.putState(to, Buffer.from(await read(context, from)));
        await context.stub.deleteState(from);
    }

    async count(context: Context, start: string, end: string): Promise<number> {
        const rows = await context.stub.getStateByRange(start, end);
        let count = 0;
        while (!(await rows.next()).done) count++;
        await rows.close();
        return count;
    }

    /** Puts under the hour of the transaction's own time. */
    async bucket(context: Context, value: string): Promise<string> {
        const hour = context.stub.getDateTimestamp().toISOString().slice(0, 13);
        await context.stub.putState(`bucket-${hour}`, Buffer.from(value));
        return hour;
    }

    async now(context: Context, key: string): Promise<void> {
        await context.stub.putState(key, Buffer.from(new Date().toISOString()));
    }

    async dice(context: Context, key: string): Promise<void> {
        await context.stub.putState(key, Buffer.from(String(Math.random())));
    }

    async local(context: Context, key: string): Promise<void> {
        const day = new Date(Date.UTC(2026, 0, 1)).getHours();
        await context.stub.putState(key, Buffer.from(String(day)));
    }

    async host(context: Context, key: string): Promise<void> {
        await context.stub.putState(key, Buffer.from(os.hostname()));
    }

    /** What only this machine says. */
    async machine(context: Context, key: string, which: string): Promise<void> {
        const said: Readonly<Record<string, () => unknown>> = {
            sorted: () => ['z', 'ä'].sort((a, b) => a.localeCompare(b)).join(),
            number: () => (1234.5).toLocaleString(),
            formatted: () => new Intl.NumberFormat().format(1234.5),
            capital: () => 'i'.toLocaleUpperCase(),
            folder: () => process.cwd(),
            uptime: () => Math.floor(process.uptime()),
            processors: () => os.cpus().length,
            set: () => process.env['PATH'],
            unset: () => process.env['FEE_OF_NO_ONE'] ?? '1',
        };
        await context.stub.putState(key, Buffer.from(String(said[which]?.())));
    }

    async remembered(context: Context, key: string): Promise<void> {
        await context.stub.putState(key, Buffer.from(String(++calls)));
    }

    fail(_context: Context, message: string): Promise<void> {
        return Promise.reject(new Error(message));
    }
}

const chaincodes = [{ name: 'kit', contracts: [KitContract] }];

async function failureOf(work: Promise<unknown>): Promise<Error & { code?: string }> {
    try {
        await work;
    } catch (error) {
        return error as Error;
    }
    throw new Error('It was expected to fail, and did not.');
}

describe('the test kit’s network', () => {
    const fabric = useNetwork({
        chaincodes,
        organizations: ['Org1MSP', 'Org2MSP'],
        prepare: async (fixture) => {
            await fixture.contract('kit').submit('put', 'prepared', 'yes');
        },
    });

    it('commits what is submitted', async () => {
        const kit = fabric.contract('kit');
        const outcome = await kit.submit('add', 'a');
        expect(outcome).to.include({ code: 'VALID', result: '1' });
        expect(await kit.evaluate('get', 'a')).to.equal('1');
    });

    for (const time of ['first', 'second']) {
        it(`is for each test as it was prepared, the ${time} time`, async () => {
            const kit = fabric.contract('kit');
            expect(await kit.evaluate('get', 'prepared')).to.equal('yes');
            expect(await kit.evaluate('get', 'once')).to.equal('');
            const { height } = fabric.network.channel().ledger;
            const { block } = await kit.submit('put', 'once', 'x');
            expect(block).to.equal(height);
            await kit.submit('put', 'prepared', 'no');
        });
    }

    it('can be reset and kept within a test', async () => {
        const kit = fabric.contract('kit');
        await kit.submit('put', 'kept', '1');
        await fabric.keep();
        await kit.submit('put', 'kept', '2');
        await fabric.reset();
        expect(await kit.evaluate('get', 'kept')).to.equal('1');
    });

    it('is called by any of its users', async () => {
        await fabric.network.organization('Org2MSP').enrol({ name: 'zoe' });
        const outcome = await fabric
            .contract('kit', { mspId: 'Org2MSP', user: 'zoe' })
            .submit('put', 'z', '1');
        expect(outcome.code).to.equal('VALID');
        expect(() => new TestClient(fabric.network, { user: 'nobody' }))
            .to.throw('no user "nobody"')
            .with.property('code', 'DEVNET_OPTION_INVALID');
    });

    it('lets two transactions meet, in either order', async () => {
        const kit = fabric.contract('kit');
        const [reader, writer] = [
            () => kit.propose('move', 'm', 'n'),
            () => kit.propose('put', 'm', 'x'),
        ];
        expectCodes(await fabric.conflict(reader(), writer()), 'VALID', 'VALID');
        await fabric.reset();
        const outcomes = await fabric.conflict(writer(), reader());
        expectCodes(outcomes, 'VALID', 'MVCC_READ_CONFLICT');
        expect(outcomes[0]?.block).to.equal(outcomes[1]?.block);
    });

    it('lets many meet', async () => {
        const kit = fabric.contract('kit');
        const proposals = Array.from({ length: 10 }, () => kit.propose('add', 'hot'));
        const outcomes = await conflict(fabric.network, proposals);
        expect(outcomes.filter(({ code }) => code === 'VALID')).to.have.length(1);
        expect(new Set(outcomes.map(({ block }) => block)).size).to.equal(1);
    });

    it('takes proposals only, before anything is endorsed', async () => {
        const kit = fabric.contract('kit');
        const early = kit.endorse('add', 'early');
        const failure = await failureOf(
            fabric.conflict(kit.propose('add', 'early'), early as unknown as TestProposal),
        );
        expect(failure).to.have.property('code', 'DEVNET_OPTION_INVALID');
        expect(String(failure)).to.contain('must be a proposal, as `propose` makes it');
        await early;
    });

    it('puts endorsed transactions into one block', async () => {
        const kit = fabric.contract('kit');
        const [first, second] = [await kit.endorse('add', 'a'), await kit.endorse('add', 'b')];
        const outcomes = await fabric.inOneBlock(second, first);
        expectCodes(outcomes, 'VALID', 'VALID');
        expect(new Set(outcomes.map(({ block }) => block)).size).to.equal(1);
    });

    it('goes on cutting blocks by itself afterwards', async () => {
        const kit = fabric.contract('kit');
        await failureOf(
            withManualBlocks(fabric.network, () => Promise.reject(new Error('on purpose'))),
        );
        expectCodes(await kit.submit('add', 'after'), 'VALID');
    });

    it('lets conflicts be forced side by side, and within each other', async () => {
        const kit = fabric.contract('kit');
        const before = fabric.network.channel().orderer.settings;
        const meet = (key: string) =>
            fabric.conflict(kit.propose('add', key), kit.propose('add', key));
        const [one, two] = await Promise.all([meet('one'), meet('two')]);
        expectCodes(one, 'VALID', 'MVCC_READ_CONFLICT');
        expectCodes(two, 'VALID', 'MVCC_READ_CONFLICT');
        await withManualBlocks(fabric.network, async () => {
            expectCodes(await meet('three'), 'VALID', 'MVCC_READ_CONFLICT');
            expect(fabric.network.channel().orderer.settings.timeoutMs).to.equal('manual');
        });
        expect(fabric.network.channel().orderer.settings).to.deep.equal(before);
    });

    it('forgets at a reset what a test has deployed', async () => {
        await fabric.network.deploy({ name: 'passing', contracts: [KitContract] });
        const passing = fabric.contract('passing');
        expectCodes(await passing.submit('put', 'k', 'v'), 'VALID');
        await fabric.reset();
        const error = await failureOf(passing.submit('put', 'k', 'v'));
        expect(error.message).to.match(/failed|endorse/);
        await fabric.network.deploy({ name: 'passing', contracts: [KitContract] });
        expect(await passing.evaluate('get', 'k')).to.equal('');
    });

    it('repairs what a test has broken: one', () => {
        fabric.network.faults.stopOrderer();
        fabric.network.faults.failEndorser();
    });

    it('repairs what a test has broken: two', async () => {
        expectCodes(await fabric.contract('kit').submit('add', 'a'), 'VALID');
    });

    it('says of a verdict which one it was', async () => {
        const outcome = await fabric.contract('kit').submit('add', 'a');
        expect(() => {
            expectCodes(outcome, 'PHANTOM_READ_CONFLICT');
        }).to.throw(
            AssertionError,
            `Expected PHANTOM_READ_CONFLICT; the transactions ended as\n  VALID  ${outcome.txId.slice(0, 12)}… in block ${outcome.block}`,
        );
        expect(() => {
            expectCodes([outcome], 'VALID', 'VALID');
        }).to.throw(AssertionError, 'Expected VALID, VALID');
        expect(() => {
            expectCodes(outcome, 'VALIDD' as 'VALID');
        })
            .to.throw('no verdict')
            .with.property('code', 'DEVNET_OPTION_INVALID');
    });

    it('shows and checks read/write sets', async () => {
        const kit = fabric.contract('kit');
        await kit.submit('put', 'from', 'value');
        const transaction = await kit.endorse('move', 'from', 'to');
        expectReadWriteSet(transaction, {
            reads: ['from'],
            writes: { to: 'value', from: null },
            ranges: [],
        });
        expect(readWriteSet(transaction).reads['from']).to.match(/^\d+:0$/);
        expect(readWriteSet(transaction, 'other').writes).to.deep.equal({});
        expect(() => {
            expectReadWriteSet(transaction, { writes: { to: 'value' } });
        }).to.throw(AssertionError);
        expect(() => {
            expectReadWriteSet(transaction, { write: {} } as object);
        }).to.throw('no "write"');
        expect(() => {
            expectReadWriteSet(transaction, { chaincode: 'kid', reads: [] });
        }).to.throw('no chaincode "kid"; it touches _lifecycle, kit');
        const range = await kit.endorse('count', 'a', 'z');
        expectReadWriteSet(range, { ranges: [['a', 'z']], writes: {} });
    });
});

describe('the test kit’s clock', () => {
    const fabric = useNetwork({ chaincodes });

    it('is the system’s at first', () => {
        expect(Math.abs(fabric.clock.now().getTime() - Date.now())).to.be.lessThan(60_000);
    });

    it('takes contracts to any time', async () => {
        const kit = fabric.contract('kit');
        fabric.clock.set('2031-05-06T07:30:00Z');
        expect((await kit.submit('bucket', 'x')).result).to.equal('2031-05-06T07');
        fabric.clock.advance({ hours: 1 });
        expect((await kit.submit('bucket', 'x')).result).to.equal('2031-05-06T08');
        fabric.clock.advance({ days: 365, minutes: -60 });
        expect((await kit.submit('bucket', 'x')).result).to.equal('2032-05-05T07');
    });

    it('is the system’s again for the next test', async () => {
        const { result } = await fabric.contract('kit').submit('bucket', 'x');
        expect(result.slice(0, 4)).to.equal(String(new Date().getUTCFullYear()));
    });

    it('stands still once it is set', () => {
        const clock = new TestClock();
        clock.set(1000);
        clock.advance({ seconds: 2, milliseconds: 5 });
        expect(clock.now().getTime()).to.equal(3005);
        expect(() => {
            clock.set('never');
        }).to.throw(RangeError);
        clock.resume();
        expect(clock.now().getTime()).to.be.greaterThan(3005);
    });
});

describe('the test kit’s check for determinism', () => {
    const fabric = useNetwork({ chaincodes, organizations: ['Org1MSP', 'Org2MSP'] });

    it('lets pass what decides by the ledger and its arguments', async () => {
        const kit = fabric.contract('kit');
        for (const proposal of [
            kit.propose('put', 'k', 'v'),
            kit.propose('add', 'k'),
            kit.propose('bucket', 'v'),
            kit.propose('count', 'a', 'z'),
        ]) {
            await fabric.expectDeterministic(proposal);
        }
    });

    const faults: [string, string][] = [
        ['now', 'It depends on the system clock.'],
        ['dice', 'It depends on random numbers.'],
        ['local', 'It depends on the time zone.'],
        ['host', 'It depends on the host name.'],
        ['remembered', 'is not deterministic'],
    ];
    for (const [name, message] of faults) {
        it(`says what is wrong with ${name}`, async () => {
            const proposal = fabric.contract('kit').propose(name, 'key');
            const error = await failureOf(fabric.expectDeterministic(proposal));
            expect(error).to.be.instanceOf(AssertionError);
            expect(error.message).to.contain(`${name}(key) is not deterministic`);
            expect(error.message).to.contain('write to key "key"');
            expect(error.message).to.contain(message);
        });
    }

    const machine: [string, string][] = [
        ['sorted', 'the locale'],
        ['number', 'the locale'],
        ['formatted', 'the locale'],
        ['capital', 'the locale'],
        ['folder', 'the working directory'],
        ['uptime', 'how long the process runs'],
        ['processors', 'the number of processors'],
        ['set', 'environment variables'],
        ['unset', 'environment variables'],
    ];
    for (const [which, cause] of machine) {
        it(`sees that a call depends on ${cause}: ${which}`, async () => {
            const proposal = fabric.contract('kit').propose('machine', 'key', which);
            const { message } = await failureOf(fabric.expectDeterministic(proposal));
            expect(message).to.contain(`It depends on ${cause}.`);
        });
    }

    it('leaves everything as it was', async () => {
        const holders: readonly [object, string][] = [
            [globalThis, 'Date'],
            [Math, 'random'],
            [process, 'env'],
            [process, 'cwd'],
            [process, 'uptime'],
            [process, 'pid'],
            [os, 'hostname'],
            [os, 'cpus'],
            [Intl, 'Collator'],
            [Intl, 'NumberFormat'],
            [String.prototype, 'localeCompare'],
            [Number.prototype, 'toLocaleString'],
            [process.env, 'TZ'],
            [process.env, 'HOSTNAME'],
        ];
        const seen = (): unknown[] =>
            holders.map(
                ([holder, name]) => Object.getOwnPropertyDescriptor(holder, name)?.value as unknown,
            );
        const before = seen();
        await failureOf(fabric.expectDeterministic(fabric.contract('kit').propose('now', 'k')));
        const after = seen();
        expect(after.every((each, index) => each === before[index])).to.equal(true);
        expect(await fabric.contract('kit').evaluate('get', 'k')).to.equal('');
    });

    it('has nothing to say of a call that fails', async () => {
        const proposal = fabric.contract('kit').propose('fail', 'no such luck');
        const error = await failureOf(fabric.expectDeterministic(proposal));
        expect(error.code).to.equal('DEVNET_ENDORSEMENT_FAILED');
        expect(error.message).to.contain('no such luck');
    });
});

describe('the test kit outside of a suite’s hooks', () => {
    const fabric = useNetwork({ chaincodes, reset: 'never' });
    let early: Error | undefined;
    try {
        fabric.contract('kit');
    } catch (error) {
        early = error as Error;
    }

    it('says that the network is not there yet', () => {
        expect(early).to.have.property('code', 'DEVNET_STOPPED');
    });

    it('does not reset what is not to be reset: one', async () => {
        await fabric.contract('kit').submit('put', 'stays', 'here');
    });

    it('does not reset what is not to be reset: two', async () => {
        expect(await fabric.contract('kit').evaluate('get', 'stays')).to.equal('here');
    });
});
