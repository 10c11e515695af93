import type { Change } from './group-writer.js';
import type { ReceiptRecord } from './record.js';
import { del, put, type RecordStore } from './record-store.js';

const receipts = 'r/';
/** The same by time, so that the oldest are found without reading the others. */
const times = 'f/';

const receiptKey = (id: string): string => `${receipts}${id}`;
const timeKey = (finishedAt: number, id = ''): string =>
    `${times}${String(Math.max(0, Math.floor(finishedAt))).padStart(16, '0')}/${id}`;
const idOf = (key: string): string => key.slice(timeKey(0).length);

/** Whether a key only helps to find another. */
export function isOfReceiptIndex(key: string): boolean {
    return key.startsWith(times);
}

/** The receipts in an outbox: kept so that an operation submitted again by its id is recognised. */
export class KeptReceipts {
    readonly #store: RecordStore;

    constructor(store: RecordStore) {
        this.#store = store;
    }

    /** What keeps a receipt. */
    keep(receipt: ReceiptRecord): readonly Change[] {
        const { id, finishedAt } = receipt;
        return [put(receiptKey(id), receipt), put(timeKey(finishedAt, id), { finishedAt })];
    }

    /** The receipt that an operation of that id has had. */
    async of(id: string): Promise<ReceiptRecord | undefined> {
        return (await this.#store.get(receiptKey(id))) as ReceiptRecord | undefined;
    }

    /** Forgets the oldest receipts, as many as that, of those from before then. @returns how many */
    async forget(before: number, most: number): Promise<number> {
        if (!(before > 0)) return 0;
        const below = timeKey(before);
        const old = await this.#store.keys({ prefix: times, below, limit: most });
        await this.#store.write(old.flatMap((key) => [del(key), del(receiptKey(idOf(key)))]));
        return old.length;
    }
}
