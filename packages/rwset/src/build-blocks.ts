import { BlockCutter, type BlockLimits } from './block-cutter.js';
import type { TxReadWriteSet } from './model.js';
import { type OrderTransactionsOptions, orderTransactions, type Victim } from './order.js';

/** An endorsed transaction that waits for a block. */
export interface OrderableTransaction {
    readonly rwset: TxReadWriteSet;
    /** The size of its envelope. */
    readonly bytes: number;
}

/** What goes into which block. */
export interface BlockPlan {
    /** The blocks' contents, by index and in order. */
    readonly blocks: readonly (readonly number[])[];
    /** Those that would not survive, wherever they stood; they are in no block. */
    readonly victims: readonly Victim[];
}

/**
 * Builds the contents of blocks in dependency order: readers before writers, within a block and from
 * one to the next, cut as an orderer cuts. For those who drive an orderer, or study one.
 */
export function buildBlocks(
    transactions: readonly OrderableTransaction[],
    { state, weights, ...limits }: BlockLimits & OrderTransactionsOptions = {},
): BlockPlan {
    const { order, victims } = orderTransactions(
        transactions.map(({ rwset }) => rwset),
        { ...(state && { state }), ...(weights && { weights }) },
    );
    const cutter = new BlockCutter<number>(limits);
    const blocks = order.flatMap((index) => cutter.add(index, transactions[index]?.bytes ?? 0));
    if (cutter.pending > 0) blocks.push(cutter.cut());
    return { blocks, victims };
}
