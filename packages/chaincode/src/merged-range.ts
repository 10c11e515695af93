import { compareKeys } from '@goodput/keys';
import type { ScanRecorder } from './scan-cache.js';
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

// What is kept stays as it is, whatever the caller does to what it gets. Fabric's own rows carry no
// namespace either, whatever their type says.
function copyOf(key: string, value: Uint8Array): Next {
    const row: Omit<Row, 'namespace'> = { key, value: Buffer.from(value) };
    return { value: row as Row, done: false };
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
    readonly #recorder: ScanRecorder | undefined;
    #next = 0;
    #head: Row | undefined;
    #drained = false;
    #closed = false;

    constructor(committed: RowIterator, pending: readonly PendingRow[], recorder?: ScanRecorder) {
        this.#committed = committed;
        this.#pending = pending;
        this.#recorder = recorder;
    }

    async next(): Promise<Next> {
        for (;;) {
            if (this.#closed) return END;
            if (this.#head === undefined && !this.#drained) {
                const result = await this.#committed.next();
                this.#take(result);
            }
            const pending = this.#pending[this.#next];
            const head = this.#head;
            const order = whoIsFirst(head, pending);
            if (order <= 0) this.#head = undefined;
            if (order < 0 && head !== undefined) return copyOf(head.key, head.value);
            if (pending === undefined) return END;
            this.#next++;
            const [key, entry] = pending;
            if (entry.value !== null) return copyOf(key, entry.value);
        }
    }

    async close(): Promise<void> {
        if (this.#closed) return;
        this.#closed = true;
        await this.#committed.close();
    }

    #take(result: Next): void {
        if (result.done) {
            this.#drained = true;
            this.#recorder?.end();
            return;
        }
        this.#head = result.value;
        this.#recorder?.row(result.value);
    }
}
