import {
    BATCH_FUNCTION,
    batchLimitsOf,
    decodeReceipts,
    encodeBatch,
    type Receipt,
} from '@goodput/chaincode/wire';
import { GatewayError } from '../errors.js';
import type { Call } from '../transport/transport.js';
import type { BatchCodec, BatchOutcome } from './batch-codec.js';
import type { BatchBounds } from './batch-size.js';

function textsOf(args: Call['args']): string[] {
    return args.map((arg) => {
        if (typeof arg === 'string') return arg;
        throw new TypeError('A batch carries text arguments only.');
    });
}

function malformed(why: string, cause?: unknown): GatewayError {
    return new GatewayError(
        'GATEWAY_RESPONSE_MALFORMED',
        `The answer of ${BATCH_FUNCTION} could not be read: ${why}. Check that the contract and this client are of the same release.`,
        { cause },
    );
}

function readReceipts(result: Uint8Array): Receipt[] {
    try {
        return decodeReceipts(result);
    } catch (cause) {
        throw malformed(String(cause), cause);
    }
}

function outcomeOf(receipt: Receipt): BatchOutcome {
    if (!receipt.ok) return { ok: false, code: receipt.code, message: receipt.message };
    return { ok: true, result: Buffer.from(receipt.result ?? '') };
}

/** The format that contracts of `@goodput/chaincode` speak. */
export const wireCodec: BatchCodec = {
    encode(calls) {
        const [first] = calls;
        if (first === undefined) throw new TypeError('A batch carries at least one operation.');
        const request = encodeBatch(
            calls.map(({ transaction, args }) => ({ fn: transaction, args: textsOf(args) })),
        );
        const { chaincode, contract } = first;
        return { chaincode, contract, transaction: BATCH_FUNCTION, args: [request] };
    },
    decode(result, count) {
        const receipts = readReceipts(result);
        if (receipts.length === count) return receipts.map(outcomeOf);
        throw malformed(`${receipts.length} receipts came for ${count} operations`);
    },
    isUnsupported(contractMessage) {
        return (
            contractMessage.includes(BATCH_FUNCTION) &&
            /does not exist|not found|unknown|no such/iu.test(contractMessage)
        );
    },
};

/** What a contract's metadata says of the batches it takes. */
export function readBatchBounds(
    metadata: unknown,
    contract: string | undefined,
): BatchBounds | undefined {
    const limits = batchLimitsOf(metadata, contract);
    return limits && { operations: limits.ops, bytes: limits.bytes, keys: limits.keys };
}
