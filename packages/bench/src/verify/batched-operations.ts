import { BATCH_FUNCTION, decodeReceipts, type BatchRequest } from '@goodput/chaincode';
import type { BlockTransaction } from '@goodput/rwset';
import {
    bareName,
    singleOperation,
    type LedgerOperation,
    type OperationsOf,
} from './ledger-operations.js';

function batched(transaction: BlockTransaction): LedgerOperation[] {
    const [request] = transaction.args;
    const answer = transaction.response?.payload;
    if (request === undefined || answer === undefined) return [];
    const { fns, ops } = JSON.parse(new TextDecoder().decode(request)) as BatchRequest;
    const receipts = decodeReceipts(answer);
    return ops.map(([fn, id = '', ...args], index) => {
        const receipt = receipts[index];
        // An operation that had been applied before is answered again, not applied again.
        const accepted = receipt?.ok === true && !receipt.replayed;
        const result = receipt?.ok === true ? (receipt.result ?? '') : '';
        return { id, name: fns[fn] ?? '', args, accepted, ...(accepted && { result }) };
    });
}

/** The operations of a transaction, whether it carries one or a batch. */
export const ledgerOperations: OperationsOf = (transaction) =>
    bareName(transaction.functionName) === BATCH_FUNCTION
        ? batched(transaction)
        : singleOperation(transaction);
