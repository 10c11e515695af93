import type { GatewayError } from '../errors.js';
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
    /** Understands an error that will not pass by itself; undefined of one that may. */
    readonly lasting?: (error: unknown) => GatewayError | undefined;
}

/** A stream that stands still for this long, behind what is known to be committed, has stalled. */
const stalledMs = 1_000;
const reconnectPause = { baseMs: 100, maxMs: 3_000 };
/** Where somebody has to do something first. */
const lastingPause = { baseMs: 1_000, maxMs: 30_000 };

/**
 * One stream of blocks for everything in the client that needs them. It survives what ends a
 * stream, begins again with the block after the last one seen, and passes each block on once.
 */
export class BlockFeed {
    readonly #options: BlockFeedOptions;
    readonly #stop = new AbortController();
    #next: bigint | undefined;
    /** Where the stream stood when it was first found behind. */
    #behind: { readonly at: bigint | undefined; readonly since: number } | undefined;
    #stream: BlockStream | undefined;
    #running: Promise<void> | undefined;
    #live = false;
    #trouble: GatewayError | undefined;
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

    /** Why no blocks come in, and none will until somebody has done something about it. */
    get trouble(): GatewayError | undefined {
        return this.#trouble;
    }

    start(): void {
        this.#running ??= this.#run();
    }

    /**
     * The channel is known to have this many blocks. A stream that stands at the same block for a
     * while nevertheless has stalled without breaking, and is opened anew.
     *
     * @returns whether it was
     */
    knownHeight(height: bigint): boolean {
        const behind = this.#live && this.#next !== undefined && this.#next < height;
        const now = performance.now();
        if (!behind) this.#behind = undefined;
        else if (this.#behind?.at !== this.#next) this.#behind = { at: this.#next, since: now };
        if (this.#behind === undefined || now - this.#behind.since < stalledMs) return false;
        this.#behind = undefined;
        this.#setLive(false, new Error('The stream of blocks stalled.'));
        this.#stream?.close();
        return true;
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
                // A stream that is refused opens like any other: then only a block shows that it is not.
                if (this.#trouble === undefined) this.#setLive(true);
                for await (const block of this.#stream) {
                    failures = 0;
                    if (this.#trouble !== undefined) this.#recovered();
                    this.#take(block);
                }
                this.#setLive(false);
            } catch (error) {
                this.#broke(error);
            }
            if (this.#closed()) return;
            this.#reconnects += 1;
            const pauses = this.#trouble === undefined ? reconnectPause : lastingPause;
            const wait = backoffMs(pauses, failures + 1);
            await pause(wait, this.#stop.signal).catch(() => undefined);
        }
    }

    /** What lasts is told of once. */
    #broke(error: unknown): void {
        const before = this.#trouble;
        this.#trouble = this.#options.lasting?.(error);
        if (before !== undefined && before.code === this.#trouble?.code) return;
        this.#setLive(false, this.#trouble ?? error);
    }

    #recovered(): void {
        this.#trouble = undefined;
        this.#setLive(true);
    }

    /** A method, as it changes while others wait. */
    #closed(): boolean {
        return this.#stop.signal.aborted;
    }

    #take(block: BlockSummary): void {
        if (this.#next !== undefined && block.number < this.#next) return;
        if (this.#next !== undefined && block.number > this.#next) {
            const [got, due] = [block.number.toString(), this.#next.toString()];
            // Nothing may be missed: the stream is opened anew at the block that is due.
            throw new Error(`Block ${got} came where ${due} was due.`);
        }
        this.#next = block.number + 1n;
        this.#options.onBlock(block);
    }

    #setLive(live: boolean, error?: unknown): void {
        if (this.#live === live && error === undefined) return;
        this.#live = live;
        if (!this.#closed()) this.#options.onState?.(live ? 'live' : 'broken', error);
    }
}
