import { backoffMs } from '../failure/retry-policy.js';
import { pause } from '../queue/cancellation.js';

/** What a block says of its transactions. */
export interface BlockSummary {
    readonly number: bigint;
    readonly transactions: readonly {
        readonly transactionId: string;
        readonly code: number;
        readonly index: number;
    }[];
    /** The block itself, when the stream carries whole blocks. */
    readonly bytes?: Uint8Array;
}

/** An open stream of blocks. */
export interface BlockStream extends AsyncIterable<BlockSummary> {
    close(): void;
}

/** Where blocks come from and go to. */
export interface BlockFeedOptions {
    /** Opens a stream that begins with that block, or with the next one. */
    readonly open: (start: bigint | undefined) => Promise<BlockStream> | BlockStream;
    readonly onBlock: (block: BlockSummary) => void;
    /** Told when the stream breaks, and when blocks come again. */
    readonly onState?: (state: 'live' | 'broken', error?: unknown) => void;
}

const reconnectPause = { baseMs: 100, maxMs: 3_000 };

/**
 * One stream of blocks for everything in the client that needs them. It survives what ends a
 * stream, begins again with the block after the last one seen, and passes each block on once.
 */
export class BlockFeed {
    readonly #options: BlockFeedOptions;
    readonly #stop = new AbortController();
    #next: bigint | undefined;
    #stream: BlockStream | undefined;
    #running: Promise<void> | undefined;
    #live = false;
    #reconnects = 0;

    /** @param start - first block wanted; the next one to be committed when absent */
    constructor(options: BlockFeedOptions, start?: bigint) {
        this.#options = options;
        this.#next = start;
    }

    /** Number of the next block; the height of the chain as far as seen. */
    get height(): bigint {
        return this.#next ?? 0n;
    }

    /** Whether blocks are coming in as they are committed. */
    get live(): boolean {
        return this.#live;
    }

    get reconnects(): number {
        return this.#reconnects;
    }

    start(): void {
        this.#running ??= this.#run();
    }

    /** Breaks off the stream so that it is opened anew, perhaps elsewhere. */
    restart(): void {
        this.#stream?.close();
    }

    async close(): Promise<void> {
        this.#stop.abort();
        this.#stream?.close();
        await this.#running;
    }

    async #run(): Promise<void> {
        for (let failures = 1; !this.#closed(); failures++) {
            try {
                this.#stream = await this.#options.open(this.#next);
                // Closed while it was being opened.
                if (this.#closed()) this.#stream.close();
                this.#setLive(true);
                for await (const block of this.#stream) {
                    failures = 0;
                    this.#take(block);
                }
                this.#setLive(false);
            } catch (error) {
                this.#setLive(false, error);
            }
            if (this.#closed()) return;
            this.#reconnects += 1;
            const wait = backoffMs(reconnectPause, failures + 1);
            await pause(wait, this.#stop.signal).catch(() => undefined);
        }
    }

    /** A method, as it changes while others wait. */
    #closed(): boolean {
        return this.#stop.signal.aborted;
    }

    #take(block: BlockSummary): void {
        if (this.#next !== undefined && block.number < this.#next) return;
        this.#next = block.number + 1n;
        this.#options.onBlock(block);
    }

    #setLive(live: boolean, error?: unknown): void {
        if (this.#live === live && error === undefined) return;
        this.#live = live;
        if (!this.#closed()) this.#options.onState?.(live ? 'live' : 'broken', error);
    }
}
