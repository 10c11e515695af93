import { compareKeys } from '@goodput/keys';
import type { PendingRow } from './space.js';
import type { Row, RowIterator } from './stub.js';

interface Next {
    value: Row;
    done: boolean;
}

const END = { done: true } as Next;

/** Below 0: the committed row; above 0: the pending one; 0: both are the same key. */
function whoIsFirst(head: Row | undefined, pending: PendingRow | undefined): number {
    if (head === undefined) return 1;
    return pending === undefined ? -1 : compareKeys(head.key, pending[0]);
}

/**
 * The committed rows of a range with the pending writes over them, in the order of UTF-8 bytes.
 *
 * It pulls a committed row only when it must know whether that row comes first, so that the range the
 * peer records stays as narrow as a plain scan's.
 */
export class MergedRange implements RowIterator {
    readonly #committed: RowIterator;
    readonly #pending: readonly PendingRow[];
    #next = 0;
    #head: Row | undefined;
    #drained = false;
    #closed = false;

    constructor(committed: RowIterator, pending: readonly PendingRow[]) {
        this.#committed = committed;
        this.#pending = pending;
    }

    async next(): Promise<Next> {
        for (;;) {
            if (this.#closed) return END;
            if (this.#head === undefined && !this.#drained) await this.#pull();
            const pending = this.#pending[this.#next];
            const head = this.#head;
            const order = whoIsFirst(head, pending);
            if (order <= 0) this.#head = undefined;
            if (order < 0 && head !== undefined) return { value: head, done: false };
            if (pending === undefined) return END;
            this.#next++;
            const [key, entry] = pending;
            if (entry.value === null) continue;
            // Fabric's own rows carry no namespace either, whatever their type says.
            const row: Omit<Row, 'namespace'> = { key, value: Buffer.from(entry.value) };
            return { value: row as Row, done: false };
        }
    }

    async close(): Promise<void> {
        if (this.#closed) return;
        this.#closed = true;
        await this.#committed.close();
    }

    async #pull(): Promise<void> {
        const result = await this.#committed.next();
        if (result.done) this.#drained = true;
        else this.#head = result.value;
    }
}
