import { randomUUID } from 'node:crypto';
import type { GatewayError } from '../errors.js';

/** How an operation is brought to the ledger. */
export type StrategyName = 'direct' | 'retry' | 'serialize' | 'reorder' | 'merge';

/** Where a committed operation stands; comparing these gives the order in which operations took effect. */
export interface Position {
    readonly block: bigint;
    /** Place of the transaction in its block; absent when the block itself was not seen. */
    readonly transaction?: number;
    /** Place of the operation in its transaction; 0 unless merged. */
    readonly operation: number;
}

interface ReceiptBase {
    /** The operation's id: the caller's, or one made for it. */
    readonly id: string;
    /** What was used in the end. */
    readonly strategy: StrategyName;
    /** Transactions made for it; more than 1 after conflicts. */
    readonly attempts: number;
    /** From acceptance to this receipt, in milliseconds. */
    readonly elapsedMs: number;
    /** Operations that shared its last transaction, itself included. */
    readonly batchSize: number;
    /** Known again after a restart, from the outbox. */
    readonly recovered: boolean;
}

/** The operation is on the ledger, once. */
export interface CommittedReceipt extends ReceiptBase {
    readonly outcome: 'committed';
    readonly transactionId: string;
    readonly position: Position;
    /** What the contract returned. */
    readonly result: Uint8Array;
    /** The result as text. */
    text(): string;
    /** The result parsed as JSON. */
    json(): unknown;
}

/** The contract refused the operation; nothing of it is on the ledger. */
export interface RejectedReceipt extends ReceiptBase {
    readonly outcome: 'rejected';
    readonly error: GatewayError;
    readonly transactionId?: string;
}

/** The operation did not get through; `error.retryable` says whether it may be submitted again. */
export interface FailedReceipt extends ReceiptBase {
    readonly outcome: 'failed';
    readonly error: GatewayError;
    readonly transactionId?: string;
}

/** The one and only outcome of an accepted operation. */
export type Receipt = CommittedReceipt | RejectedReceipt | FailedReceipt;

/** What {@link committedReceipt} makes a receipt of. */
export type CommittedFields = Omit<CommittedReceipt, 'outcome' | 'text' | 'json'>;

/** Adds the readers of the result. */
export function committedReceipt(fields: CommittedFields): CommittedReceipt {
    const text = (): string => Buffer.from(fields.result).toString('utf8');
    return { ...fields, outcome: 'committed', text, json: (): unknown => JSON.parse(text()) };
}

/** The receipt of one among many that was not accepted: nothing was made of it. */
export function refusedReceipt(id: string | undefined, error: GatewayError): FailedReceipt {
    return {
        outcome: 'failed',
        error,
        id: id ?? randomUUID(),
        strategy: 'direct',
        attempts: 0,
        elapsedMs: 0,
        batchSize: 0,
        recovered: false,
    };
}

/** Which of two committed operations took effect first; throws a `RangeError` when that is not known. */
export function comparePositions(a: Position, b: Position): number {
    if (a.block !== b.block) return a.block < b.block ? -1 : 1;
    if (a.transaction === undefined || b.transaction === undefined) {
        throw new RangeError(
            `Both operations are in block ${a.block.toString()}, whose transactions were not seen in order.`,
        );
    }
    return a.transaction - b.transaction || a.operation - b.operation;
}
