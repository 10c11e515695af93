import type { Engine } from '../client/engine.js';
import type { Receipt } from '../client/receipt.js';
import { GatewayError } from '../errors.js';
import type { Patience } from '../queue/cancellation.js';
import type { Operation } from '../strategy/operation.js';
import type { Submittal } from '../strategy/planner.js';
import { settleEnvelope } from '../strategy/run-batch.js';
import { settleFailed } from '../strategy/run-operation.js';
import type { OutboxKeeper } from './outbox-keeper.js';
import type { Outbox } from './outbox.js';
import { restoreCall, type EnvelopeRecord, type OperationRecord } from './record.js';

/** What recovering needs. */
export interface RecoveryParts {
    readonly outbox: Outbox;
    readonly keeper: OutboxKeeper;
    readonly engine: Engine;
    readonly onRecovered: (receipt: Receipt) => void;
}

interface Recovered {
    readonly operation: Operation;
    readonly submittal: Submittal;
}

function submittalOf(record: OperationRecord): Submittal {
    const { id, caller, priority, strategy, keys, scope } = record;
    const options = {
        id,
        ...(caller !== undefined && { caller }),
        ...(priority && { priority }),
        ...(strategy && { strategy }),
        ...(keys && { keys }),
    };
    return { call: restoreCall(record), scope, options, function: {} };
}

/** Time goes on while nobody has the outbox open. */
function patienceLeft({ notAfter }: OperationRecord): Patience {
    return notAfter === undefined ? {} : { deadline: performance.now() + notAfter - Date.now() };
}

/**
 * Takes up what an earlier process left: transactions that were, or may have been, sent are looked
 * up and sent again as they are; only what had not been endorsed, or is known to be invalid, is
 * endorsed afresh. New operations wait until the old ones are in line.
 *
 * @returns when every old operation is in line; their receipts follow
 */
export async function recover(parts: RecoveryParts): Promise<number> {
    const { outbox, keeper, engine } = parts;
    const recovered = new Map<number, Recovered>();
    let taken: number;
    try {
        const records = (await outbox.operations()).filter(({ failed }) => failed === undefined);
        taken = records.length;
        await adopt(parts, records, recovered);
        // Closed meanwhile: settled for a part of its operations, a transaction would be forgotten
        // for the others, and those be done again.
        const envelopes = recovered.size === taken ? await outbox.envelopes() : [];
        await Promise.all(envelopes.map((envelope) => resend(parts, envelope, recovered)));
    } catch (error) {
        const failure = notTakenUp(error);
        keeper.forsake(failure);
        for (const { operation } of recovered.values()) {
            settleFailed(engine.context, operation, failure);
        }
        throw error;
    }
    keeper.forsake(closedBefore());
    for (const { operation, submittal } of recovered.values()) {
        if (!operation.ticket.settled) engine.resume(operation, submittal);
    }
    return taken;
}

/** Gives each its place, and its ticket to whoever asks for it by id. */
async function adopt(
    { keeper, engine, onRecovered }: RecoveryParts,
    records: readonly OperationRecord[],
    recovered: Map<number, Recovered>,
): Promise<void> {
    for (const record of records) {
        if (engine.context.stop.aborted) break;
        const submittal = submittalOf(record);
        const operation = await engine.recover(submittal, patienceLeft(record));
        keeper.adopt(operation, record);
        recovered.set(record.sequence, { operation, submittal });
        void operation.ticket.receipt.then((receipt) => {
            onRecovered(receipt);
        });
    }
}

const goesOn = 'It goes on when the outbox is opened again.';

function closedBefore(): GatewayError {
    return new GatewayError(
        'GATEWAY_CLOSED',
        `The operation is in the outbox, and was not taken up before the client closed. ${goesOn}`,
        { retryable: true },
    );
}

function notTakenUp(cause: unknown): GatewayError {
    return new GatewayError(
        'GATEWAY_OUTBOX_UNUSABLE',
        `The operation is in the outbox, which could not be taken up: ${String(cause)}. ${goesOn}`,
        { cause },
    );
}

/** Operations of an envelope that proves invalid stay without receipt, and are then run anew. */
async function resend(
    { engine, keeper }: RecoveryParts,
    envelope: EnvelopeRecord,
    recovered: ReadonlyMap<number, Recovered>,
): Promise<void> {
    const operations = envelope.operations.map((sequence) => recovered.get(sequence)?.operation);
    const open = operations.filter((operation) => operation !== undefined);
    if (open.length === 0) return;
    keeper.adoptEnvelope(envelope.transactionId, open);
    await settleEnvelope(engine.context, engine.codec, operations, {
        transactionId: envelope.transactionId,
        bytes: Buffer.from(envelope.bytes, 'base64'),
        result: Buffer.from(envelope.result, 'base64'),
        batch: envelope.batch,
    });
}
