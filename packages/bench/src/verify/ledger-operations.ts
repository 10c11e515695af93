import type { BlockTransaction } from '@goodput/rwset';

/** One logical operation as it stands in a transaction of the ledger. */
export interface LedgerOperation {
    readonly id: string;
    readonly name: string;
    readonly args: readonly string[];
    /** Whether the contract accepted it; within a batch each operation has its own answer. */
    readonly accepted: boolean;
    /** What the contract answered, as text; of a transaction that carries nothing of it, unknown. */
    readonly result?: string;
}

/** Reads the operations out of one transaction's call and answer. */
export type OperationsOf = (transaction: BlockTransaction) => readonly LedgerOperation[];

const decoder = new TextDecoder();

/** A function of a contract that is not the default one is called `contract:function`. */
export function bareName(functionName: string): string {
    return functionName.slice(functionName.lastIndexOf(':') + 1);
}

/** A transaction that carries one operation: the function, the operation's id, its arguments. */
export function singleOperation(transaction: BlockTransaction): readonly LedgerOperation[] {
    const [id, ...args] = transaction.args.map((each) => decoder.decode(each));
    if (id === undefined) return [];
    const answer = transaction.response?.payload;
    const result = answer === undefined ? {} : { result: decoder.decode(answer) };
    return [{ id, name: bareName(transaction.functionName), args, accepted: true, ...result }];
}
