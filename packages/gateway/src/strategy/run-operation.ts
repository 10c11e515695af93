import { committedReceipt, type Receipt } from '../client/receipt.js';
import type { GatewayError } from '../errors.js';
import type { Classified } from '../failure/classify.js';
import { backoffMs, type RetryBudget } from '../failure/retry-policy.js';
import type { Observer } from '../observe/observer.js';
import { pauseUnless } from '../queue/cancellation.js';
import type { Call, Endorsed } from '../transport/transport.js';
import type { Operation } from './operation.js';
import {
    mayNotSend,
    runTransaction,
    type TransactionContext,
    type TransactionResult,
} from './run-transaction.js';

/** What running operations needs. */
export interface RunContext extends TransactionContext {
    readonly budget: RetryBudget;
    readonly observer: Required<Observer>;
    /** Called before an envelope is sent; the outbox writes it down here. */
    beforeSend?(operations: readonly Operation[], endorsed: Endorsed): Promise<void>;
    /**
     * Called when a transaction is handed to the orderer.
     *
     * @returns to be called with its block, or without one when it got none
     */
    sent?(operations: readonly Operation[], endorseMs: number): (block: bigint | undefined) => void;
    /** Called with each receipt, once; the outbox forgets the operation here. */
    finish(operation: Operation, receipt: Receipt): void;
    /** Peers behind this height would endorse on state that is known to be old. */
    minHeight(): bigint | undefined;
}

/** The fields that every receipt of an operation has. */
export function receiptBase(
    operation: Operation,
    batchSize: number,
): Pick<Receipt, 'id' | 'strategy' | 'attempts' | 'elapsedMs' | 'batchSize' | 'recovered'> {
    return {
        id: operation.id,
        strategy: operation.strategy,
        attempts: operation.attempts,
        elapsedMs: performance.now() - operation.acceptedAt,
        batchSize,
        recovered: operation.recovered,
    };
}

/** Gives an operation its receipt, unless it has one. */
export function settle(context: RunContext, operation: Operation, receipt: Receipt): void {
    if (!operation.ticket.settle(receipt)) return;
    context.finish(operation, receipt);
    context.observer.settled(operation, receipt);
}

/** The receipt of an operation that did not commit. */
export function settleFailed(
    context: RunContext,
    operation: Operation,
    error: GatewayError,
    batchSize = 1,
): void {
    const outcome = error.code === 'GATEWAY_CONTRACT_REJECTED' ? 'rejected' : 'failed';
    const { transactionId } = error;
    settle(context, operation, {
        ...receiptBase(operation, batchSize),
        outcome,
        error,
        ...(transactionId !== undefined && { transactionId }),
    });
}

/** The receipt of an operation that did. */
export function settleCommitted(
    context: RunContext,
    operation: Operation,
    result: Pick<Extract<TransactionResult, { ok: true }>, 'status'>,
    own: { readonly result: Uint8Array; readonly index: number; readonly batchSize: number },
): void {
    const { transactionId, blockNumber, index } = result.status;
    settle(
        context,
        operation,
        committedReceipt({
            ...receiptBase(operation, own.batchSize),
            transactionId,
            position: {
                block: blockNumber,
                operation: own.index,
                ...(index !== undefined && { transaction: index }),
            },
            result: own.result,
        }),
    );
}

/** What other transactions, or a peer that is a block behind, are to blame for: it passes with time. */
const PASSING: ReadonlySet<string> = new Set([
    'GATEWAY_MVCC_CONFLICT',
    'GATEWAY_PHANTOM_CONFLICT',
    'GATEWAY_ENDORSEMENT_MISMATCH',
]);

/** Transactions that one operation may cost, by what went wrong. */
export function attemptLimit(context: TransactionContext, error: GatewayError): number {
    return PASSING.has(error.code) ? context.retry.attempts : 2;
}

/** Whether to make a fresh transaction after a failure, and if so pays for it. */
export function mayRepeat(
    context: RunContext,
    { call }: Pick<Operation, 'call'>,
    { remedy, error }: Classified,
    attempts: number,
): boolean {
    if (remedy !== 'reendorse' || attempts >= attemptLimit(context, error)) return false;
    return context.budget.spend(call.chaincode);
}

/**
 * Runs one transaction for some operations and reports it.
 *
 * @param again - where they share it: what is left to endorse of them after a failure
 */
export async function runReported(
    context: RunContext,
    operations: readonly Operation[],
    call: Call,
    patience: Operation['patience'],
    again?: () => Call | undefined,
): Promise<TransactionResult> {
    const letGo = (interruptible: boolean): void => {
        for (const operation of operations) operation.interruptible = interruptible;
    };
    for (const operation of operations) {
        operation.attempts += 1;
        operation.ticket.advance('endorsing');
    }
    letGo(again === undefined);
    let endorsed: Endorsed | undefined;
    let landed: ReturnType<NonNullable<RunContext['sent']>> | undefined;
    const started = performance.now();
    const result = await runTransaction(
        context,
        call,
        patience,
        {
            endorsed: async (prepared) => {
                endorsed = prepared;
                letGo(false);
                await context.beforeSend?.(operations, prepared);
            },
            sending: () => {
                for (const operation of operations) operation.ticket.advance('ordering');
                landed = context.sent?.(operations, performance.now() - started);
            },
            repeated: ({ error }) => {
                letGo(true);
                context.observer.repeated(operations, error);
            },
            ...(again && {
                again: () => {
                    letGo(false);
                    return again();
                },
            }),
        },
        { minHeight: context.minHeight() },
    );
    letGo(false);
    landed?.(result.ok ? result.status.blockNumber : undefined);
    context.observer.transaction({
        operations,
        endorseMs: result.endorseMs,
        ...(endorsed && { endorsed }),
        ...(result.ok
            ? { commitMs: result.commitMs, status: result.status }
            : { error: result.error }),
    });
    return result;
}

/**
 * Runs an operation as a transaction of its own until it has its receipt.
 *
 * @param reroute - may take the operation over after a conflict; the receipt then comes from there
 */
export async function runOperation(
    context: RunContext,
    operation: Operation,
    reroute?: (operation: Operation, error: GatewayError) => boolean,
): Promise<void> {
    for (let repetition = 1; ; repetition++) {
        const result = await runReported(context, [operation], operation.call, operation.patience);
        if (result.ok) {
            const own = { result: result.endorsed.result, index: 0, batchSize: 1 };
            settleCommitted(context, operation, result, own);
            return;
        }
        const again =
            operation.strategy !== 'direct' &&
            mayRepeat(context, operation, result, operation.attempts);
        if (!again) {
            settleFailed(context, operation, result.error);
            return;
        }
        context.observer.repeated([operation], result.error);
        if (reroute?.(operation, result.error)) return;
        const { signal } = operation.patience;
        operation.interruptible = true;
        await pauseUnless(backoffMs(context.retry, repetition), signal, context.stop);
        const refused = mayNotSend(context, operation.patience);
        if (refused !== undefined) {
            settleFailed(context, operation, refused);
            return;
        }
    }
}
