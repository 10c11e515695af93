import { ReadWriteSetBuilder } from '@goodput/rwset';
import { expect } from 'chai';
import sinon from 'sinon';
import type { ClientOptions } from '../client/options.js';
import type { Receipt } from '../client/receipt.js';
import { fakeClient, type FakeClient } from '../test-support/fake-client.js';
import { FakeNetwork } from '../test-support/fake-network.js';
import { ReadableNetwork, type Readable } from '../test-support/readable-network.js';
import type { Call, CallLimits, Endorsed } from '../transport/transport.js';
import { catchUpPause } from './catch-up.js';
import { KnownWrites } from './known-writes.js';

const chaincode = 'counters';
/** The stream has shown it; a peer that has not got it answers from block 1. */
const shown = { blockNum: 7, txNum: 0 };

/** A network whose endorsers may lack the last block. */
class LaggingNetwork extends ReadableNetwork {
    /** Endorsements that will still rest on old state. */
    behind = 0;
    readonly avoided: (string | undefined)[] = [];

    override async endorse(call: Call, limits?: CallLimits): Promise<Endorsed> {
        this.avoided.push(limits?.avoid);
        const endorsed = await super.endorse(call);
        return { ...endorsed, peer: avoidable(limits?.avoid) };
    }

    protected override readableOf(call: Call, transactionId: string): Readable {
        const readable = super.readableOf(call, transactionId);
        if (this.behind === 0) return { ...readable, version: shown };
        this.behind -= 1;
        return readable;
    }
}

/** There are two peers. */
function avoidable(avoid: string | undefined): string {
    return avoid === 'one' ? 'other' : 'one';
}

describe('ordering transactions by what they read and write', () => {
    let time: sinon.SinonFakeTimers;
    beforeEach(() => {
        time = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    });
    afterEach(() => {
        time.restore();
    });

    /** Everything that can happen without time passing does. */
    const rest = async (): Promise<void> => {
        for (let n = 0; n < 100; n++) await new Promise((resolve) => setImmediate(resolve));
    };
    const pass = async (ms: number, step = 20): Promise<void> => {
        for (let passed = 0; passed < ms; passed += step) {
            await time.tickAsync(step);
            for (let n = 0; n < 4; n++) await new Promise((resolve) => setImmediate(resolve));
        }
    };
    const following = (network: FakeNetwork, options: ClientOptions = {}): FakeClient => {
        const knownWrites = new KnownWrites();
        knownWrites.begin(0n);
        knownWrites.add([{ namespace: chaincode, key: 'k', version: shown }]);
        return fakeClient(network, { strategy: 'reorder', ...options }, true, { knownWrites });
    };
    const codeOf = (receipt: Receipt): string =>
        receipt.outcome === 'committed' ? 'committed' : receipt.error.code;

    it('waits for an endorser that lags behind the block stream, and counts no attempt for it', async () => {
        const network = new LaggingNetwork();
        network.behind = 6;
        const client = following(network);
        const ticket = await client.contract().submitAsync('add', ['k', '1']);
        await rest();
        expect(network.endorsements, 'without time passing').to.equal(1);
        expect(ticket.status).to.equal('queued');
        expect(client.engine.dispatcher.transactions).to.equal(0);
        // 25 + 50 + 100 + 200 + 400 + 800 ms at most, half of that at least.
        await pass(700);
        expect(network.endorsements).to.be.below(7);
        await pass(1_000);
        const receipt = await ticket.receipt;
        expect([codeOf(receipt), receipt.attempts]).to.deep.equal(['committed', 1]);
        expect(network.endorsements).to.equal(7);
        expect(client.engine.orderedCounts).to.include({ behind: 6, abortedEarly: 6, ordered: 1 });
    });

    it('asks another peer than the one that answered from old state', async () => {
        const network = new LaggingNetwork();
        network.behind = 2;
        const ticket = await following(network).contract().submitAsync('add', ['k', '1']);
        await pass(200);
        await ticket.receipt;
        expect(network.avoided).to.deep.equal([undefined, 'one', 'other']);
    });

    it('pays for it from the retry budget, and with nothing left waits longer rather than give up', async () => {
        const network = new LaggingNetwork();
        network.behind = Infinity;
        const client = following(network, { retry: { budgetCap: 2, budgetRatio: 0 } });
        const ticket = await client.contract().submitAsync('add', ['k', '1']);
        await pass(200);
        expect(network.endorsements).to.equal(3);
        network.behind = 0;
        await pass(catchUpPause.maxMs / 2 - 200);
        expect(network.endorsements).to.equal(3);
        await pass(catchUpPause.maxMs);
        expect(codeOf(await ticket.receipt)).to.equal('committed');
    });

    it('gives up on endorsers that stay behind, and says that nothing was sent', async () => {
        const network = new LaggingNetwork();
        network.behind = Infinity;
        const client = following(network, { timeouts: { unavailableMs: 10_000 } });
        const ticket = await client.contract().submitAsync('add', ['k', '1']);
        await pass(13_000, 100);
        const receipt = await ticket.receipt;
        expect([codeOf(receipt), receipt.attempts, network.submissions]).to.deep.equal([
            'GATEWAY_ENDORSER_BEHIND',
            0,
            0,
        ]);
        expect(receipt.outcome === 'failed' && receipt.error.retryable).to.equal(true);
        expect(network.endorsements).to.be.below(20);
    });

    it('lets the caller give up meanwhile, at once', async () => {
        const network = new LaggingNetwork();
        network.behind = Infinity;
        const client = following(network);
        const contract = client.contract();
        const abort = new AbortController();
        const tickets = [
            await contract.submitAsync('add', ['k', '1'], { signal: abort.signal }),
            await contract.submitAsync('add', ['k', '1'], { timeoutMs: 3_000 }),
        ];
        await pass(2_000);
        abort.abort();
        expect(codeOf(await tickets[0]!.receipt)).to.equal('GATEWAY_CANCELLED');
        expect(client.engine.held.operations).to.equal(1);
        await pass(1_040);
        expect(codeOf(await tickets[1]!.receipt)).to.equal('GATEWAY_DEADLINE_PASSED');
        const asked = network.endorsements;
        await pass(5_000, 100);
        expect([client.engine.held.operations, network.endorsements]).to.deep.equal([0, asked]);
    });

    it('endorses what will be overwritten again when that has its verdict, and not before', async () => {
        const network = new LaggingNetwork(500);
        const client = fakeClient(network, { strategy: 'reorder' });
        const contract = client.contract();
        const first = await contract.submitAsync('add', ['k', '1']);
        await pass(20);
        expect(first.status).to.equal('ordering');
        const second = await contract.submitAsync('add', ['k', '1']);
        await pass(400);
        await rest();
        expect(network.endorsements).to.equal(2);
        await pass(1_000);
        expect(codeOf(await second.receipt)).to.equal('committed');
        expect([network.endorsements, network.chain.length]).to.deep.equal([3, 2]);
    });

    it('does not take a key that was deleted for one that its endorser has yet to see', () => {
        const known = new KnownWrites();
        known.begin(0n);
        known.add([{ namespace: chaincode, key: 'k', version: shown, mayBeAbsent: true }]);
        const reading = (version?: typeof shown): boolean => {
            const builder = new ReadWriteSetBuilder();
            builder.addRead(chaincode, 'k', version);
            return known.isStale(builder.build().rwset);
        };
        expect([reading(undefined), reading({ blockNum: 6, txNum: 0 })]).to.deep.equal([
            false,
            true,
        ]);
    });
});
