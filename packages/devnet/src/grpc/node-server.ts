import { Server } from '@grpc/grpc-js';
import { MAX_MESSAGE_BYTES } from '@goodput/network';

/** How a node finds out that a client is gone which has not said so. */
export interface Keepalive {
    /** A connection without traffic is asked for a sign of life after this time, in milliseconds. */
    readonly timeMs: number;
    /** And is broken off when none comes within this, in milliseconds. */
    readonly timeoutMs: number;
}

/**
 * Fabric's nodes wait for two hours. Within one process connections are lost more easily, as Node's
 * TLS stops reading after writing into one that was just reset, and what a lost client had open would
 * count against the node's limits until then.
 */
const defaults: Keepalive = { timeMs: 60_000, timeoutMs: 20_000 };

/** A gRPC server with a node's limits. */
export function nodeServer({ timeMs, timeoutMs }: Keepalive = defaults): Server {
    return new Server({
        'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
        'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
        'grpc.keepalive_time_ms': timeMs,
        'grpc.keepalive_timeout_ms': timeoutMs,
    });
}
