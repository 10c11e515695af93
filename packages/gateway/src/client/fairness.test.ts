import { status as Grpc } from '@grpc/grpc-js';
import { expect } from 'chai';
import sinon from 'sinon';
import type { GatewayError } from '../errors.js';
import { counterFunctions, fakeClient, type FakeClient } from '../test-support/fake-client.js';
import { FakeNetwork, grpcError } from '../test-support/fake-network.js';
import { until } from '../test-support/until.js';
import type { Call, CallLimits, Endorsed } from '../transport/transport.js';
import type { StrategyChoice } from './options.js';
import type { Receipt } from './receipt.js';
import type { Ticket } from './ticket.js';

const functions = counterFunctions;

/** What happens to the chaincode `sick`. */
const troubles: Readonly<Record<string, (timeoutMs: number) => Promise<Endorsed>>> = {
    'is down': () => Promise.reject(grpcError(Grpc.UNAVAILABLE, 'connection refused')),
    hangs: (timeoutMs) =>
        new Promise((_, reject) => {
            const late = setTimeout(() => {
                reject(grpcError(Grpc.DEADLINE_EXCEEDED, 'deadline exceeded'));
            }, timeoutMs);
            late.unref();
        }),
};

class HalfSickNetwork extends FakeNetwork {
    constructor(readonly trouble: (timeoutMs: number) => Promise<Endorsed>) {
        super();
    }

    override endorse(call: Call, limits?: CallLimits): Promise<Endorsed> {
        if (call.chaincode !== 'sick') return super.endorse(call);
        return this.trouble(limits?.timeoutMs ?? 0);
    }
}

/** Submits until the queue takes no more. */
async function fill(
    client: FakeClient,
    chaincode: string,
    options: { strategy: StrategyChoice; signal?: AbortSignal },
): Promise<Ticket[]> {
    const contract = client.contract({ functions }, chaincode);
    const tickets: Ticket[] = [];
    for (;;) {
        try {
            const args = [`${chaincode}${tickets.length}`, '1'];
            tickets.push(await contract.submitAsync('add', args, options));
        } catch (error) {
            expect((error as GatewayError).code).to.equal('QUEUE_FULL');
            return tickets;
        }
    }
}

const outcomes = (receipts: readonly Receipt[]): string[] => [
    ...new Set(receipts.map(({ outcome }) => outcome)),
];

describe('a chaincode that is well, beside one that is not', function () {
    this.timeout(180_000);
    const limits = { queue: { operations: 800 }, concurrency: { transactions: 40 } };

    for (const [what, trouble] of Object.entries(troubles)) {
        for (const strategy of ['retry', 'serialize', 'merge', 'reorder', 'auto'] as const) {
            it(`is served with ${strategy} while the other ${what} and has filled the queue`, async () => {
                const network = new HalfSickNetwork(trouble);
                const client = fakeClient(network, limits);
                const sick = await fill(client, 'sick', { strategy });
                expect(sick).to.have.length(limits.queue.operations);
                const { dispatcher } = client.engine;
                if (strategy === 'merge' || strategy === 'auto') {
                    await until(() => dispatcher.transactions > 0);
                } else {
                    // Alone, the other has every transaction there is, where each takes one.
                    const all = limits.concurrency.transactions;
                    await until(() => dispatcher.transactions >= all);
                    expect(dispatcher.transactions).to.equal(all);
                }
                for (let round = 0; round < 3; round++) {
                    const before = network.height;
                    const well = await fill(client, 'well', { strategy });
                    // An eighth is its own, and comes free with each receipt.
                    expect(well.length).to.be.within(100, 800);
                    const receipts = await Promise.all(well.map(({ receipt }) => receipt));
                    expect(outcomes(receipts)).to.deep.equal(['committed']);
                    // Five transactions at a time are its own: an eighth of forty.
                    expect(Number(network.height - before)).to.be.at.most(well.length);
                }
                expect(sick.every(({ status }) => status !== 'committed')).to.equal(true);
                await client.engine.drain(0);
            });
        }
    }

    it('is tried again after conflicts, however many the other has had', async () => {
        const network = new FakeNetwork();
        const retry = { attempts: 50, budgetCap: 20, budgetRatio: 0 };
        const client = fakeClient(network, { strategy: 'retry', retry });
        const add = (count: number) =>
            Array.from({ length: count }, () => ({ transaction: 'add', args: ['hot', '1'] }));
        const sick = await client.contract({ functions }, 'sick').submitMany(add(60));
        expect(outcomes(sick)).to.include('failed');
        const well = await client.contract({ functions }, 'well').submitMany(add(4));
        expect(outcomes(well)).to.deep.equal(['committed']);
    });
});

describe('a deadline', () => {
    it('holds although its timer comes early, as timers do when the event loop was busy', async () => {
        const network = new HalfSickNetwork(troubles['hangs']!);
        const client = fakeClient(network, { timeouts: { endorseMs: 60_000 } });
        const contract = client.contract({ functions }, 'sick');
        const timers = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
        try {
            const options = { strategy: 'retry', timeoutMs: 50 } as const;
            const ticket = await contract.submitAsync('add', ['k', '1'], options);
            const over = performance.now() + 50;
            timers.tick(51);
            while (performance.now() < over) await new Promise(setImmediate);
            timers.tick(51);
            const receipt = await ticket.receipt;
            expect(receipt.outcome === 'failed' && receipt.error.code).to.equal(
                'GATEWAY_DEADLINE_PASSED',
            );
        } finally {
            timers.restore();
        }
        await client.engine.drain(0);
    });
});

describe('operations that are given up during an outage', function () {
    this.timeout(180_000);

    for (const [what, trouble] of Object.entries(troubles)) {
        for (const strategy of ['retry', 'serialize', 'merge', 'reorder', 'auto'] as const) {
            it(`have their receipts and make room with ${strategy} when the chaincode ${what}`, async () => {
                const network = new HalfSickNetwork(trouble);
                const client = fakeClient(network, {
                    queue: { operations: 300 },
                    // What shares a transaction leaves it when an attempt at it has failed.
                    timeouts: {
                        endorseMs: strategy === 'merge' || strategy === 'auto' ? 20 : 60_000,
                    },
                });
                const abort = new AbortController();
                const cancelled = await fill(client, 'sick', { strategy, signal: abort.signal });
                expect(client.engine.held.operations).to.equal(300);
                // Some are on their way to the peer that does not answer.
                await until(() => client.engine.dispatcher.transactions > 0);
                abort.abort();
                const receipts = await Promise.all(cancelled.map(({ receipt }) => receipt));
                const codes = receipts.map((each) => each.outcome === 'failed' && each.error.code);
                expect([...new Set(codes)]).to.deep.equal(['GATEWAY_CANCELLED']);
                expect(client.engine.held).to.deep.equal({ operations: 0, bytes: 0 });

                const contract = client.contract({ functions }, 'sick');
                const late = await contract.submitAsync('add', ['late', '1'], {
                    strategy,
                    timeoutMs: 15,
                });
                const receipt = await late.receipt;
                expect(receipt.outcome === 'failed' && receipt.error.code).to.equal(
                    'GATEWAY_DEADLINE_PASSED',
                );
                expect([client.engine.held.operations, network.submissions]).to.deep.equal([0, 0]);
                await client.engine.drain(0);
            });
        }
    }
});
