import { Client, credentials, type ClientOptions } from '@grpc/grpc-js';
import type { NetworkNode } from './load-profile.js';

/**
 * Largest message sent or received, in bytes. Fabric's own limit; gRPC's default of 4 MB is below
 * what a full block needs.
 */
export const MAX_MESSAGE_BYTES = 100 * 1024 * 1024;

/**
 * gRPC options every connection to a node is made with: Fabric's message size, its host name
 * override, and keepalive within what a peer tolerates.
 */
export function grpcOptions(node: Pick<NetworkNode, 'hostOverride'>): ClientOptions {
    return {
        'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
        'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
        'grpc.keepalive_time_ms': 120_000,
        'grpc.keepalive_timeout_ms': 20_000,
        ...(node.hostOverride !== undefined && {
            'grpc.ssl_target_name_override': node.hostOverride,
            'grpc.default_authority': node.hostOverride,
        }),
    };
}

/**
 * A gRPC connection to a peer or orderer, TLS unless the profile names no root certificate.
 *
 * @param options - override or add to {@link grpcOptions}
 */
export function dial(node: NetworkNode, options: ClientOptions = {}): Client {
    const channelCredentials =
        node.tlsRootCert === undefined
            ? credentials.createInsecure()
            : credentials.createSsl(Buffer.from(node.tlsRootCert));
    return new Client(node.endpoint, channelCredentials, { ...grpcOptions(node), ...options });
}
