import { resolve } from 'node:path';
import { CheckpointFile } from '../events/checkpoint-file.js';
import { assertCount, assertKnown, invalid, shown } from './checks.js';
import { EventStream, type EventStreamOptions, type OpenStream } from '../events/event-stream.js';

/** How events are consumed. */
export interface EventOptions<T> extends Omit<EventStreamOptions<T>, 'checkpoint'> {
    /** A file, or an object that keeps the position where you like. */
    readonly checkpoint?: string | EventStreamOptions<T>['checkpoint'];
}

const names: Readonly<Record<keyof EventOptions<unknown>, true>> = {
    handler: true,
    checkpoint: true,
    startBlock: true,
    onError: true,
    attempts: true,
    deadLetter: true,
    checkpointEvery: true,
    onTrouble: true,
};

/** What a stream would only stumble over with its first event, or never. */
function assertEventOptions<T>(options: EventOptions<T>): void {
    assertKnown(options, Object.keys(names), 'The options of a stream of events');
    const { handler, startBlock, onError = 'block', attempts, checkpointEvery } = options;
    if (typeof handler !== 'function') {
        throw invalid(`handler must be a function, got ${shown(handler)}.`);
    }
    if (startBlock !== undefined && (typeof startBlock !== 'bigint' || startBlock < 0n)) {
        throw invalid(`startBlock must be a bigint of at least 0n, got ${shown(startBlock)}.`);
    }
    if (!['block', 'skip'].includes(onError)) {
        throw invalid(`onError must be one of block, skip, got ${shown(onError)}.`);
    }
    if (attempts !== undefined) assertCount(attempts, 'attempts');
    if (checkpointEvery !== undefined) assertCount(checkpointEvery, 'checkpointEvery');
}

/** Files that streams of this process keep their positions in. */
const checkpoints = new Set<string>();

/** Two streams that share a file would each go on where the other is, and skip what lies between. */
function checkpointOf<T>(checkpoint: EventOptions<T>['checkpoint']): {
    readonly checkpoint: EventStreamOptions<T>['checkpoint'];
    readonly release: () => void;
} {
    if (typeof checkpoint !== 'string') return { checkpoint, release: () => undefined };
    const path = resolve(checkpoint);
    if (checkpoints.has(path)) {
        throw invalid(`The checkpoint ${path} is that of another stream. Use a file for each.`);
    }
    checkpoints.add(path);
    return { checkpoint: new CheckpointFile(checkpoint), release: () => checkpoints.delete(path) };
}

/** The event streams of a client, which end with it. */
export class EventStreams {
    readonly #height: () => bigint;
    readonly #open = new Set<{ close(): Promise<void> }>();

    /** @param height - blocks of the channel seen so far */
    constructor(height: () => bigint) {
        this.#height = height;
    }

    add<T>(open: OpenStream<T>, options: EventOptions<T>): EventStream<T> {
        assertEventOptions(options);
        const { startBlock, ...rest } = options;
        const { checkpoint, release } = checkpointOf<T>(options.checkpoint);
        // Without a block to begin with, a break before the first event would skip what came then.
        const height = this.#height();
        const start = startBlock ?? (height === 0n ? undefined : height);
        const stream = new EventStream(open, {
            ...rest,
            startBlock: start,
            checkpoint,
        });
        this.#open.add(stream);
        const ended = (): void => {
            release();
            this.#open.delete(stream);
        };
        stream.done.then(ended, ended);
        return stream;
    }

    async close(): Promise<void> {
        await Promise.allSettled([...this.#open].map((stream) => stream.close()));
    }
}
