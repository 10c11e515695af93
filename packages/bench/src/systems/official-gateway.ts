import { connect, hash, type Gateway } from '@hyperledger/fabric-gateway';
import { dial, nativeSigner, type Network } from '@goodput/network';

/** The official client, connected. */
export interface OfficialGateway {
    readonly gateway: Gateway;
    /** Closes the client and its connection. */
    readonly close: () => void;
}

/** How {@link connectOfficial} connects. */
export interface OfficialOptions {
    /** Name of the identity. @default the first of the profile */
    readonly identity?: string;
    /** How long one question to a peer may take, in milliseconds. */
    readonly evaluateMs: number;
}

/** Connects the official client to the profile's first peer, for reading; it signs natively. */
export function connectOfficial(network: Network, options: OfficialOptions): OfficialGateway {
    const person = network.identity(options.identity);
    const client = dial(network.peer());
    const gateway = connect({
        client,
        identity: { mspId: person.mspId, credentials: Buffer.from(person.certificate) },
        signer: nativeSigner(person.privateKey).sign,
        hash: hash.none,
        evaluateOptions: () => ({ deadline: Date.now() + options.evaluateMs }),
    });
    return {
        gateway,
        close: () => {
            gateway.close();
            client.close();
        },
    };
}
