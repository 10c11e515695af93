import { RwsetError } from './errors.js';

/** When an orderer cuts a block. The defaults are those of Fabric's sample configuration. */
export interface BlockLimits {
    /** The most transactions in a block. Default 500. */
    readonly maxMessageCount?: number;
    /** A transaction larger than this is refused. Default 10 MiB. */
    readonly absoluteMaxBytes?: number;
    /** A block is cut before it would pass this; a larger transaction gets its own. Default 2 MiB. */
    readonly preferredMaxBytes?: number;
}

/** Cuts a stream of transactions into blocks as Fabric's orderer does. */
export class BlockCutter<T> {
    readonly #limits: Required<BlockLimits>;
    #pending: T[] = [];
    #bytes = 0;

    constructor(limits: BlockLimits = {}) {
        this.#limits = {
            maxMessageCount: limits.maxMessageCount ?? 500,
            absoluteMaxBytes: limits.absoluteMaxBytes ?? 10 * 1024 * 1024,
            preferredMaxBytes: limits.preferredMaxBytes ?? 2 * 1024 * 1024,
        };
        for (const [name, value] of Object.entries(this.#limits)) {
            if (value >= 1) continue;
            throw new RwsetError(
                'RWSET_OPTION_INVALID',
                `${name} is ${value}; it must be a number of at least 1.`,
            );
        }
    }

    /** The largest transaction that is accepted. */
    get maxBytes(): number {
        return this.#limits.absoluteMaxBytes;
    }

    /** How many transactions wait for their block. */
    get pending(): number {
        return this.#pending.length;
    }

    /**
     * Takes a transaction and returns the blocks that are full with it: none, one, or, when it gets
     * a block of its own, that one and the one before.
     */
    add(item: T, bytes: number): T[][] {
        if (bytes > this.#limits.absoluteMaxBytes) {
            throw new RwsetError(
                'RWSET_TRANSACTION_TOO_LARGE',
                `A transaction has ${bytes} bytes, more than absoluteMaxBytes = ` +
                    `${this.#limits.absoluteMaxBytes}. An orderer refuses it: make it smaller.`,
            );
        }
        const blocks: T[][] = [];
        if (bytes > this.#limits.preferredMaxBytes) {
            if (this.#pending.length > 0) blocks.push(this.cut());
            blocks.push([item]);
            return blocks;
        }
        if (this.#bytes + bytes > this.#limits.preferredMaxBytes && this.#pending.length > 0) {
            blocks.push(this.cut());
        }
        this.#pending.push(item);
        this.#bytes += bytes;
        if (this.#pending.length >= this.#limits.maxMessageCount) blocks.push(this.cut());
        return blocks;
    }

    /** Cuts a block of what waits, as an orderer does when its timer runs out. */
    cut(): T[] {
        const block = this.#pending;
        this.#pending = [];
        this.#bytes = 0;
        return block;
    }
}
