import type { Receipt } from '../client/receipt.js';
import { committedReceipt } from '../client/receipt.js';
import { GatewayError, type GatewayErrorCode, type GatewayErrorFields } from '../errors.js';
import type { Priority } from '../queue/fair-queue.js';
import type { Call } from '../transport/transport.js';
import type { DeclaredKeys } from '../lanes/key-use.js';
import type { StrategyChoice } from '../client/options.js';

/** An argument as it is kept: text, or bytes in base64. */
type KeptArgument = string | { readonly base64: string };

/** An accepted operation, as it is kept. */
export interface OperationRecord {
    /** Order of acceptance. */
    readonly sequence: number;
    readonly id: string;
    readonly acceptedAt: number;
    readonly scope: string;
    readonly call: Omit<Call, 'args' | 'transient'> & { readonly args: readonly KeptArgument[] };
    readonly caller?: string;
    readonly priority?: Priority;
    readonly strategy?: StrategyChoice;
    readonly keys?: DeclaredKeys;
    /** `Date.now()` value after which it must not be sent. */
    readonly notAfter?: number;
    /** Why it failed, when it was given up and waits for somebody to retry it. */
    readonly failed?: { readonly code: string; readonly message: string };
}

/** An endorsed transaction, as it is kept from before it is sent until its verdict. */
export interface EnvelopeRecord {
    readonly transactionId: string;
    /** The operations it carries, by sequence, in their order. */
    readonly operations: readonly number[];
    readonly batch: boolean;
    readonly bytes: string;
    readonly result: string;
}

/** A receipt, as it is kept so that an operation submitted again by its id is recognised. */
export interface ReceiptRecord {
    readonly id: string;
    readonly finishedAt: number;
    readonly receipt: Readonly<Record<string, unknown>>;
}

/** Whose operations an outbox holds, and where they go. */
export interface OutboxOwner {
    readonly channel: string;
    readonly mspId: string;
    /** Subject of the certificate, which outlasts its renewal. */
    readonly subject: string;
}

/** Any of the records. */
export type KeptRecord =
    | OperationRecord
    | EnvelopeRecord
    | ReceiptRecord
    | OutboxOwner
    | Pick<ReceiptRecord, 'finishedAt'>;

/** Writes any of the records. */
export function encodeRecord(record: KeptRecord): Buffer {
    return Buffer.from(JSON.stringify(record));
}

/** Reads a record back; what is not JSON was not written by us. */
export function decodeRecord(bytes: Uint8Array, key: string): unknown {
    try {
        return JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown;
    } catch (cause) {
        throw new GatewayError(
            'GATEWAY_OUTBOX_UNUSABLE',
            `The outbox holds something unreadable under ${key}. It is not an outbox, or its disk is failing.`,
            { cause },
        );
    }
}

export function keepArguments(args: Call['args']): readonly KeptArgument[] {
    return args.map((arg) =>
        typeof arg === 'string' ? arg : { base64: Buffer.from(arg).toString('base64') },
    );
}

export function restoreCall({ call }: OperationRecord): Call {
    const args = call.args.map((arg) =>
        typeof arg === 'string' ? arg : Buffer.from(arg.base64, 'base64'),
    );
    return { ...call, args };
}

/** The parts of a receipt worth keeping. */
export function keepReceipt(receipt: Receipt, finishedAt: number): ReceiptRecord {
    const { id, strategy, attempts, elapsedMs, batchSize, outcome } = receipt;
    const base = { id, strategy, attempts, elapsedMs, batchSize, outcome };
    if (receipt.outcome === 'committed') {
        const { position, transactionId, result } = receipt;
        return {
            id,
            finishedAt,
            receipt: {
                ...base,
                transactionId,
                position: { ...position, block: position.block.toString() },
                result: Buffer.from(result).toString('base64'),
            },
        };
    }
    const { code, message, retryable, contractMessage, contractCode, transactionId } =
        receipt.error;
    const error = { code, message, retryable, contractMessage, contractCode, transactionId };
    return { id, finishedAt, receipt: { ...base, error } };
}

interface Kept extends Pick<
    Receipt,
    'id' | 'strategy' | 'attempts' | 'elapsedMs' | 'batchSize' | 'outcome'
> {
    readonly transactionId: string;
    readonly position: { block: string; transaction?: number; operation: number };
    readonly result: string;
    readonly error: GatewayErrorFields & { code: GatewayErrorCode; message: string };
}

/** The receipt that was kept, marked as known again. */
export function restoreReceipt(record: ReceiptRecord): Receipt {
    const kept = record.receipt as unknown as Kept;
    const { id, strategy, attempts, elapsedMs, batchSize, outcome } = kept;
    const base = { id, strategy, attempts, elapsedMs, batchSize, recovered: true };
    if (outcome === 'committed') {
        const { transactionId, position } = kept;
        return committedReceipt({
            ...base,
            transactionId,
            position: { ...position, block: BigInt(position.block) },
            result: Buffer.from(kept.result, 'base64'),
        });
    }
    const { code, message, ...fields } = kept.error;
    return { ...base, outcome, error: new GatewayError(code, message, fields) };
}
