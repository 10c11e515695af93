import { EventEmitter } from 'node:events';
import { peer } from '@hyperledger/fabric-protos';
import type { ChaincodeConnection, ChaincodeStream } from './connection.js';

/** A protobuf message of whichever copy of the protocol the shim brings. */
interface ShimMessage {
    serializeBinary(): Uint8Array;
    readonly constructor: { deserializeBinary(bytes: Uint8Array): ShimMessage };
}

/** What the shim's chaincode server does with a stream a peer opened. */
interface ShimServer {
    connect(stream: unknown): void;
}

/** How many messages may be handed over before input and output get their turn. */
const messagesPerTurn = 64;

/**
 * The stream between a peer and a chaincode of the same process: the shim writes to it and reads from
 * it as from a gRPC stream, and every message crosses it in serialized form.
 */
class InProcessStream extends EventEmitter implements ChaincodeStream {
    readonly #deliver: (message: peer.ChaincodeMessage) => void;
    readonly #ended: () => void;
    #shimMessage: ShimMessage['constructor'] | undefined;
    #open = true;
    #queue: (() => void)[] = [];
    #sinceTurn = 0;

    constructor(deliver: (message: peer.ChaincodeMessage) => void, ended: () => void) {
        super();
        this.#deliver = deliver;
        this.#ended = ended;
    }

    /** Called by the shim. */
    write(message: ShimMessage): boolean {
        this.#shimMessage ??= message.constructor;
        const received = peer.ChaincodeMessage.deserializeBinary(message.serializeBinary());
        this.#soon(() => {
            this.#deliver(received);
        });
        return true;
    }

    /** Called by the shim. */
    end(): void {
        if (this.#open) this.#ended();
    }

    send(message: peer.ChaincodeMessage): void {
        const sent = this.#shimMessage?.deserializeBinary(message.serializeBinary());
        this.#soon(() => {
            this.emit('data', sent);
        });
    }

    close(): void {
        if (!this.#open) return;
        this.#open = false;
        this.emit('end');
    }

    // Microtasks keep the order and cost next to nothing, but a chaincode that never stops asking
    // would starve timers and sockets: now and then the queue waits for its turn of the event loop.
    #soon(task: () => void): void {
        this.#queue.push(task);
        if (this.#queue.length > 1) return;
        this.#sinceTurn += 1;
        if (this.#sinceTurn < messagesPerTurn) {
            queueMicrotask(this.#drain);
        } else {
            this.#sinceTurn = 0;
            setImmediate(this.#drain);
        }
    }

    readonly #drain = (): void => {
        const tasks = this.#queue;
        this.#queue = [];
        for (const task of tasks) {
            if (this.#open) task();
        }
    };
}

/** Connects a peer to a shim server of the same process. */
export function connectInProcess(
    server: ShimServer,
    open: (stream: ChaincodeStream) => ChaincodeConnection,
): ChaincodeConnection {
    const stream: InProcessStream = new InProcessStream(
        (message) => {
            connection.receive(message);
        },
        () => {
            connection.close();
        },
    );
    const connection = open(stream);
    server.connect(stream);
    return connection;
}
