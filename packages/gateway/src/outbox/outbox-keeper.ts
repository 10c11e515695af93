import type { Keeper } from '../client/keeper.js';
import type { StrategyChoice } from '../client/options.js';
import type { Receipt } from '../client/receipt.js';
import { TicketState, type Ticket, type TicketStatus } from '../client/ticket.js';
import { GatewayError } from '../errors.js';
import type { DeclaredKeys } from '../lanes/key-use.js';
import type { Operation } from '../strategy/operation.js';
import type { Endorsed } from '../transport/transport.js';
import type { Outbox } from './outbox.js';
import { keepArguments, keepReceipt, restoreReceipt, type OperationRecord } from './record.js';

/** The ticket of an operation that is yet to be taken on. */
class Expected {
    readonly ticket: Promise<Ticket>;
    adopted: (ticket: Ticket) => void = () => undefined;
    forsaken: (why: GatewayError) => void = () => undefined;

    constructor() {
        this.ticket = new Promise((resolve, reject) => {
            this.adopted = resolve;
            this.forsaken = reject;
        });
    }
}

/** An envelope on disk, and the operations that wait for what becomes of it, by sequence. */
interface Sent {
    readonly transactionId: string;
    readonly open: Set<number>;
}

/** Verdicts after which an operation may still be, or become, part of the ledger. */
const unfinished = new Set<string>([
    'GATEWAY_OUTCOME_UNKNOWN',
    'GATEWAY_CLOSED',
    // Its envelope could not be written down and so was not sent; the operation itself is on disk.
    'GATEWAY_OUTBOX_UNUSABLE',
]);
const ended: Partial<Record<TicketStatus, true>> = {
    committed: true,
    rejected: true,
    failed: true,
};
/** Failures that the caller asked for, or that trying again would not mend. */
const final = new Set<string>(['GATEWAY_CANCELLED', 'GATEWAY_DEADLINE_PASSED']);

/** Writes down what an engine accepts and sends, before it does so. */
export class OutboxKeeper implements Keeper {
    readonly #outbox: Outbox;
    readonly #records = new WeakMap<Operation, OperationRecord>();
    readonly #sent = new Map<number, Sent>();
    readonly #tickets = new Map<string, Promise<Ticket>>();
    /** Operations of an earlier process that are yet to be taken on, by id. */
    readonly #expected = new Map<string, Expected>();
    /** Sequences of operations that were given up, by id. */
    readonly #givenUp: Map<string, number>;
    readonly #failed: (error: unknown) => void;

    /**
     * @param records - what the outbox holds
     * @param failed - told when finishing an operation could not be written
     */
    constructor(
        outbox: Outbox,
        records: readonly OperationRecord[],
        failed: (error: unknown) => void,
    ) {
        this.#outbox = outbox;
        const givenUp = records.filter((record) => record.failed !== undefined);
        this.#givenUp = new Map(givenUp.map(({ id, sequence }) => [id, sequence]));
        this.#failed = failed;
        // From the first moment: who submits one of these again must not have it done twice.
        for (const record of records) if (record.failed === undefined) this.#expect(record.id);
    }

