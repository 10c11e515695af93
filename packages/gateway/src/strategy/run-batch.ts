import { GatewayError, isGatewayError } from '../errors.js';
import { backoffMs } from '../failure/retry-policy.js';
import { classifyVerdict, Verdict } from '../failure/verdict.js';
import type { Call, Endorsed } from '../transport/transport.js';
import type { BatchCodec, BatchOutcome } from '../merge/batch-codec.js';
import type { BatchSize } from '../merge/batch-size.js';
import { pauseUnless } from '../queue/cancellation.js';
import type { Operation } from './operation.js';
import {
    mayRepeat,
    runOperation,
    runReported,
    settleCommitted,
    settleFailed,
    type RunContext,
} from './run-operation.js';
import { mayNotSend, type TransactionResult } from './run-transaction.js';
import { settleTransaction, type Settled } from './settle-transaction.js';

/** What merging needs beside running. */
export interface BatchContext extends RunContext {
    readonly codec: BatchCodec;
    readonly size: BatchSize;
    /** The contract has no batch executor; remember it. */
    notBatchable(): void;
}

/** Troubles that lie in what a batch carries, so that half of it may fare better. */
const splittable = new Set<string>([
    'GATEWAY_CONTRACT_REJECTED',
    'GATEWAY_ENDORSEMENT_FAILED',
    'GATEWAY_TOO_LARGE',
    'GATEWAY_TIMED_OUT',
    'GATEWAY_RESPONSE_MALFORMED',
    'GATEWAY_REQUEST_REFUSED',
]);

async function runEach(context: BatchContext, operations: readonly Operation[]): Promise<void> {
    for (const operation of operations) await runOperation(context, operation);
}

/** Order matters: the second half may build on the first. */
async function runHalves(context: BatchContext, operations: readonly Operation[]): Promise<void> {
    const middle = Math.ceil(operations.length / 2);
    for (const half of [operations.slice(0, middle), operations.slice(middle)]) {
        await runBatch(context, half.filter(stillWanted(context)), false);
    }
}

type Committed = Pick<Extract<TransactionResult, { ok: true }>, 'endorsed' | 'status'>;

function decode(
    codec: BatchCodec,
    result: Committed,
    count: number,
): readonly BatchOutcome[] | GatewayError {
    try {
        return codec.decode(result.endorsed.result, count);
    } catch (error) {
        if (isGatewayError(error)) return error;
        throw error;
    }
}

/** Each operation gets its own receipt; one that is absent has had it. */
function settleBatch(
    context: RunContext,
    codec: BatchCodec,
    operations: readonly (Operation | undefined)[],
    result: Committed,
): void {
    const { transactionId } = result.status;
    const batchSize = operations.length;
    const outcomes = decode(codec, result, batchSize);
    operations.forEach((operation, index) => {
        if (operation === undefined) return;
        if (outcomes instanceof GatewayError) {
            // It is on the ledger and we cannot tell what it said: never to be repeated.
            const unknown = new GatewayError('GATEWAY_OUTCOME_UNKNOWN', outcomes.message, {
                transactionId,
                cause: outcomes,
            });
            settleFailed(context, operation, unknown, batchSize);
            return;
        }
        const outcome = outcomes[index];
        if (outcome?.ok) {
            settleCommitted(context, operation, result, {
                result: outcome.result,
                index,
                batchSize,
            });
            return;
        }
        const { message = 'no reason given', code } = outcome ?? {};
        const error = new GatewayError(
            'GATEWAY_CONTRACT_REJECTED',
            `The contract refused the operation: ${message}`,
            { transactionId, contractMessage: message, ...(code && { contractCode: code }) },
        );
        settleFailed(context, operation, error, batchSize);
    });
}

/** A transaction that an earlier process endorsed and perhaps sent. */
export interface EarlierEnvelope extends Endorsed {
    readonly batch: boolean;
}

