import type { common } from '@hyperledger/fabric-protos';
import type { Channel } from '../channel/channel.js';

/** Reads a channel's blocks in order, and waits at its end for the next. */
export class BlockCursor implements AsyncIterable<common.Block> {
    readonly #channel: Channel;
    readonly #forgetChannel: () => void;
    readonly #whenClosed: (() => void)[] = [];
    #next: number;
    #wake: (() => void) | undefined;
    #closed = false;

    constructor(channel: Channel, start: number) {
        this.#channel = channel;
        this.#next = start;
        const wake = (): void => {
            this.#wake?.();
        };
        const forgetLedger = channel.ledger.onCommit(wake);
        const forgetStandstill = channel.standstill.onceBegun(wake);
        this.#forgetChannel = () => {
            forgetLedger();
            forgetStandstill();
        };
    }

    /** Number of the block that comes next. */
    get position(): number {
        return this.#next;
    }

    /** Resolves to the next block, once there is one; undefined when closed. Rejects where none will follow. */
    async next(): Promise<common.Block | undefined> {
        for (;;) {
            if (this.#closed) return undefined;
            const block = this.#channel.block(this.#next);
            if (block !== undefined) {
                this.#next += 1;
                return block;
            }
            const { error } = this.#channel.standstill;
            if (error !== undefined) throw error;
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
        this.#forgetChannel();
        this.#wake?.();
        for (const callback of this.#whenClosed) callback();
    }
}
