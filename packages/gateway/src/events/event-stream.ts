import { GatewayError } from '../errors.js';
import { backoffMs } from '../failure/retry-policy.js';
import { outside } from '../observe/outsider.js';
import { pause } from '../queue/cancellation.js';
import type { CheckpointFile, EventPosition } from './checkpoint-file.js';

/** An item of a stream, and where it stands. */
export interface Positioned<T> {
    readonly block: bigint;
    /** Place among the items of its block. */
    readonly index: number;
    readonly value: T;
}

/** How an item is delivered. */
export interface Delivery {
    /**
     * It may have been handled before: the process ended, or the handler failed, between handling
     * and the checkpoint. False is certain.
     */
    readonly repeated: boolean;
    /** Tries of this item, this one included. */
    readonly attempt: number;
}

/** What a handler failure leads to. */
export type OnError = 'block' | 'skip';

/** How a stream of events is consumed. */
export interface EventStreamOptions<T> {
    readonly handler: (value: T, delivery: Delivery) => Promise<void> | void;
    /** Where to go on after a restart. */
    readonly checkpoint?: Pick<CheckpointFile, 'load' | 'save'> | undefined;
    /** First block, when there is no checkpoint. @default the next one */
    readonly startBlock?: bigint | undefined;
    /**
     * `block` tries an item until it is handled; `skip` gives it to `deadLetter` after `attempts`
     * and goes on.
     * @default 'block'
     */
    readonly onError?: OnError;
    /** Tries of an item before it is skipped. @default 5 */
    readonly attempts?: number;
    readonly deadLetter?: (value: T, error: unknown) => Promise<void> | void;
    /** Items handled between two checkpoints. @default 1 */
    readonly checkpointEvery?: number;
    /** Told of breaks of the stream and failures of the handler. */
    readonly onTrouble?: (error: unknown, what: 'stream' | 'handler') => void;
}

/** Opens a stream of items from the beginning of a block, or from the next block. */
export type OpenStream<T> = (
    start: bigint | undefined,
) => Promise<AsyncIterable<Positioned<T>> & { close(): void }>;

const reconnectPause = { baseMs: 100, maxMs: 3_000 };
const handlerPause = { baseMs: 100, maxMs: 30_000 };

/**
 * Delivers every item in order to a handler, across broken streams and restarts. Within one process
 * each item is delivered once; after a restart delivery goes on where the checkpoint says, and items
 * that may have been handled already are marked.
 */
export class EventStream<T> {
    readonly #open: OpenStream<T>;
    readonly #options: EventStreamOptions<T>;
    readonly #trouble: NonNullable<EventStreamOptions<T>['onTrouble']>;
    readonly #stop = new AbortController();
    #position: EventPosition | undefined;
    /** Items from here on have certainly not been delivered to any handler. */
    #doubtful = 0;
    #sinceSave = 0;
    #current: { close(): void } | undefined;
    #reconnects = 0;
    /** Resolves when the stream is closed; rejects when it cannot go on. */
    readonly done: Promise<void>;

    constructor(open: OpenStream<T>, options: EventStreamOptions<T>) {
        this.#open = open;
        this.#options = options;
        this.#trouble = outside('onTrouble of an event stream', options.onTrouble);
        this.done = this.#run();
        // Whoever wants to know awaits `done`; nobody has to.
        this.done.catch(() => undefined);
    }

    /** What comes next. */
    get position(): EventPosition | undefined {
        return this.#position;
    }

    get reconnects(): number {
        return this.#reconnects;
    }

    /** Stops after the item in hand, with the checkpoint saved. */
    async close(): Promise<void> {
        this.#stop.abort();
        this.#current?.close();
        await this.done;
    }

    async #run(): Promise<void> {
        await this.#begin();
        for (let failures = 1; !this.#stopped(); failures++) {
            try {
                const stream = await this.#open(this.#position?.block);
                this.#current = stream;
                if (this.#stopped()) stream.close();
                for await (const item of stream) {
                    failures = 0;
                    if (!(await this.#take(item))) break;
                }
            } catch (error) {
                if (error instanceof GatewayError && isOurOwn(error)) throw error;
                if (!this.#stopped()) this.#trouble(error, 'stream');
            }
            this.#current?.close();
            if (this.#stopped()) break;
            this.#reconnects += 1;
            await pause(backoffMs(reconnectPause, failures + 1), this.#stop.signal).catch(
                () => undefined,
            );
        }
        if (this.#sinceSave > 0) await this.#save();
    }

    /** A stream that begins says so on disk first, so that a later one knows it was not the first. */
    async #begin(): Promise<void> {
        const { checkpoint, startBlock, checkpointEvery = 1 } = this.#options;
        const loaded = await checkpoint?.load();
        if (loaded !== undefined) {
            this.#position = loaded;
            this.#doubtful = checkpointEvery;
            return;
        }
        if (startBlock === undefined) return;
        this.#position = { block: startBlock, handled: 0 };
        await this.#save();
    }

    #stopped(): boolean {
        return this.#stop.signal.aborted;
    }

    /** False when the stream was closed before the item was handled. */
    async #take(item: Positioned<T>): Promise<boolean> {
        const next = this.#position;
        const before =
            next !== undefined &&
            (item.block < next.block || (item.block === next.block && item.index < next.handled));
        if (before) return true;
        if (this.#stopped() || !(await this.#handle(item))) return false;
        this.#position = { block: item.block, handled: item.index + 1 };
        this.#doubtful = Math.max(0, this.#doubtful - 1);
        this.#sinceSave += 1;
        if (this.#sinceSave >= (this.#options.checkpointEvery ?? 1)) await this.#save();
        return true;
    }

    async #handle({ value }: Positioned<T>): Promise<boolean> {
        const { handler, onError = 'block', attempts = 5, deadLetter } = this.#options;
        for (let attempt = 1; !this.#stopped(); attempt++) {
            try {
                await handler(value, { repeated: this.#doubtful > 0 || attempt > 1, attempt });
                return true;
            } catch (error) {
                this.#trouble(error, 'handler');
                if (onError === 'skip' && attempt >= attempts) {
                    await this.#bury(value, error, deadLetter);
                    return true;
                }
                await pause(backoffMs(handlerPause, attempt), this.#stop.signal).catch(
                    () => undefined,
                );
            }
        }
        return false;
    }

    /** An item that neither the handler nor the dead letters take must not be lost. */
    async #bury(
        value: T,
        error: unknown,
        deadLetter: EventStreamOptions<T>['deadLetter'],
    ): Promise<void> {
        try {
            await deadLetter?.(value, error);
        } catch (cause) {
            throw new GatewayError(
                'GATEWAY_HANDLER_FAILED',
                `An event could be neither handled nor put aside: ${String(cause)}. The stream stopped before it.`,
                { cause },
            );
        }
    }

    async #save(): Promise<void> {
        this.#sinceSave = 0;
        if (this.#position !== undefined) await this.#options.checkpoint?.save(this.#position);
    }
}

function isOurOwn({ code }: GatewayError): boolean {
    return code === 'GATEWAY_HANDLER_FAILED' || code === 'GATEWAY_CHECKPOINT_UNUSABLE';
}