    #expect(id: string): void {
        const expected = new Expected();
        this.#expected.set(id, expected);
        this.claim(id, expected.ticket);
    }

    running(id: string): Promise<Ticket> | undefined {
        return this.#tickets.get(id);
    }

    async finished(id: string): Promise<Ticket | undefined> {
        const record = await this.#outbox.receipt(id);
        if (record === undefined) return undefined;
        const ticket = new TicketState(id);
        ticket.settle(restoreReceipt(record));
        return ticket;
    }

    claim(id: string, ticket: Promise<Ticket>): void {
        this.#tickets.set(id, ticket);
        const forget = (): void => {
            if (this.#tickets.get(id) === ticket) this.#tickets.delete(id);
        };
        // What was refused, or had its receipt long ago, is not under way.
        ticket.then(({ status }) => {
            if (status in ended) forget();
        }, forget);
    }

    async accept(
        operation: Operation,
        strategy: StrategyChoice | undefined,
        keys: DeclaredKeys | undefined,
    ): Promise<void> {
        const { call, scope, id, caller, priority, patience } = operation;
        const { deadline } = patience;
        if (call.transient !== undefined) {
            throw new GatewayError(
                'GATEWAY_OPTIONS_INVALID',
                'Transient data must not be written to an outbox. Submit it with a client that has none.',
            );
        }
        const record: OperationRecord = {
            sequence: this.#outbox.nextSequence(),
            id,
            acceptedAt: Date.now(),
            scope,
            call: { ...call, args: keepArguments(call.args) },
            caller,
            priority,
            ...(strategy && { strategy }),
            ...(deadline !== undefined && { notAfter: wallClock(deadline) }),
            ...(keys && { keys }),
        };
        await this.#outbox.addOperation(record, this.#givenUp.get(id));
        this.#givenUp.delete(id);
        this.#records.set(operation, record);
    }

    /** Takes on an operation that is on disk already. */
    adopt(operation: Operation, record: OperationRecord): void {
        this.#records.set(operation, record);
        const expected = this.#expected.get(operation.id);
        this.#expected.delete(operation.id);
        if (expected === undefined) this.claim(operation.id, Promise.resolve(operation.ticket));
        else expected.adopted(operation.ticket);
    }

    /** What has not been taken on by now will not be, before the outbox is opened again. */
    forsake(why: GatewayError): void {
        for (const expected of this.#expected.values()) expected.forsaken(why);
        this.#expected.clear();
    }

    /** Takes on an envelope that is on disk already, and those of its operations that are still open. */
    adoptEnvelope(transactionId: string, operations: readonly Operation[]): void {
        this.#carry(transactionId, this.#sequencesOf(operations));
    }

    /**
     * An operation is only sent again when its former transaction can have no effect, and that has
     * none for anybody: its envelope goes as a whole, also for operations that are yet to be endorsed
     * anew. Kept for those, it would hold them to a transaction that never comes.
     */
    async beforeSend(operations: readonly Operation[], endorsed: Endorsed): Promise<void> {
        const sequences = this.#sequencesOf(operations);
        const former = new Set(sequences.flatMap((sequence) => this.#sent.get(sequence) ?? []));
        await this.#outbox.addEnvelope(
            {
                transactionId: endorsed.transactionId,
                operations: sequences,
                batch: operations.length > 1,
                bytes: Buffer.from(endorsed.bytes).toString('base64'),
                result: Buffer.from(endorsed.result).toString('base64'),
            },
            [...former].map(({ transactionId }) => transactionId),
        );
        for (const { open } of former) for (const sequence of open) this.#sent.delete(sequence);
        this.#carry(endorsed.transactionId, sequences);
    }

    #carry(transactionId: string, sequences: readonly number[]): void {
        const sent = { transactionId, open: new Set(sequences) };
        for (const sequence of sequences) this.#sent.set(sequence, sent);
    }

    #sequencesOf(operations: readonly Operation[]): number[] {
        return operations.map((operation) => this.#recordOf(operation).sequence);
    }

    finish(operation: Operation, receipt: Receipt): void {
        // The id stays taken until the disk knows what became of it: done again before that, the
        // operation might be done twice.
        this.#written(operation, receipt).then((written) => {
            if (written) this.#tickets.delete(operation.id);
        }, this.#failed);
    }

    /** False when it is not known what became of it, and the outbox therefore keeps it as it is. */
    async #written(operation: Operation, receipt: Receipt): Promise<boolean> {
        const record = this.#recordOf(operation);
        const code = receipt.outcome === 'failed' ? receipt.error.code : undefined;
        if (code !== undefined && unfinished.has(code)) return false;
        const envelope = this.#leave(record.sequence);
        if (receipt.outcome === 'failed' && !final.has(receipt.error.code)) {
            await this.#outbox.fail({ ...record, failed: why(receipt.error) }, envelope);
            this.#givenUp.set(operation.id, record.sequence);
            return true;
        }
        await this.#outbox.finish(record.sequence, keepReceipt(receipt, Date.now()), envelope);
        return true;
    }

    #recordOf(operation: Operation): OperationRecord {
        const record = this.#records.get(operation);
        if (record !== undefined) return record;
        throw new GatewayError(
            'GATEWAY_OUTBOX_UNUSABLE',
            `Operation ${operation.id} is not in the outbox.`,
        );
    }

    /** The envelope of an operation, when it was the last one in it. */
    #leave(sequence: number): string | undefined {
        const sent = this.#sent.get(sequence);
        if (sent === undefined) return undefined;
        this.#sent.delete(sequence);
        sent.open.delete(sequence);
        return sent.open.size === 0 ? sent.transactionId : undefined;
    }
}

/** The clock that deadlines are kept by does not outlast the process; this one does. */
function wallClock(deadline: number): number {
    return Date.now() + deadline - performance.now();
}

function why({ code, message }: GatewayError): NonNullable<OperationRecord['failed']> {
    return { code, message };
}
