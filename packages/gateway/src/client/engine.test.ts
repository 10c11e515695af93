import { status as Grpc } from '@grpc/grpc-js';
import { expect } from 'chai';
import fc from 'fast-check';
import sinon from 'sinon';
import type { GatewayError } from '../errors.js';
import { counterFunctions, fakeClient } from '../test-support/fake-client.js';
import { FakeNetwork, grpcError } from '../test-support/fake-network.js';
import { until } from '../test-support/until.js';
import type { StrategyChoice, Submission } from './options.js';
import { comparePositions, type CommittedReceipt, type Receipt } from './receipt.js';

const add = (key: string, count: number): Submission[] =>
    Array.from({ length: count }, () => ({ transaction: 'add', args: [key, '1'] }));

function outcomes(receipts: readonly Receipt[]): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const receipt of receipts) {
        const name = receipt.outcome === 'committed' ? 'committed' : receipt.error.code;
        counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
    try {
        await promise;
    } catch (error) {
        return (error as GatewayError).code;
    }
    return 'nothing thrown';
}

describe('submitting', function () {
    this.timeout(180_000);

    it('commits one of many direct increments of a key a block, and says so of the others', async () => {
        const network = new FakeNetwork();
        const contract = fakeClient(network, { strategy: 'direct' }).contract();
        const counts = outcomes(await contract.submitMany(add('k', 20)));
        expect(counts['committed']).to.equal(network.value('k'));
        expect(counts['GATEWAY_MVCC_CONFLICT']).to.be.greaterThan(10);
    });

    for (const strategy of ['serialize', 'merge', 'auto'] as const) {
        it(`commits every increment of one key with ${strategy}, without a conflict`, async () => {
            const network = new FakeNetwork();
            const client = fakeClient(network, { strategy });
            const contract = client.contract({ functions: counterFunctions });
            const receipts = await contract.submitMany(add('k', 100));
            expect(outcomes(receipts)).to.deep.equal({ committed: 100 });
            expect(network.value('k')).to.equal(100);
            expect(network.chain.every(({ code }) => code === 0)).to.equal(true);
            const results = receipts.map((receipt) => Number((receipt as CommittedReceipt).text()));
            expect(results).to.deep.equal(Array.from({ length: 100 }, (_, at) => at + 1));
        });
    }

    it('merges what meets on a key into few transactions', async () => {
        const network = new FakeNetwork();
        const client = fakeClient(network, { strategy: 'merge' });
        const contract = client.contract({ functions: counterFunctions });
        await contract.submitMany(add('k', 500));
        expect(network.chain.length).to.be.lessThan(10);
    });

    it('lets independent operations run on their own with auto', async () => {
        const network = new FakeNetwork();
        const contract = fakeClient(network).contract({ functions: counterFunctions });
        const submissions = Array.from({ length: 50 }, (_, at) => add(`k${at}`, 1)).flat();
        const receipts = await contract.submitMany(submissions);
        expect(outcomes(receipts)).to.deep.equal({ committed: 50 });
        expect(receipts.every(({ batchSize }) => batchSize === 1)).to.equal(true);
        expect(network.chain).to.have.length(50);
    });

    it('finds its way without knowing any keys', async () => {
        const network = new FakeNetwork();
        const client = fakeClient(network, { retry: { attempts: 50 } });
        const contract = client.contract();
        const receipts = await contract.submitMany(add('k', 300));
        expect(outcomes(receipts)).to.deep.equal({ committed: 300 });
        expect(network.value('k')).to.equal(300);
        const [explanation] = client.engine.explain();
        expect(explanation?.why).to.match(/keys are not known/);
    });

    it('serves a contract without the batch executor by lanes', async () => {
        const network = new FakeNetwork();
        const client = fakeClient(network, { strategy: 'merge' }, false);
        const contract = client.contract({ functions: counterFunctions });
        const receipts = await contract.submitMany(add('k', 10));
        expect(outcomes(receipts)).to.deep.equal({ committed: 10 });
        expect(receipts.map(({ strategy }) => strategy)).to.deep.equal(Array(10).fill('serialize'));
        expect(client.engine.explain()[0]?.why).to.match(/no batch executor/);
    });

    it('serves a contract that says it runs batches and then refuses one', async () => {
        const network = new FakeNetwork();
        network.faults.endorse = ({ transaction }) => {
            if (transaction !== 'executeBatch') return;
            throw grpcError(Grpc.ABORTED, 'failed to endorse', [
                'chaincode response 500, the function executeBatch does not exist',
            ]);
        };
        const client = fakeClient(network, { strategy: 'merge' });
        const contract = client.contract({ functions: counterFunctions });
        expect(outcomes(await contract.submitMany(add('k', 20)))).to.deep.equal({ committed: 20 });
        expect(outcomes(await contract.submitMany(add('k', 20)))).to.deep.equal({ committed: 20 });
        expect(client.engine.explain()[0]?.strategy).to.equal('serialize');
    });

    it('rejects only the operation that the contract refuses in a batch', async () => {
        const network = new FakeNetwork();
        const client = fakeClient(network, { strategy: 'merge' });
        const contract = client.contract({ functions: counterFunctions });
        const submissions = [
            ...add('k', 5),
            { transaction: 'refuse', args: ['k'] },
            ...add('k', 5),
        ];
        const receipts = await contract.submitMany(submissions);
        expect(outcomes(receipts)).to.deep.equal({ committed: 10, GATEWAY_CONTRACT_REJECTED: 1 });
        expect(receipts[5]?.outcome).to.equal('rejected');
        expect(network.value('k')).to.equal(10);
    });

    it('halves a batch that cannot be endorsed until the culprit stands alone', async () => {
        const network = new FakeNetwork();
        network.faults.endorse = (call) => {
            if (!call.args.some((arg) => String(arg).includes('poison'))) return;
            throw grpcError(Grpc.ABORTED, 'failed to endorse', ['chaincode stream terminated']);
        };
        const client = fakeClient(network, { strategy: 'merge' });
        const contract = client.contract();
        const submissions = [...add('k', 20), ...add('poison', 1), ...add('k', 20)];
        const receipts = await contract.submitMany(submissions);
        expect(outcomes(receipts)).to.deep.equal({ committed: 40, GATEWAY_ENDORSEMENT_FAILED: 1 });
        expect(receipts[20]?.outcome).to.equal('failed');
        expect(network.value('k')).to.equal(40);
    });

    it('learns a lost acknowledgement from the block and never applies it twice', async () => {
        const network = new FakeNetwork();
        let lost = 0;
        network.faults.acknowledge = () => {
            if (lost++ % 2 === 0) throw grpcError(Grpc.UNAVAILABLE, 'connection lost');
        };
        const client = fakeClient(network, { strategy: 'merge' });
        const contract = client.contract({ functions: counterFunctions });
        expect(outcomes(await contract.submitMany(add('k', 50)))).to.deep.equal({ committed: 50 });
        expect(network.value('k')).to.equal(50);
    });

    it('does not take a later refusal for the fate of what may have been sent before', async () => {
        const network = new FakeNetwork(60_000);
        let sent = 0;
        network.faults.submit = () => {
            if (++sent === 1) return;
            setImmediate(() => {
                network.cut();
            });
            throw grpcError(Grpc.PERMISSION_DENIED, 'access denied');
        };
        network.faults.acknowledge = () => {
            throw grpcError(Grpc.UNAVAILABLE, 'connection lost');
        };
        const receipt = await fakeClient(network).contract().submit('add', ['k', '1']);
        expect(sent).to.be.greaterThan(1);
        expect([receipt.outcome, receipt.text(), network.value('k')]).to.deep.equal([
            'committed',
            '1',
            1,
        ]);
    });

    it('sends the same transaction again when the orderer was not reached', async () => {
        const network = new FakeNetwork();
        let failures = 3;
        network.faults.submit = () => {
            if (failures-- > 0) throw grpcError(Grpc.UNAVAILABLE, 'no orderers available');
        };
        const contract = fakeClient(network, { strategy: 'retry' }).contract();
        const receipt = await contract.submit('add', ['k', '1']);
        expect([receipt.attempts, network.endorsements, network.value('k')]).to.deep.equal([
            1, 1, 1,
        ]);
    });

    it('tries an endorsement again while no peer is available', async () => {
        const network = new FakeNetwork();
        let failures = 3;
        network.faults.endorse = () => {
            if (failures-- > 0) throw grpcError(Grpc.UNAVAILABLE, 'connection refused');
        };
        const contract = fakeClient(network, { strategy: 'direct' }).contract();
        expect((await contract.submit('add', ['k', '1'])).text()).to.equal('1');
    });

    it('never retries what the contract refuses', async () => {
        const network = new FakeNetwork();
        const contract = fakeClient(network).contract();
        expect(await codeOf(contract.submit('refuse', ['because']))).to.equal(
            'GATEWAY_CONTRACT_REJECTED',
        );
        expect(network.chain).to.deep.equal([]);
    });

    it('gives up after the attempts that are allowed', async () => {
        const network = new FakeNetwork();
        const client = fakeClient(network, { strategy: 'retry', retry: { attempts: 3 } });
        network.faults.submit = () => {
            const { value = 0, version = 0 } = network.state.get('k') ?? {};
            network.state.set('k', { value, version: version + 1 });
        };
        const ticket = await client.contract().submitAsync('add', ['k', '1']);
        const receipt = await ticket.receipt;
        expect(receipt).to.include({ outcome: 'failed', attempts: 3 });
        expect(receipt.outcome === 'failed' && receipt.error.retryable).to.equal(true);
    });

    it('refuses what the queue cannot hold, with a hint, and keeps nothing of it', async () => {
        const network = new FakeNetwork();
        const client = fakeClient(network, { queue: { operations: 5 } });
        const contract = client.contract({ functions: counterFunctions });
        const tickets = await Promise.all(
            Array.from({ length: 5 }, () => contract.submitAsync('add', ['k', '1'])),
        );
        const refused = await contract
            .submitAsync('add', ['k', '1'])
            .catch((error: unknown) => error);
        expect(refused).to.include({ code: 'QUEUE_FULL', retryable: true });
        expect((refused as GatewayError).retryAfterMs).to.be.greaterThan(0);
        await Promise.all(tickets.map((ticket) => ticket.receipt));
        expect(client.engine.held).to.deep.equal({ operations: 0, bytes: 0 });
        expect(network.value('k')).to.equal(5);
    });

    it('lets submitMany wait for room in the queue', async () => {
        const network = new FakeNetwork();
        const client = fakeClient(network, { queue: { operations: 5 } });
        const contract = client.contract({ functions: counterFunctions });
        expect(outcomes(await contract.submitMany(add('k', 40)))).to.deep.equal({ committed: 40 });
    });

    it('cancels an operation that still waits, at once, and only that', async () => {
        const network = new FakeNetwork(60_000);
        const client = fakeClient(network, { strategy: 'serialize' });
        const contract = client.contract({ functions: counterFunctions });
        const first = await contract.submitAsync('add', ['k', '1']);
        await until(() => network.submissions === 1);
        const abort = new AbortController();
        const second = await contract.submitAsync('add', ['k', '1'], { signal: abort.signal });
        const third = await contract.submitAsync('add', ['k', '1']);
        abort.abort(new Error('changed my mind'));
        const receipt = await second.receipt;
        expect(receipt.outcome === 'failed' && receipt.error.code).to.equal('GATEWAY_CANCELLED');
        network.cut();
        expect((await first.receipt).outcome).to.equal('committed');
        await until(() => network.submissions === 2);
        network.cut();
        expect((await third.receipt).outcome).to.equal('committed');
        expect(network.value('k')).to.equal(2);
    });

    it('leaves out of a batch who has given up while no peer was available', async () => {
        const network = new FakeNetwork();
        let down = true;
        network.faults.endorse = () => {
            if (down) throw grpcError(Grpc.UNAVAILABLE, 'no peer');
        };
        const client = fakeClient(network, { strategy: 'merge' });
        const contract = client.contract({ functions: counterFunctions });
        const giveUp = new AbortController();
        const late = codeOf(contract.submit('add', ['k', '1'], { timeoutMs: 30 }));
        const { signal } = giveUp;
        const cancelled = codeOf(contract.submit('add', ['k', '1'], { signal }));
        const patient = contract.submitMany(add('k', 3));
        await until(() => client.engine.dispatcher.transactions > 0);
        giveUp.abort();
        expect(await cancelled).to.equal('GATEWAY_CANCELLED');
        expect(await late).to.equal('GATEWAY_DEADLINE_PASSED');
        down = false;
        expect(outcomes(await patient)).to.deep.equal({ committed: 3 });
        expect(network.value('k')).to.equal(3);
    });

    it('says of what a batch has sent that its outcome is unknown, whatever the deadlines', async () => {
        const time = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
        try {
            const network = new FakeNetwork(60_000);
            const timeouts = { commitMs: 50, outcomeMs: 600 };
            const client = fakeClient(network, { strategy: 'merge', timeouts });
            const contract = client.contract({ functions: counterFunctions });
            const submissions = add('k', 3).map((each) => ({ ...each, timeoutMs: 400 }));
            const receipts = contract.submitMany(submissions);
            await until(() => network.submissions > 0);
            await time.tickAsync(1_000);
            expect(outcomes(await receipts)).to.deep.equal({ GATEWAY_OUTCOME_UNKNOWN: 3 });
            network.cut();
            expect(network.value('k')).to.equal(3);
        } finally {
            time.restore();
        }
    });

    it('does not send an operation after its deadline', async () => {
        const network = new FakeNetwork(60_000);
        const client = fakeClient(network, { strategy: 'serialize' });
        const contract = client.contract({ functions: counterFunctions });
        const first = await contract.submitAsync('add', ['k', '1']);
        await until(() => network.submissions === 1);
        const late = await contract.submitAsync('add', ['k', '1'], { timeoutMs: 1 });
        const receipt = await late.receipt;
        expect(receipt.outcome === 'failed' && receipt.error.code).to.equal(
            'GATEWAY_DEADLINE_PASSED',
        );
        network.cut();
        await first.receipt;
        await client.engine.drain(10_000);
        expect(network.value('k')).to.equal(1);
    });

    it('does in order what one caller submits at once, however it is to be run', async () => {
        const network = new FakeNetwork();
        const contract = fakeClient(network).contract({ functions: counterFunctions });
        for (let round = 0; round < 3; round++) {
            const receipts = await Promise.all([
                contract.submit('add', ['k', '1']),
                contract.submit('add', ['k', Buffer.from('1')]),
                contract.submit('add', ['k', '1'], { strategy: 'serialize' }),
                contract.submit('add', ['k', '1']),
            ]);
            expect(receipts.map((receipt) => Number(receipt.text()) - 4 * round)).to.deep.equal([
                1, 2, 3, 4,
            ]);
        }
    });

    it('accepts nothing once it drains, and finishes what it had accepted', async () => {
        const network = new FakeNetwork();
        const client = fakeClient(network);
        const contract = client.contract({ functions: counterFunctions });
        const ticket = await contract.submitAsync('add', ['k', '1']);
        await client.engine.drain(10_000);
        expect(ticket.status).to.equal('committed');
        expect(await codeOf(contract.submit('add', ['k', '1']))).to.equal('GATEWAY_CLOSED');
    });

    it('takes on what was submitted just before it closed', async () => {
        const network = new FakeNetwork();
        const client = fakeClient(network);
        const submitted = client.contract().submitMany(add('k', 3));
        const one = client.contract().submit('add', ['k', '1']);
        const drained = client.engine.drain(10_000);
        expect((await one).outcome).to.equal('committed');
        await drained;
        expect(outcomes(await submitted)).to.deep.equal({ committed: 1, GATEWAY_CLOSED: 2 });
        expect(network.value('k')).to.equal(2);
    });

    it('gives a receipt to everything left when draining takes too long', async () => {
        const network = new FakeNetwork(100_000);
        const client = fakeClient(network, { strategy: 'serialize' });
        const contract = client.contract({ functions: counterFunctions });
        const tickets = await Promise.all(
            [1, 2].map(() => contract.submitAsync('add', ['k', '1'])),
        );
        await until(() => network.submissions === 1);
        await client.engine.drain(20);
        network.cut();
        const receipts = await Promise.all(tickets.map((ticket) => ticket.receipt));
        expect(outcomes(receipts)).to.deep.equal({ GATEWAY_OUTCOME_UNKNOWN: 1, GATEWAY_CLOSED: 1 });
    });

    it('sends nothing any more once it has said that nothing was sent', async () => {
        const network = new FakeNetwork();
        const client = fakeClient(network, { strategy: 'direct' });
        let endorsed = (): void => undefined;
        const endorse = network.endorse.bind(network);
        network.endorse = async (call) => {
            await new Promise<void>((resolve) => {
                endorsed = resolve;
            });
            return endorse(call);
        };
        const ticket = await client.contract().submitAsync('add', ['k', '1']);
        await until(() => ticket.status === 'endorsing');
        await client.engine.drain(0);
        expect(outcomes([await ticket.receipt])).to.deep.equal({ GATEWAY_CLOSED: 1 });
        endorsed();
        await until(() => client.engine.dispatcher.transactions === 0);
        expect([network.endorsements, network.submissions]).to.deep.equal([1, 0]);
    });

    it('waits for no verdict once it has given up', async () => {
        const network = new FakeNetwork(3_600_000);
        const client = fakeClient(network, { strategy: 'direct' });
        const ticket = await client.contract().submitAsync('add', ['k', '1']);
        await until(() => network.submissions > 0);
        await client.engine.drain(0);
        expect(outcomes([await ticket.receipt])).to.deep.equal({ GATEWAY_OUTCOME_UNKNOWN: 1 });
        await until(() => client.engine.dispatcher.transactions === 0);
        network.cut();
    });

    it('commits and says so whatever a logger or tracer throws', async () => {
        const warned: string[] = [];
        const listen = (warning: Error): void => {
            warned.push(warning.message);
        };
        process.on('warning', listen);
        const thrower = (): never => {
            throw new Error('of the application');
        };
        const observer = { accepted: thrower, transaction: thrower, settled: thrower };
        const client = fakeClient(new FakeNetwork(), {}, true, { observers: [observer] });
        const contract = client.contract({ functions: counterFunctions });
        expect(outcomes(await contract.submitMany(add('k', 20)))).to.deep.equal({ committed: 20 });
        await new Promise(setImmediate);
        process.off('warning', listen);
        expect(warned.join()).to.match(/of the application/);
    });

    it('refuses times that no timer can wait for', () => {
        for (const options of [
            { timeouts: { commitMs: Infinity } },
            { latencyMs: 1e12 },
            { retry: { attempts: -1 } },
        ]) {
            expect(() => fakeClient(new FakeNetwork(), options)).to.throw(/must be/);
        }
    });

    it('counts deadlines by a clock that nobody can set', async () => {
        const clock = sinon.useFakeTimers({ now: Date.now(), toFake: ['Date'] });
        try {
            const network = new FakeNetwork();
            const contract = fakeClient(network).contract();
            const ticket = await contract.submitAsync('add', ['k', '1'], { timeoutMs: 20_000 });
            clock.setSystemTime(Date.now() + 86_400_000);
            expect((await ticket.receipt).outcome).to.equal('committed');
        } finally {
            clock.restore();
        }
    });

    it('says what is wrong with arguments and options', async () => {
        const contract = fakeClient(new FakeNetwork()).contract();
        const wrong = [
            contract.submit('', []),
            contract.submit('add', [5 as unknown as string]),
            contract.submit('add', ['k'], { strategy: 'fast' as StrategyChoice }),
            contract.submit('add', ['k'], { timeoutMs: -1 }),
            contract.submit('add', ['k'], { priority: 'urgent' as 'high' }),
        ];
        expect(await Promise.all(wrong.map(codeOf))).to.deep.equal(
            Array(5).fill('GATEWAY_OPTIONS_INVALID'),
        );
    });

    it('ends as a serial replay of its receipts would, whatever the strategy and the faults', async () => {
        const key = fc.constantFrom('a', 'b', 'c', 'd');
        const operation = fc.oneof(
            fc.tuple(fc.constant('add'), key, fc.constantFrom('1', '2')),
            fc.tuple(fc.constant('move'), key, key, fc.constant('1')),
            fc.tuple(fc.constant('refuse'), key),
        );
        const strategies = ['direct', 'retry', 'serialize', 'merge', 'auto'] as const;
        const plan = fc.record({
            operations: fc.array(fc.tuple(operation, fc.constantFrom(...strategies)), {
                minLength: 1,
                maxLength: 60,
            }),
            lossEvery: fc.integer({ min: 2, max: 9 }),
            declared: fc.boolean(),
        });
        await fc.assert(
            fc.asyncProperty(plan, async ({ operations, lossEvery, declared }) => {
                const network = new FakeNetwork(0);
                let calls = 0;
                const flaky = (): void => {
                    if (++calls % lossEvery === 0) throw grpcError(Grpc.UNAVAILABLE, 'lost');
                };
                Object.assign(network.faults, { submit: flaky, acknowledge: flaky });
                const client = fakeClient(network);
                const contract = client.contract(declared ? { functions: counterFunctions } : {});
                const receipts = await contract.submitMany(
                    operations.map(([[transaction, ...args], strategy]) => ({
                        transaction,
                        args: transaction === 'move' && args[0] === args[1] ? ['x', 'y'] : args,
                        strategy,
                    })),
                );
                expect(receipts).to.have.length(operations.length);
                assertSerial(
                    network,
                    receipts,
                    operations.map(([[name]]) => name),
                );
            }),
            { numRuns: 150 },
        );
    });
});

