import { expect } from 'chai';
import type { GatewayError } from '../errors.js';
import { fakeClient, counterFunctions } from '../test-support/fake-client.js';
import { FakeNetwork } from '../test-support/fake-network.js';
import type { Contract } from './contract.js';
import type { ClientOptions, ContractOptions, Submission } from './options.js';
import { settingsOf } from './settings.js';

/** What JavaScript, or a configuration file, passes without a compiler that objects. */
const loose = (value: unknown): never => value as never;

describe('options', () => {
    let network: FakeNetwork;
    let contract: Contract;
    beforeEach(() => {
        network = new FakeNetwork();
        contract = fakeClient(network).contract({ functions: counterFunctions });
    });

    const refused = async (promise: Promise<unknown>, why: RegExp): Promise<void> => {
        const error = await promise.then(
            () => undefined,
            (thrown: unknown) => thrown as GatewayError,
        );
        expect(error, String(why)).to.have.property('code', 'GATEWAY_OPTIONS_INVALID');
        expect(error?.message).to.match(why);
        expect(network.endorsements).to.equal(0);
    };

    it('of a client are refused when they are misspelt or no number of their kind', () => {
        const wrong: [unknown, RegExp][] = [
            [5, /must be an object/],
            [{ latency: 5 }, /no "latency"; there is .*latencyMs/],
            [{ latencyMs: '5' }, /latencyMs.*got "5"/],
            [{ queue: { operation: 5 } }, /queue: there is no "operation"; there is operations/],
            [{ queue: 5 }, /queue must be an object/],
            [{ batch: { lanes: 1.5 } }, /batch.lanes must be a whole number/],
            [{ batch: { keys: NaN } }, /batch.keys/],
            [{ timeouts: { commitMs: Infinity } }, /at most 2147483647/],
            [{ retry: { attempt: 3 } }, /no "attempt"/],
            [{ retry: { maxMs: 1e12 } }, /retry.maxMs must be at most/],
            [{ cache: { entries: Infinity } }, /cache.entries must be at most/],
            [{ cache: {}, wholeBlocks: false }, /needs whole blocks/],
            [{ outbox: 'var/outbox' }, /outbox/],
            [{ outbox: { folder: 'x' } }, /no "folder"/],
            [{ outbox: { path: 'x', keepMs: NaN } }, /outbox.keepMs/],
            [{ outbox: null }, /outbox must be an object/],
            [{ outbox: { path: 'x', sync: 'no' } }, /outbox.sync must be true or false/],
            [{ outbox: { path: 'x', onRecovered: 5 } }, /outbox.onRecovered must be a function/],
            [{ cache: null }, /cache must be an object/],
            [{ cache: { secondLevel: { get: () => undefined } } }, /no method set, delete/],
            [{ signer: { mspId: 'Org1MSP' } }, /signer has no method signer/],
            [{ signer: { signer: () => undefined } }, /signer.mspId must be a text/],
            [{ identity: 5 }, /identity must be a text/],
            [{ wholeBlocks: 1 }, /wholeBlocks must be true or false/],
            [{ tracing: 'off' }, /tracing must be true or false/],
            [{ logger: null }, /no method debug, info, warn, error/],
            [{ logger: { info: () => undefined } }, /no method debug, warn, error/],
        ];
        for (const [options, why] of wrong) {
            expect(() => settingsOf(loose(options)), JSON.stringify(options)).to.throw(why);
        }
    });

    it('of a client may be named and left open', () => {
        const open = { queue: { operations: undefined }, retry: { attempts: undefined } };
        expect(settingsOf(open as unknown as ClientOptions)).to.deep.equal(settingsOf({}));
    });

    it('of a contract are refused when they are misspelt or of the wrong form', () => {
        const client = fakeClient(network);
        const wrong: [unknown, RegExp][] = [
            [null, /must be an object/],
            [{ function: {} }, /no "function"; there is .*functions/],
            [{ contract: '' }, /contract must be a text/],
            [{ functions: { add: { key: () => [] } } }, /functions.add: there is no "key"/],
            [{ functions: { add: { keys: ['k'] } } }, /functions.add.keys must be a function/],
            [{ functions: { add: { cache: { ttlMs: -1 } } } }, /cache.ttlMs/],
            [{ functions: { add: { cache: { ttl: 1 } } } }, /no "ttl"/],
        ];
        for (const [options, why] of wrong) {
            expect(() => client.contract(loose(options)), JSON.stringify(options)).to.throw(why);
        }
    });

    it('of a submission are refused before anything is kept of it', async () => {
        const wrong: [unknown, RegExp][] = [
            [null, /must be an object/],
            [{ timeout: 5 }, /no "timeout"; there is timeoutMs/],
            [{ transientData: {} }, /no "transientData"/],
            [{ transient: { a: 1 } }, /transient value "a"/],
            [{ transient: 'secret' }, /transient must be an object/],
            [{ transient: null }, /transient must be an object/],
            [{ keys: Promise.resolve(['k']) }, /keys must be keys, got a promise/],
            [{ id: 17 }, /id must be a text/],
            [{ id: 'half \ud800' }, /id must be a text/],
            [{ caller: 5 }, /caller must be a text/],
            [{ signal: {} }, /must be an AbortSignal/],
            [{ endorsingOrganizations: 'Org1MSP' }, /must be a list of texts/],
            [{ keys: 'k' }, /keys must be a list/],
            [{ keys: [1] }, /keys must be a list/],
            [{ keys: null }, /keys must be an object/],
            [{ keys: { write: ['k'] } }, /no "write"; there is reads, writes/],
        ];
        for (const [options, why] of wrong) {
            await refused(contract.submit('add', ['k', '1'], loose(options)), why);
        }
        const own: ContractOptions = { functions: { add: { keys: () => loose(undefined) } } };
        await refused(fakeClient(network).contract(own).submit('add'), /returned must be/);
        const late = { add: { keys: () => loose(Promise.reject(new Error('late'))) } };
        const asks = fakeClient(network).contract({ functions: late });
        await refused(asks.submit('add'), /returned must be keys, got a promise/);
        expect(fakeClient(network).engine.held.operations).to.equal(0);
    });

    it('and arguments of a call are told apart', async () => {
        await refused(
            contract.submit('add', loose('k'), loose('1')),
            /submit\('f', \['a', 'b'\]\)/,
        );
        await refused(contract.submit('add', loose(null)), /must be one list/);
        await refused(contract.evaluate('get', loose([1])), /Argument 0 of get/);
        await refused(contract.evaluate('get', ['k'], loose({ timeout: 1 })), /no "timeout"/);
        await refused(contract.evaluate('get', ['k'], { timeoutMs: NaN }), /timeoutMs/);
        await refused(contract.read('get', loose('k')), /must be one list/);
    });

    it('of one among many cost nobody else the receipt', async () => {
        const submissions: Submission[] = [
            { transaction: 'add', args: ['k', '1'] },
            { transaction: 'add', args: loose(['k', 1]), id: 'mine' },
            loose(null),
            { transaction: 'add', args: ['k', '1'] },
        ];
        const receipts = await contract.submitMany(submissions);
        expect(receipts.map(({ outcome }) => outcome)).to.deep.equal([
            'committed',
            'failed',
            'failed',
            'committed',
        ]);
        const [, failed] = receipts;
        expect(failed).to.include({ id: 'mine', attempts: 0 });
        expect(failed?.outcome === 'failed' && failed.error.code).to.equal(
            'GATEWAY_OPTIONS_INVALID',
        );
        expect(network.value('k')).to.equal(2);
    });

    it('of one among many hold from when it was handed over, not from when there is room', async () => {
        const small = fakeClient(network, { queue: { operations: 1 } });
        small.engine.hold();
        const giveUp = new AbortController();
        const many = small.contract().submitMany([
            { transaction: 'add', args: ['k', '1'] },
            { transaction: 'add', args: ['k', '1'], timeoutMs: 50 },
            { transaction: 'add', args: ['k', '1'], signal: giveUp.signal },
        ]);
        setTimeout(() => {
            giveUp.abort();
        }, 100);
        // Long before the queue has room, and before it would be asked again.
        await new Promise((resolve) => setTimeout(resolve, 200));
        small.engine.release();
        const receipts = await many;
        expect(
            receipts.map((receipt) => (receipt.outcome === 'failed' ? receipt.error.code : '')),
        ).to.deep.equal(['', 'GATEWAY_DEADLINE_PASSED', 'GATEWAY_CANCELLED']);
        expect(network.value('k')).to.equal(1);
    });

    it('refuse for good what the queue could never hold', async () => {
        const small = fakeClient(network, { queue: { bytes: 100 } }).contract();
        const args = ['k', '1'.repeat(200)];
        const [receipt] = await small.submitMany([{ transaction: 'add', args }]);
        const error = receipt?.outcome === 'failed' ? receipt.error : undefined;
        expect(error).to.include({ code: 'GATEWAY_TOO_LARGE', retryable: false });
    });
});
