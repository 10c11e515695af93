import { singleOperation, type OperationsOf } from './ledger-operations.js';

/** The operations of a transaction, whether it carries one or a batch. */
export const ledgerOperations: OperationsOf = (transaction) => singleOperation(transaction);
