import { startNetwork, type Network } from '@goodput/devnet';
import { expect } from 'chai';
import fc from 'fast-check';
import { BatchedCounters } from '../test-support/counters-contract.js';
import { counterFunctions } from '../test-support/fake-client.js';
import type { Client } from './client.js';
import { connect } from './connect.js';
import type { StrategyChoice } from './options.js';
import { comparePositions, type CommittedReceipt, type Receipt } from './receipt.js';

const operations = Number(process.env['GOODPUT_ORACLE_OPERATIONS'] ?? '20000');

interface Planned {
    readonly transaction: string;
    readonly args: string[];
    readonly strategy: StrategyChoice;
    readonly caller: string;
}

const keyNames = Array.from({ length: 40 }, (_, n) => `o${n}`);

/** Mostly what can take the load, with some of everything; a few keys are hot. */
function plan(count: number): Planned[] {
    const key = fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom('o0', 'o1', 'o2') },
        { weight: 2, arbitrary: fc.constantFrom(...keyNames) },
    );
    const two = fc.tuple(key, key).filter(([a, b]) => a !== b);
    const amount = fc.constantFrom('1', '2', '3');
    const call = fc.oneof(
        {
            weight: 6,
            arbitrary: fc
                .tuple(key, amount)
                .map((args) => ({ transaction: 'add', args: [...args] })),
        },
        {
            weight: 3,
            arbitrary: fc
                .tuple(two, amount)
                .map(([keys, by]) => ({ transaction: 'move', args: [...keys, by] })),
        },
        { weight: 1, arbitrary: key.map((each) => ({ transaction: 'refuse', args: [each] })) },
    );
    const strategy = fc.oneof(
        { weight: 600, arbitrary: fc.constant<StrategyChoice>('auto') },
        { weight: 400, arbitrary: fc.constant<StrategyChoice>('merge') },
        {
            weight: 5,
            arbitrary: fc.constantFrom<StrategyChoice>('direct', 'retry', 'reorder', 'serialize'),
        },
    );
    const caller = fc.nat(99).map((n) => `caller ${n}`);
    const planned = fc
        .record({ call, strategy, caller })
        .map(({ call: made, ...rest }) => ({ ...made, ...rest }));
    return fc.sample(planned, { numRuns: count, seed: 20_260 });
}

describe('what many callers submit by any strategy', function () {
    this.timeout(600_000 + 60 * operations);
    let network: Network;
    let client: Client;
    before(async () => {
        network = await startNetwork({ block: { timeoutMs: 25 } });
        await network.deploy({ name: 'counters', contracts: [BatchedCounters] });
        client = await connect(network.profile);
    });
    after(async () => {
        await client.close();
        await network.stop();
    });

    it(`leaves the ledger as a serial replay of the receipts does (${operations} operations)`, async () => {
        const contract = client.contract('counters', { functions: counterFunctions });
        const planned = plan(operations);
        const receipts = await contract.submitMany(planned);
        expect(receipts).to.have.length(planned.length);

        const state = new Map<string, number>();
        for (const { receipt, index } of inOrder(receipts)) {
            expect(receipt.text()).to.equal(replay(state, planned[index]!));
        }
        for (const key of keyNames) {
            const stored = Buffer.from(await contract.evaluate('get', [key])).toString();
            expect(Number(stored || '0'), key).to.equal(state.get(key) ?? 0);
        }
        receipts.forEach((receipt, index) => {
            const { transaction, strategy } = planned[index]!;
            if (transaction === 'refuse') expect(receipt.outcome).to.equal('rejected');
            else if (strategy === 'merge' || strategy === 'auto') {
                expect(receipt.outcome).to.equal('committed');
            }
        });
    });
});

function inOrder(receipts: readonly Receipt[]): { receipt: CommittedReceipt; index: number }[] {
    return receipts
        .flatMap((receipt, index) => (receipt.outcome === 'committed' ? [{ receipt, index }] : []))
        .sort((a, b) => comparePositions(a.receipt.position, b.receipt.position));
}

function replay(state: Map<string, number>, { transaction, args }: Planned): string {
    const [first = '', second = '', third = ''] = args;
    const bump = (key: string, by: number): number => {
        const value = (state.get(key) ?? 0) + by;
        state.set(key, value);
        return value;
    };
    if (transaction === 'add') return String(bump(first, Number(second)));
    return `${bump(first, -Number(third))} ${bump(second, Number(third))}`;
}
