import { GatewayError } from '../errors.js';
import { isOfReceiptIndex, KeptReceipts } from './kept-receipts.js';
import type { EnvelopeRecord, OperationRecord, OutboxOwner, ReceiptRecord } from './record.js';
import { del, put, RecordStore, type StoreOptions } from './record-store.js';

/** What an outbox holds of one operation, for people. */
export interface OutboxEntry {
    readonly id: string;
    readonly state: 'waiting' | 'sent' | 'failed';
    readonly acceptedAt: Date;
    /** Chaincode, contract if named, and function. */
    readonly function: string;
    /** The transaction it was last sent in. */
    readonly transactionId?: string;
    /** Why it failed. */
    readonly error?: { readonly code: string; readonly message: string };
}

const operations = 'o/';
const envelopes = 't/';
const ownerKey = 'm/owner';

const operationKey = (sequence: number): string =>
    `${operations}${String(sequence).padStart(16, '0')}`;
const envelopeKey = (transactionId: string): string => `${envelopes}${transactionId}`;

/** The file format of the outbox, and nothing of when what is written. */
export class Outbox {
    readonly #store: RecordStore;
    readonly #receipts: KeptReceipts;
    #next = 1;

    private constructor(store: RecordStore) {
        this.#store = store;
        this.#receipts = new KeptReceipts(store);
    }

    /**
     * Opens an outbox. Only one process may have it open.
     *
     * @param options - `sync`: force each write to the disk itself, which is the default; `create`:
     *   make it when there is none, which is the default too
     */
    static async open(path: string, options: StoreOptions = {}): Promise<Outbox> {
        const store = await RecordStore.open(path, options);
        try {
            const outbox = new Outbox(store);
            await outbox.#findNext();
            return outbox;
        } catch (error) {
            await store.close();
            throw error;
        }
    }

    get path(): string {
        return this.#store.path;
    }

    /**
     * Says for whom the outbox is used. What it holds was accepted for one identity on one channel;
     * another must neither submit that nor be answered with its receipts.
     */
    async claim(owner: OutboxOwner): Promise<void> {
        const former = (await this.#store.get(ownerKey)) as OutboxOwner | undefined;
        if (former !== undefined && describe(former) === describe(owner)) return;
        if (former !== undefined && !(await this.#isEmpty())) {
            throw new GatewayError(
                'GATEWAY_OUTBOX_UNUSABLE',
                `The outbox ${this.path} is that of ${describe(former)}, and this client is ${describe(owner)}. Use a folder of its own for each.`,
            );
        }
        await this.#store.write([put(ownerKey, owner)]);
    }

    async #isEmpty(): Promise<boolean> {
        const some = await this.#store.keys({ prefix: '', limit: 2 });
        return some.every((key) => key === ownerKey);
    }

    /** An envelope may outlive some of its operations: what comes must not be taken for one of them. */
    async #findNext(): Promise<void> {
        const [newest] = await this.#store.keys({ prefix: operations, reverse: true, limit: 1 });
        let last = newest === undefined ? 0 : Number(newest.slice(operations.length));
        for (const envelope of await this.envelopes()) {
            for (const sequence of envelope.operations) last = Math.max(last, sequence);
        }
        this.#next = last + 1;
    }

    /** A number above all before it. */
    nextSequence(): number {
        return this.#next++;
    }

    /**
     * Resolves when the operation is on disk.
     *
     * @param replaces - sequence of one with the same id that had been given up
     */
    addOperation(record: OperationRecord, replaces?: number): Promise<void> {
        const changes = [
            ...(replaces === undefined ? [] : [del(operationKey(replaces))]),
            put(operationKey(record.sequence), record),
        ];
        return this.#store.write(changes, 'The operation was not accepted.');
    }

    /** Resolves when the envelope is on disk, and the ones it replaces are gone. */
    addEnvelope(record: EnvelopeRecord, replaces: readonly string[]): Promise<void> {
        const gone = replaces.map((transactionId) => del(envelopeKey(transactionId)));
        const changes = [...gone, put(envelopeKey(record.transactionId), record)];
        return this.#store.write(
            changes,
            'Nothing was sent; what was accepted stays in it and goes on when it is opened again.',
        );
    }

    /** The operation has its receipt: it goes, its envelope goes with its last operation. */
    finish(sequence: number, receipt: ReceiptRecord, envelope: string | undefined): Promise<void> {
        return this.#store.write([
            del(operationKey(sequence)),
            ...this.#receipts.keep(receipt),
            ...(envelope === undefined ? [] : [del(envelopeKey(envelope))]),
        ]);
    }

    /** The operation was given up; it waits for {@link retry}. */
    fail(record: OperationRecord, envelope: string | undefined): Promise<void> {
        return this.#store.write([
            put(operationKey(record.sequence), record),
            ...(envelope === undefined ? [] : [del(envelopeKey(envelope))]),
        ]);
    }

    /** Operations without a committed or rejected receipt, in the order of acceptance. */
    async operations(): Promise<OperationRecord[]> {
        const records = await this.#store.range({ prefix: operations });
        return records.map(([, record]) => record as OperationRecord);
    }

    async envelopes(): Promise<EnvelopeRecord[]> {
        const records = await this.#store.range({ prefix: envelopes });
        return records.map(([, record]) => record as EnvelopeRecord);
    }

    /** The receipt that an operation of that id has had. */
    receipt(id: string): Promise<ReceiptRecord | undefined> {
        return this.#receipts.of(id);
    }

    /**
     * Forgets receipts from before then, the oldest first.
     *
     * @param most - how many at most
     * @returns how many
     */
    forgetReceipts(before: number, most = Infinity): Promise<number> {
        return this.#receipts.forget(before, most);
    }

    /** What it holds, for people. */
    async list(): Promise<OutboxEntry[]> {
        const sent = new Map<number, string>();
        for (const { operations, transactionId } of await this.envelopes()) {
            for (const sequence of operations) sent.set(sequence, transactionId);
        }
        return (await this.operations()).map((record) => {
            const transactionId = sent.get(record.sequence);
            const state = transactionId === undefined ? 'waiting' : 'sent';
            return {
                id: record.id,
                state: record.failed === undefined ? state : 'failed',
                acceptedAt: new Date(record.acceptedAt),
                function: `${record.scope}:${record.call.transaction}`,
                ...(transactionId !== undefined && { transactionId }),
                ...(record.failed && { error: record.failed }),
            };
        });
    }

    /**
     * Lets failed operations run again the next time a client opens the outbox.
     *
     * @param id - only this one
     * @returns how many
     */
    async retry(id?: string): Promise<number> {
        const failed = (await this.operations()).filter(
            (record) => record.failed !== undefined && (id === undefined || record.id === id),
        );
        await this.#store.write(
            failed.map((record) => put(operationKey(record.sequence), withoutFailure(record))),
        );
        return failed.length;
    }

    /** Everything it holds as lines of JSON, arguments included: treat it as you treat the data. */
    async *export(): AsyncGenerator<string> {
        for await (const [key, value] of this.#store.all()) {
            if (!isOfReceiptIndex(key)) yield `${JSON.stringify({ key, value })}\n`;
        }
    }

    close(): Promise<void> {
        return this.#store.close();
    }
}

function withoutFailure(record: OperationRecord): OperationRecord {
    const copy: { failed?: OperationRecord['failed'] } & OperationRecord = { ...record };
    delete copy.failed;
    return copy;
}

function describe({ channel, mspId, subject }: OutboxOwner): string {
    return `${subject.replaceAll('\n', ',')} of ${mspId} on channel ${channel}`;
}