const glanceMs = 1_500;

/** Most have long committed: looking first spares the ledger a duplicate. */
async function glance(context: RunContext, envelope: Endorsed): Promise<Settled> {
    const { transport } = context;
    const { transactionId } = envelope;
    const known = await transport
        .lookup(transactionId, { timeoutMs: glanceMs })
        .catch(() => undefined);
    if (known === undefined) return settleTransaction(context, envelope, { maybeSent: true });
    return known.code === Verdict.valid
        ? { status: known }
        : classifyVerdict(transactionId, known.code);
}

/**
 * Brings a transaction of an earlier process to its verdict. Where that is a conflict, or what is
 * too large for the channel can be halved, its operations are left without a receipt, to be run anew.
 */
export async function settleEnvelope(
    context: RunContext,
    codec: BatchCodec,
    operations: readonly (Operation | undefined)[],
    envelope: EarlierEnvelope,
): Promise<void> {
    const open = operations.filter((operation) => operation !== undefined);
    for (const operation of open) operation.attempts = 1;
    const settled = await glance(context, envelope);
    if (settled.status === undefined) {
        const halved = envelope.batch && settled.never === true;
        if (settled.remedy === 'reendorse' || halved) return;
        for (const operation of open) settleFailed(context, operation, settled.error);
        return;
    }
    const committed = { endorsed: envelope, status: settled.status };
    const [only] = open;
    if (envelope.batch) settleBatch(context, codec, operations, committed);
    else if (only !== undefined) {
        const own = { result: envelope.result, index: 0, batchSize: 1 };
        settleCommitted(context, only, committed, own);
    }
}

/**
 * Runs operations merged into one transaction until each has its receipt. A batch that cannot be
 * endorsed as a whole is halved until the operation at fault stands alone; one that is given up
 * leaves it when endorsing has failed.
 *
 * @param full - more operations waited than fitted
 * @param attempt - transactions made for exactly these, this one included
 */
export async function runBatch(
    context: BatchContext,
    operations: readonly Operation[],
    full: boolean,
    attempt = 1,
): Promise<void> {
    const [only] = operations;
    if (only === undefined) return;
    if (operations.length === 1) {
        await runOperation(context, only);
        return;
    }
    const encode = (): Call => context.codec.encode(together.map((operation) => operation.call));
    const together = [...operations];
    let call = encode();
    const result = await runReported(context, together, call, {}, () => {
        const wanted = together.filter(stillWanted(context));
        if (wanted.length === 0) return undefined;
        if (wanted.length < together.length) {
            together.splice(0, together.length, ...wanted);
            call = encode();
        }
        return call;
    });
    const { endorseMs } = result;
    const observed = { operations: together.length, endorseMs, full };
    if (result.ok) {
        context.size.observe({ ...observed, failed: false });
        settleBatch(context, context.codec, together, result);
        return;
    }
    const { error, remedy } = result;
    if (context.codec.isUnsupported(error.contractMessage ?? '')) {
        context.notBatchable();
        await runEach(context, together);
    } else if (remedy !== 'reendorse' && splittable.has(error.code)) {
        context.size.observe({ ...observed, failed: true });
        await runHalves(context, together);
    } else if (mayRepeat(context, only, result, attempt)) {
        context.observer.repeated(together, error);
        await pauseUnless(backoffMs(context.retry, attempt), context.stop);
        await runBatch(context, together.filter(stillWanted(context)), full, attempt + 1);
    } else {
        // Not the deadline, even if it has passed: the batch may have been sent.
        for (const operation of together) {
            settleFailed(context, operation, error, together.length);
        }
    }
}

function stillWanted(context: BatchContext): (operation: Operation) => boolean {
    return (operation) => {
        if (operation.ticket.settled) return false;
        const refused = mayNotSend(context, operation.patience);
        if (refused !== undefined) settleFailed(context, operation, refused);
        return refused === undefined;
    };
}
