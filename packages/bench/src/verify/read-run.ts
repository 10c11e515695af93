import { validationCodeName, VALIDATION_CODES, type Block } from '@goodput/rwset';
import type { TransactionCounts } from '../report/report.js';
import type { LedgerOperation, OperationsOf } from './ledger-operations.js';

/** Where a run stands in the ledger. */
export interface RunInLedger {
    /** Every block from before the run's first operation to after its last. */
    readonly blocks: readonly Block[];
    readonly chaincode: string;
    /** The run's own part of the state: ids are `space/number`, keys `space:key`. */
    readonly space: string;
    readonly operationsOf: OperationsOf;
    /** Whether an operation is of the load: transactions that carry only others are not counted. @default all are */
    readonly isMeasured?: (id: string) => boolean;
}

/** An operation, and the valid transaction that it stands in. */
export interface PlacedOperation extends LedgerOperation {
    readonly transactionId: string;
}

/** What the blocks have of a run. */
export interface LedgerOfRun {
    /** Operations of valid transactions, in the order of the ledger. */
    readonly operations: readonly PlacedOperation[];
    /** The run's own keys as its valid transactions left them. */
    readonly state: ReadonlyMap<string, string>;
    /** Keys of the chaincode that its transactions wrote outside of the run's own part. */
    readonly keysOutside: ReadonlySet<string>;
    readonly transactions: TransactionCounts;
}

const VALID = VALIDATION_CODES.VALID;
const decoder = new TextDecoder();

/** Picks a run out of the blocks that were made during it. */
export function readRun(run: RunInLedger): LedgerOfRun {
    const { blocks, chaincode, space, operationsOf, isMeasured = () => true } = run;
    const operations: PlacedOperation[] = [];
    const state = new Map<string, string>();
    const keysOutside = new Set<string>();
    const byCode: Record<string, number> = {};
    const blocksWithOurs = new Set<number>();
    let [valid, invalid] = [0, 0];
    for (const block of blocks) {
        for (const transaction of block.transactions) {
            if (transaction.chaincode?.name !== chaincode) continue;
            const ours = operationsOf(transaction).filter(({ id }) => id.startsWith(`${space}/`));
            if (ours.length === 0) continue;
            const isValid = transaction.code === VALID;
            if (ours.some(({ id }) => isMeasured(id))) {
                blocksWithOurs.add(block.number);
                const name = validationCodeName(transaction.code);
                byCode[name] = (byCode[name] ?? 0) + 1;
                if (isValid) valid++;
                else invalid++;
            }
            if (!isValid) continue;
            const { txId: transactionId } = transaction;
            for (const operation of ours) operations.push({ ...operation, transactionId });
            const writes = transaction.rwset?.namespaces
                .filter(({ namespace }) => namespace === chaincode)
                .flatMap((each) => each.writes);
            for (const { key, value, isDelete } of writes ?? []) {
                const own = key.slice(space.length + 1);
                if (!key.startsWith(`${space}:`)) keysOutside.add(key);
                else if (isDelete) state.delete(own);
                else state.set(own, decoder.decode(value));
            }
        }
    }
    const transactions = { valid, invalid, byCode, blocks: blocksWithOurs.size };
    return { operations, state, keysOutside, transactions };
}
