import type { ServerDuplexStream } from '@grpc/grpc-js';
import { common } from '@hyperledger/fabric-protos';
import type { Channel } from '../channel/channel.js';
import type { ConcurrencyLimit } from '../grpc/concurrency-limit.js';
import { toServiceError } from '../grpc/rpc-error.js';
import { BlockCursor } from './block-cursor.js';
import { readSeek, type DeliverStatus, type Seek } from './seek.js';

const { Status } = common;

/** What makes responses, already serialized, of what one of the deliver services sends. */
export interface ResponseFormat {
    status(status: DeliverStatus): Buffer;
    block(block: common.Block, seek: Seek): Buffer | Promise<Buffer>;
}

/** What the deliver services work with. */
export interface DeliverContext {
    readonly channels: ReadonlyMap<string, Channel>;
    readonly limit: ConcurrencyLimit;
    readonly clock: () => Date;
    /** How many times each block is sent: more than once is a fault on request. */
    readonly copiesOfBlocks: () => number;
}

type Stream = ServerDuplexStream<common.Envelope, Buffer>;

/** Bytes on their way to a client that has not read them; one block there may always be. */
const MOST_UNSENT = 1024 * 1024;

/** One client's stream: requests for blocks, answered one after the other. */
class Session {
    readonly #stream: Stream;
    readonly #context: DeliverContext;
    readonly #format: ResponseFormat;
    readonly #requests: common.Envelope[] = [];
    #cursor: BlockCursor | undefined;
    #ended = false;
    #closed = false;
    #unsent = 0;
    #wake: (() => void) | undefined;

    constructor(stream: Stream, context: DeliverContext, format: ResponseFormat) {
        this.#stream = stream;
        this.#context = context;
        this.#format = format;
        stream.on('data', (envelope: common.Envelope) => {
            // The next is read when this one is answered: who sends more is held up, not remembered.
            stream.pause();
            this.#requests.push(envelope);
            this.#wake?.();
        });
        stream.on('end', () => {
            this.#ended = true;
            this.#wake?.();
        });
        for (const event of ['cancelled', 'error', 'close']) {
            stream.on(event, () => {
                this.close();
            });
        }
    }

    close(): void {
        this.#closed = true;
        this.#cursor?.close();
        this.#wake?.();
    }

    async run(): Promise<void> {
        for (;;) {
            const request = await this.#nextRequest();
            if (request === undefined) return;
            const status = await this.#answer(request);
            if (this.#closed) return;
            await this.#send(this.#format.status(status));
            if (status !== Status.SUCCESS) return;
        }
    }

    async #nextRequest(): Promise<common.Envelope | undefined> {
        for (;;) {
            if (this.#closed) return undefined;
            const request = this.#requests.shift();
            if (request !== undefined || this.#ended) return request;
            this.#stream.resume();
            await this.#woken();
        }
    }

    async #answer(request: common.Envelope): Promise<DeliverStatus> {
        const seek = readSeek(request, this.#context.channels, this.#context.clock());
        if (typeof seek === 'number') return seek;
        const cursor = new BlockCursor(seek.channel, seek.start);
        this.#cursor = cursor;
        try {
            return await this.#sendBlocks(cursor, seek);
        } finally {
            cursor.close();
        }
    }

    async #sendBlocks(cursor: BlockCursor, seek: Seek): Promise<DeliverStatus> {
        for (;;) {
            if (seek.failIfNotReady && cursor.position >= seek.channel.ledger.height) {
                return Status.NOT_FOUND;
            }
            const block = await cursor.next();
            if (block === undefined) return Status.INTERNAL_SERVER_ERROR;
            if (seek.expiresAt < this.#context.clock()) return Status.FORBIDDEN;
            const times = this.#context.copiesOfBlocks();
            const response = await this.#format.block(block, seek);
            for (let time = 0; time < times && !this.#closed; time += 1) {
                await this.#send(response);
            }
            if ((block.getHeader()?.getNumber() ?? 0) >= seek.stop) return Status.SUCCESS;
        }
    }

    async #send(response: Buffer): Promise<void> {
        this.#unsent += response.length;
        this.#stream.write(response, () => {
            this.#unsent -= response.length;
            this.#wake?.();
        });
        while (!this.#closed && this.#unsent > MOST_UNSENT) await this.#woken();
    }

    #woken(): Promise<void> {
        return new Promise((resolve) => {
            this.#wake = resolve;
        });
    }
}

/** Serves one deliver stream from beginning to end. */
export function deliver(stream: Stream, context: DeliverContext, format: ResponseFormat): void {
    let leave: () => void;
    try {
        leave = context.limit.enter();
    } catch (error) {
        stream.emit('error', toServiceError(error));
        return;
    }
    const session = new Session(stream, context, format);
    session
        .run()
        .then(
            () => {
                stream.end();
            },
            (error: unknown) => {
                stream.emit('error', toServiceError(error));
            },
        )
        .finally(leave);
}
