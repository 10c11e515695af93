import type { Transaction } from '@hyperledger/fabric-gateway';
import { checkValue, isFunction, type Rule } from '../checks/member-rules.js';
import type { Network } from '../network/network.js';
import type { BlockSettings } from '../orderer/batch-settings.js';
import { outcomeOf, type Outcome } from './test-client.js';
import type { TestProposal } from './test-proposal.js';

const MANUAL = { timeoutMs: 'manual', maxMessageCount: 1_000_000 } as const;

const PROPOSAL: Rule = [
    (value) => isFunction((value as Partial<TestProposal> | undefined)?.endorse),
    'a proposal, as `propose` makes it, not yet endorsed or submitted',
];

interface Held {
    depth: number;
    readonly settings: BlockSettings;
}

// Works may overlap or stand within each other: the settings come back when the last one ends.
const held = new WeakMap<object, Held>();

/**
 * While the work goes on, blocks are cut by `network.cutBlock()` only; what waited before is committed
 * first, and what waits afterwards is, too.
 */
export async function withManualBlocks<T>(
    network: Network,
    work: () => Promise<T>,
    channel?: string,
): Promise<T> {
    const { orderer } = network.channel(channel);
    const current = held.get(orderer) ?? { depth: 0, settings: orderer.settings };
    held.set(orderer, current);
    current.depth++;
    network.setBlockSettings(MANUAL, channel);
    try {
        await network.cutBlock(channel);
        return await work();
    } finally {
        current.depth--;
        if (current.depth === 0) {
            held.delete(orderer);
            network.setBlockSettings(current.settings, channel);
            await network.cutBlock(channel);
        }
    }
}

/** Submits endorsed transactions so that they stand in one block, in this order. */
export function inOneBlock(
    network: Network,
    transactions: readonly Transaction[],
    channel?: string,
): Promise<readonly Outcome[]> {
    return withManualBlocks(
        network,
        async () => {
            const submitted = [];
            for (const transaction of transactions) submitted.push(await transaction.submit());
            await network.cutBlock(channel);
            return Promise.all(submitted.map(outcomeOf));
        },
        channel,
    );
}

/**
 * Endorses proposals on one snapshot of the ledger and commits them in one block, in the order given:
 * what happens on a busy network by accident.
 *
 * @returns how each of them ended
 * @example
 * ```ts
 * const outcomes = await conflict(network, [assets.propose('inc', 'a'), assets.propose('inc', 'a')]);
 * // outcomes.map(({ code }) => code) is ['VALID', 'MVCC_READ_CONFLICT']
 * ```
 */
export function conflict(
    network: Network,
    proposals: readonly TestProposal[],
    channel?: string,
): Promise<readonly Outcome[]> {
    return withManualBlocks(
        network,
        async () => {
            for (const each of proposals) checkValue('conflict: each transaction', each, PROPOSAL);
            const transactions = await Promise.all(proposals.map((each) => each.endorse()));
            const submitted = [];
            for (const transaction of transactions) submitted.push(await transaction.submit());
            await network.cutBlock(channel);
            return Promise.all(submitted.map(outcomeOf));
        },
        channel,
    );
}
