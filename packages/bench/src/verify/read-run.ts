import { validationCodeName, VALIDATION_CODES, type Block } from '@goodput/rwset';
import type { TransactionCounts } from '../report/report.js';
import type { LedgerOperation, OperationsOf } from './ledger-operations.js';
import { Sums, type CounterOfRow } from './sums.js';

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
    /** Rows that are added up to counters. @default none are */
    readonly counterOfRow?: CounterOfRow;
}

/** An operation, and the valid transaction that it stands in. */
export interface PlacedOperation extends LedgerOperation {
    readonly transactionId: string;
}

/** What the blocks have of a run. */
export interface LedgerOfRun {
    /** Operations of valid transactions, in the order of the ledger. */
    readonly operations: readonly PlacedOperation[];
    /** The run's own keys as its valid transactions left them, and the sums of its counters. */
    readonly state: ReadonlyMap<string, string>;
    /** Keys of the chaincode that its transactions wrote outside of the run's own part. */
    readonly keysOutside: ReadonlySet<string>;
    readonly transactions: TransactionCounts;
}

const VALID = VALIDATION_CODES.VALID;
const decoder = new TextDecoder();

/** The run's part of the state, write by write. */
class OwnState {
    readonly #run: RunInLedger;
    readonly #rows = new Map<string, string>();
    readonly #sums = new Sums();
    readonly keysOutside = new Set<string>();

    constructor(run: RunInLedger) {
        this.#run = run;
    }

    /** An undefined value is a key that is deleted. */
    write(key: string, value: string | undefined): void {
        const { space, counterOfRow } = this.#run;
        const counter = counterOfRow?.(key, space);
        const own = key.slice(space.length + 1);
        if (counter !== undefined) this.#sums.set(counter, key, value);
        else if (!key.startsWith(`${space}:`)) this.keysOutside.add(key);
        else if (value === undefined) this.#rows.delete(own);
        else this.#rows.set(own, value);
    }

    rows(): ReadonlyMap<string, string> {
        return new Map([...this.#rows, ...this.#sums]);
    }
}

/** Picks a run out of the blocks that were made during it. */
export function readRun(run: RunInLedger): LedgerOfRun {
    const { blocks, chaincode, space, operationsOf, isMeasured = () => true } = run;
    const operations: PlacedOperation[] = [];
    const state = new OwnState(run);
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
                state.write(key, isDelete ? undefined : decoder.decode(value));
            }
        }
    }
    const transactions = { valid, invalid, byCode, blocks: blocksWithOurs.size };
    return { operations, state: state.rows(), keysOutside: state.keysOutside, transactions };
}
