import { mkdirSync } from 'node:fs';
import { ClassicLevel } from 'classic-level';
import { GatewayError } from '../errors.js';
import { GroupWriter, type Change, type Store } from './group-writer.js';
import {
    decodeRecord,
    encodeRecord,
    type EnvelopeRecord,
    type OperationRecord,
    type OutboxOwner,
    type ReceiptRecord,
} from './record.js';

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

const operationKey = (sequence: number): string => `o/${String(sequence).padStart(16, '0')}`;
const envelopeKey = (transactionId: string): string => `t/${transactionId}`;
const receiptKey = (id: string): string => `r/${id}`;

function unusable(path: string, cause: unknown): GatewayError {
    const reason = (cause as { cause?: { code?: string; message?: string } }).cause;
    const why =
        reason?.code === 'LEVEL_LOCKED'
            ? 'another process has it open'
            : (reason?.message ?? String(cause));
    return new GatewayError(
        'GATEWAY_OUTBOX_UNUSABLE',
        `The outbox ${path} cannot be opened: ${why}. Each process needs an outbox of its own.`,
        { cause },
    );
}

const ownerKey = 'm/owner';

/** The file format of the outbox, and nothing of when what is written. */
export class Outbox {
    readonly path: string;
    readonly #store: Store;
    readonly #writer: GroupWriter;
    #next = 1;

    private constructor(path: string, store: Store, sync: boolean) {
        this.path = path;
        this.#store = store;
        this.#writer = new GroupWriter(store, sync);
    }

    /**
     * Opens an outbox. Only one process may have it open.
     *
     * @param options - `sync`: force each write to the disk itself, which is the default; `create`:
     *   make it when there is none, which is the default too
     */
    static async open(
        path: string,
        options: { readonly sync?: boolean; readonly create?: boolean } = {},
    ): Promise<Outbox> {
        const { create = true } = options;
        try {
            if (create) mkdirSync(path, { recursive: true });
            const store: Store = new ClassicLevel(path, {
                valueEncoding: 'buffer',
                createIfMissing: create,
            });
            await store.open();
            try {
                const outbox = new Outbox(path, store, options.sync ?? true);
                await outbox.#findNext();
                return outbox;
            } catch (error) {
                await store.close();
                throw error;
            }
        } catch (cause) {
            throw unusable(path, cause);
        }
    }

    /**
     * Says for whom the outbox is used. What it holds was accepted for one identity on one channel;
     * another must neither submit that nor be answered with its receipts.
     */
    async claim(owner: OutboxOwner): Promise<void> {
        const bytes = await this.#store.get(ownerKey);
        const former = bytes && (decodeRecord(bytes, ownerKey) as OutboxOwner);
        if (former !== undefined && describe(former) === describe(owner)) return;
        if (former !== undefined && !(await this.#isEmpty())) {
            throw new GatewayError(
                'GATEWAY_OUTBOX_UNUSABLE',
                `The outbox ${this.path} is that of ${describe(former)}, and this client is ${describe(owner)}. Use a folder of its own for each.`,
            );
        }
        await this.#write([put(ownerKey, owner)]);
    }

    async #isEmpty(): Promise<boolean> {
        for await (const key of this.#store.keys()) if (key !== ownerKey) return false;
        return true;
    }

    async #findNext(): Promise<void> {
        const last = { gte: 'o/', lt: 'o0', reverse: true, limit: 1 };
        for await (const key of this.#store.keys(last)) this.#next = Number(key.slice(2)) + 1;
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
        return this.#write(changes, 'The operation was not accepted.');
    }

    /** Resolves when the envelope is on disk, and the ones it replaces are gone. */
    addEnvelope(record: EnvelopeRecord, replaces: readonly string[]): Promise<void> {
        const gone = replaces.map((transactionId) => del(envelopeKey(transactionId)));
        const changes = [...gone, put(envelopeKey(record.transactionId), record)];
        return this.#write(
            changes,
            'Nothing was sent; what was accepted stays in it and goes on when it is opened again.',
        );
    }

    /** The operation has its receipt: it goes, its envelope goes with its last operation. */
    finish(sequence: number, receipt: ReceiptRecord, envelope: string | undefined): Promise<void> {
        return this.#write([
            del(operationKey(sequence)),
            put(receiptKey(receipt.id), receipt),
            ...(envelope === undefined ? [] : [del(envelopeKey(envelope))]),
        ]);
    }

    /** The operation was given up; it waits for {@link retry}. */
    fail(record: OperationRecord, envelope: string | undefined): Promise<void> {
        return this.#write([
            put(operationKey(record.sequence), record),
            ...(envelope === undefined ? [] : [del(envelopeKey(envelope))]),
        ]);
    }

    /** Operations without a committed or rejected receipt, in the order of acceptance. */
    async operations(): Promise<OperationRecord[]> {
        const records: OperationRecord[] = [];
        for await (const [key, bytes] of this.#store.iterator({ gte: 'o/', lt: 'o0' })) {
            records.push(decodeRecord(bytes, key) as OperationRecord);
        }
        return records;
    }

    async envelopes(): Promise<EnvelopeRecord[]> {
        const records: EnvelopeRecord[] = [];
        for await (const [key, bytes] of this.#store.iterator({ gte: 't/', lt: 't0' })) {
            records.push(decodeRecord(bytes, key) as EnvelopeRecord);
        }
        return records;
    }

    /** The receipt that an operation of that id has had. */
    async receipt(id: string): Promise<ReceiptRecord | undefined> {
        const bytes = await this.#store.get(receiptKey(id));
        return bytes === undefined
            ? undefined
            : (decodeRecord(bytes, receiptKey(id)) as ReceiptRecord);
    }

    /** Forgets receipts older than that. */
    async forgetReceipts(before: number): Promise<number> {
        const old: Change[] = [];
        for await (const [key, bytes] of this.#store.iterator({ gte: 'r/', lt: 'r0' })) {
            const { finishedAt } = decodeRecord(bytes, key) as ReceiptRecord;
            if (finishedAt < before) old.push({ type: 'del', key });
        }
        if (old.length > 0) await this.#write(old);
        return old.length;
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
        await this.#write(
            failed.map((record) => put(operationKey(record.sequence), withoutFailure(record))),
        );
        return failed.length;
    }

    /** Everything it holds as lines of JSON, arguments included: treat it as you treat the data. */
    async *export(): AsyncGenerator<string> {
        for await (const [key, bytes] of this.#store.iterator()) {
            yield `${JSON.stringify({ key, value: decodeRecord(bytes, key) })}\n`;
        }
    }

    async close(): Promise<void> {
        await this.#writer.flushed();
        await this.#store.close();
    }

    async #write(changes: readonly Change[], consequence = ''): Promise<void> {
        try {
            await this.#writer.write(changes);
        } catch (cause) {
            throw new GatewayError(
                'GATEWAY_OUTBOX_UNUSABLE',
                `The outbox ${this.path} cannot be written: ${String(cause)}. ${consequence}`.trimEnd(),
                { cause },
            );
        }
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

function put(key: string, record: Parameters<typeof encodeRecord>[0]): Change {
    return { type: 'put', key, value: encodeRecord(record) };
}

function del(key: string): Change {
    return { type: 'del', key };
}
