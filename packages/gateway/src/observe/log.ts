import type { Receipt } from '../client/receipt.js';
import type { GatewayError } from '../errors.js';
import { functionName } from '../strategy/auto-selector.js';
import type { Operation } from '../strategy/operation.js';
import type { Logger } from './logger.js';
import type { Observer, TransactionSeen } from './observer.js';

/**
 * Writes what happens as structured lines. They name functions, ids and codes, and never hold
 * arguments, keys, results or what a contract says.
 */
export class LogObserver implements Observer {
    readonly #logger: Logger;

    constructor(logger: Logger) {
        this.#logger = logger;
    }

    transaction({ operations, endorseMs, commitMs, status, error }: TransactionSeen): void {
        const [first] = operations;
        const fields = {
            function: first && functionName(first),
            operations: operations.length,
            transactionId: status?.transactionId ?? error?.transactionId,
            block: status?.blockNumber.toString(),
            code: error?.code,
            endorseMs: Math.round(endorseMs),
            commitMs: commitMs && Math.round(commitMs),
        };
        this.#logger.debug(fields, error === undefined ? 'committed' : 'not committed');
    }

    repeated(operations: readonly Operation[], { code, transactionId }: GatewayError): void {
        const fields = { operations: operations.length, code, transactionId };
        this.#logger.debug(fields, 'trying again');
    }

    settled(operation: Operation, receipt: Receipt): void {
        if (receipt.outcome === 'committed') return;
        const { id, attempts, elapsedMs, outcome, error } = receipt;
        const fields = {
            id,
            function: functionName(operation),
            code: error.code,
            transactionId: error.transactionId,
            attempts,
            elapsedMs: Math.round(elapsedMs),
        };
        if (outcome === 'rejected') this.#logger.info(fields, 'rejected by the contract');
        else this.#logger.warn(fields, 'failed');
    }

    notBatchable(contract: string): void {
        this.#logger.info({ contract }, 'the contract runs no batches; using lanes');
    }
}
