import type { common } from '@hyperledger/fabric-protos';
import type { Ledger } from '../ledger/ledger.js';

/** Reads a ledger's blocks in order, and waits at its end for the next. */
export class BlockCursor implements AsyncIterable<common.Block> {
    readonly #ledger: Ledger;
    readonly #forgetLedger: () => void;
    readonly #whenClosed: (() => void)[] = [];
    #next: number;
    #wake: (() => void) | undefined;
    #closed = false;

    constructor(ledger: Ledger, start: number) {
        this.#ledger = ledger;
        this.#next = start;
        this.#forgetLedger = ledger.onCommit(() => {
            this.#wake?.();
        });
    }

    /** Number of the block that comes next. */
    get position(): number {
        return this.#next;
    }

    /** Resolves to the next block, once there is one; undefined when closed. */
    async next(): Promise<common.Block | undefined> {
        for (;;) {
            if (this.#closed) return undefined;
            const block = this.#ledger.blockByNumber(this.#next);
            if (block !== undefined) {
                this.#next += 1;
                return block;
            }
            await new Promise<void>((resolve) => {
                this.#wake = resolve;
            });
        }
    }

    async *[Symbol.asyncIterator](): AsyncGenerator<common.Block> {
        for (;;) {
            const block = await this.next();
            if (block === undefined) return;
            yield block;
        }
    }

    /** Calls back when the cursor is closed, at once if it is already. */
    onceClosed(callback: () => void): void {
        if (this.#closed) callback();
        else this.#whenClosed.push(callback);
    }

    close(): void {
        if (this.#closed) return;
        this.#closed = true;
        this.#forgetLedger();
        this.#wake?.();
        for (const callback of this.#whenClosed) callback();
    }
}