/** The chain, replayed one operation after another, gives the same state and the same results. */
function assertSerial(
    network: FakeNetwork,
    receipts: readonly Receipt[],
    names: readonly string[],
): void {
    const committed = receipts.filter((receipt) => receipt.outcome === 'committed');
    const order = [...committed].sort((a, b) => comparePositions(a.position, b.position));
    const texts = new Map(
        network.chain
            .filter(({ code }) => code === 0)
            .map(({ transactionId, functions }) => [transactionId, functions]),
    );
    const state = new Map<string, number>();
    for (const receipt of order) {
        const line = texts.get(receipt.transactionId)?.[receipt.position.operation] ?? '';
        expect(receipt.text()).to.equal(replay(state, line));
    }
    for (const [key, { value }] of network.state) expect(state.get(key)).to.equal(value);
    for (const [index, receipt] of receipts.entries()) {
        if (names[index] === 'refuse') expect(receipt.outcome).to.equal('rejected');
    }
}

function replay(state: Map<string, number>, line: string): string {
    const [name, first = '', second = '', third = '1'] = line.split(' ');
    const bump = (key: string, by: number): number => {
        const value = (state.get(key) ?? 0) + by;
        state.set(key, value);
        return value;
    };
    if (name === 'add') return String(bump(first, Number(second)));
    return `${bump(first, -Number(third))} ${bump(second, Number(third))}`;
}
