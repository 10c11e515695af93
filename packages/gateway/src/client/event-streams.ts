import { CheckpointFile } from '../events/checkpoint-file.js';
import { EventStream, type EventStreamOptions, type OpenStream } from '../events/event-stream.js';

/** How events are consumed. */
export interface EventOptions<T> extends Omit<EventStreamOptions<T>, 'checkpoint'> {
    /** A file, or an object that keeps the position where you like. */
    readonly checkpoint?: string | EventStreamOptions<T>['checkpoint'];
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
        const { checkpoint, startBlock, ...rest } = options;
        // Without a block to begin with, a break before the first event would skip what came then.
        const height = this.#height();
        const start = startBlock ?? (height === 0n ? undefined : height);
        const stream = new EventStream(open, {
            ...rest,
            startBlock: start,
            checkpoint:
                typeof checkpoint === 'string' ? new CheckpointFile(checkpoint) : checkpoint,
        });
        this.#open.add(stream);
        void stream.done.catch(() => undefined).then(() => this.#open.delete(stream));
        return stream;
    }

    async close(): Promise<void> {
        await Promise.allSettled([...this.#open].map((stream) => stream.close()));
    }
}
