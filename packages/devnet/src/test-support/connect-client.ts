import { resolveProfile, dial, nativeSigner } from '@goodput/network';
import { connect, hash, type Contract, type Gateway } from '@hyperledger/fabric-gateway';
import type { SigningIdentity } from '../identity/signing-identity.js';
import type { Network } from '../network/network.js';

/** The official client, connected. */
export interface Client {
    readonly gateway: Gateway;
    contract(chaincode: string, channel?: string): Contract;
    close(): void;
}

/** Connects the official client to a network, as an identity and to a peer of its profile. */
export function connectClient(
    network: Pick<Network, 'profile'>,
    names: { readonly identity?: string | SigningIdentity; readonly peer?: string } = {},
): Client {
    const resolved = resolveProfile(network.profile);
    const identity =
        typeof names.identity === 'object' ? names.identity : resolved.identity(names.identity);
    const connection = dial(resolved.peer(names.peer));
    const gateway = connect({
        client: connection,
        identity: { mspId: identity.mspId, credentials: Buffer.from(identity.certificate) },
        signer: nativeSigner(identity.privateKey).sign,
        hash: hash.none,
    });
    return {
        gateway,
        contract: (chaincode, channel = resolved.channel) =>
            gateway.getNetwork(channel).getContract(chaincode),
        close: () => {
            gateway.close();
            connection.close();
        },
    };
}
