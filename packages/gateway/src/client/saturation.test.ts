import { expect } from 'chai';
import fc from 'fast-check';
import { counterFunctions, fakeClient, type FakeClient } from '../test-support/fake-client.js';
import { FakeNetwork } from '../test-support/fake-network.js';
import { until } from '../test-support/until.js';
import type { StrategyChoice, Submission } from './options.js';
import { comparePositions, type CommittedReceipt, type Receipt } from './receipt.js';
import type { Ticket } from './ticket.js';

const independent = (count: number): Submission[] =>
    Array.from({ length: count }, (_, at) => ({ transaction: 'add', args: [`k${at}`, '1'] }));

/** Blocks that a network of two transactions a block needs when ten operations come with each. */
async function blocksFor(strategy: StrategyChoice, count: number): Promise<number> {
    const network = new FakeNetwork(4, 2);
    const contract = fakeClient(network, { strategy }).contract({ functions: counterFunctions });
    const tickets: Ticket[] = [];
    const all = independent(count);
    while (all.length > 0) {
        const { height } = network;
        for (const { transaction, args } of all.splice(0, 10)) {
            tickets.push(await contract.submitAsync(transaction, args));
        }
        await until(() => network.height > height);
    }
    const receipts = await Promise.all(tickets.map(({ receipt }) => receipt));
    expect(receipts.every(({ outcome }) => outcome === 'committed')).to.equal(true);
    return Number(network.height) - 1;
}

/** Has conflicts show that `move`, whose keys nobody declares, must not run freely. */
async function guarded(network: FakeNetwork): Promise<FakeClient> {
    const client = fakeClient(network, { retry: { attempts: 100 } });
    const moves = Array.from({ length: 100 }, () => ({
        transaction: 'move',
        args: ['x', 'y', '1'],
    }));
    await client.contract({ functions: onlyAdd }).submitMany(moves);
    const [explanation] = client.engine.explain();
    expect(explanation?.strategy).to.equal('merge');
    return client;
}

const onlyAdd = { add: counterFunctions['add']! };

describe('submitting more with auto than a network takes as single transactions', function () {
    this.timeout(300_000);

    it('completes as much as merging everything does, within a tenth', async () => {
        const merge = await blocksFor('merge', 6_000);
        const auto = await blocksFor('auto', 6_000);
        expect(auto).to.be.at.most(merge / 0.9);
    });

    it('says so in what it explains', async () => {
        const network = new FakeNetwork(3_600_000, 2);
        const client = fakeClient(network);
        const contract = client.contract({ functions: counterFunctions });
        const first = contract.submitMany(independent(200));
        const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
        while (network.submissions < 64) await soon();
        // What is left was sent long before the block came, and so the network is behind.
        await new Promise((resolve) => setTimeout(resolve, 20));
        network.cut();
        await soon();
        const late = contract.submit('add', ['late', '1']);
        const cutting = setInterval(() => {
            network.cut();
        }, 2);
        await late;
        expect(client.engine.explain()[0]?.why).to.match(/as many transactions as commit in time/);
        await first;
        clearInterval(cutting);
        expect(network.chain.length).to.be.lessThan(100);
    });

    it('merges operations whose keys are unknown with the known ones around them', async () => {
        const network = new FakeNetwork();
        const client = await guarded(network);
        const before = network.chain.length;
        const mixed = Array.from({ length: 200 }, (_, at) =>
            at % 2 === 0
                ? { transaction: 'add', args: [`k${at}`, '1'] }
                : { transaction: 'move', args: [`m${at}`, `n${at}`, '1'] },
        );
        const receipts = await client.contract({ functions: onlyAdd }).submitMany(mixed);
        expect(receipts.every(({ outcome }) => outcome === 'committed')).to.equal(true);
        expect(network.chain.length - before).to.be.lessThan(10);
    });

    it('lets operations leave at once and alone again when the load has gone', async () => {
        const network = new FakeNetwork(2, 4);
        const client = fakeClient(network);
        const contract = client.contract({ functions: counterFunctions });
        await contract.submitMany(independent(1_000));
        const receipts = await contract.submitMany(independent(3));
        expect(receipts.map(({ batchSize }) => batchSize)).to.deep.equal([1, 1, 1]);
        expect(client.engine.explain()[0]?.why).to.match(/runs at once while its keys are free/);
    });

    it('rejects only what the contract refuses among what leaves together', async () => {
        const network = new FakeNetwork(2, 2);
        const client = fakeClient(network);
        const contract = client.contract({ functions: counterFunctions });
        const submissions = independent(300);
        submissions[250] = { transaction: 'refuse', args: ['k250'] };
        const receipts = await contract.submitMany(submissions);
        const refused = receipts.flatMap(({ outcome }, at) => (outcome === 'rejected' ? [at] : []));
        expect(refused).to.deep.equal([250]);
        expect(receipts.filter(({ outcome }) => outcome === 'committed')).to.have.length(299);
    });

    it('commits what meets on a key in the order it came, once, however full the network is', async () => {
        const key = fc.integer({ min: 0, max: 30 }).map((n) => `k${n}`);
        const operations = fc.array(fc.tuple(key, fc.boolean()), { minLength: 80, maxLength: 300 });
        await fc.assert(
            fc.asyncProperty(operations, fc.integer({ min: 1, max: 20 }), async (ops, perBlock) => {
                const network = new FakeNetwork(1, perBlock);
                const client = await guarded(network);
                const contract = client.contract({ functions: onlyAdd });
                const submissions = ops.map(([name, known]) =>
                    known
                        ? { transaction: 'add', args: [name, '1'] }
                        : { transaction: 'move', args: [name, 'sink', '-1'] },
                );
                const receipts = await contract.submitMany(submissions);
                assertInOrder(
                    receipts,
                    ops.map(([name]) => name),
                );
                expect(network.value('sink')).to.equal(-ops.filter(([, known]) => !known).length);
            }),
            { numRuns: 25 },
        );
    });
});

/** Each operation adds one to its key and returns what that makes. */
function assertInOrder(receipts: readonly Receipt[], keys: readonly string[]): void {
    const count = new Map<string, number>();
    const last = new Map<string, CommittedReceipt>();
    receipts.forEach((receipt, at) => {
        const key = keys[at]!;
        const next = (count.get(key) ?? 0) + 1;
        count.set(key, next);
        const committed = receipt as CommittedReceipt;
        expect(committed.outcome).to.equal('committed');
        expect(Number(committed.text().split(' ')[0])).to.equal(next);
        const before = last.get(key);
        if (before !== undefined) {
            expect(comparePositions(before.position, committed.position)).to.be.lessThan(0);
        }
        last.set(key, committed);
    });
}
