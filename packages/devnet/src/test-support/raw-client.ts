import { credentials, type ClientDuplexStream } from '@grpc/grpc-js';
import { resolveProfile } from '@goodput/network';
import { common, gateway, orderer, peer } from '@hyperledger/fabric-protos';
import type { Network } from '../network/network.js';

/** Clients of the services themselves, without the checks of the official client. */
export interface RawClients {
    readonly gateway: gateway.GatewayClient;
    readonly endorser: peer.EndorserClient;
    readonly deliver: peer.DeliverClient;
    readonly orderer: orderer.AtomicBroadcastClient;
    close(): void;
}

/** Connects to the first peer and the ordering service of a network. */
export function rawClients(network: Network): RawClients {
    const profile = resolveProfile(network.profile);
    const made = (node: (typeof profile.peers)[number] | undefined): [string, never, object] => {
        const root = node?.tlsRootCert;
        const secure =
            root === undefined
                ? credentials.createInsecure()
                : credentials.createSsl(Buffer.from(root));
        const options = { 'grpc.max_receive_message_length': -1 };
        return [node?.endpoint ?? '', secure as never, options];
    };
    const [first] = profile.peers;
    const [ordering] = profile.orderers;
    const clients = {
        gateway: new gateway.GatewayClient(...made(first)),
        endorser: new peer.EndorserClient(...made(first)),
        deliver: new peer.DeliverClient(...made(first)),
        orderer: new orderer.AtomicBroadcastClient(...made(ordering)),
    };
    return {
        ...clients,
        close: () => {
            for (const client of Object.values(clients)) client.close();
        },
    };
}

/** What one call of a stream was answered with. */
export interface StreamAnswer<T> {
    readonly responses: readonly T[];
    /** Present if the stream ended in an error. */
    readonly code?: number;
}

/** Sends envelopes over a stream, ends it, and collects what comes back. */
export function exchange<T>(
    stream: ClientDuplexStream<common.Envelope, T>,
    envelopes: readonly common.Envelope[],
): Promise<StreamAnswer<T>> {
    return new Promise((resolve) => {
        const responses: T[] = [];
        stream.on('data', (response: T) => responses.push(response));
        stream.on('end', () => {
            resolve({ responses });
        });
        stream.on('error', ({ code = 2 }: { readonly code?: number }) => {
            resolve({ responses, code });
        });
        for (const envelope of envelopes) stream.write(envelope);
        stream.end();
    });
}
