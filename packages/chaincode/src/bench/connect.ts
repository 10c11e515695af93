import { connect, hash, type Contract } from '@hyperledger/fabric-gateway';
import type { Network } from '@goodput/devnet';
import { dial, nativeSigner, resolveProfile } from '@goodput/network';

/** The official client on a network's first peer. */
export function connectTo(network: Network): {
    readonly contract: (chaincode: string) => Contract;
    readonly close: () => void;
} {
    const resolved = resolveProfile(network.profile);
    const identity = resolved.identity();
    const client = dial(resolved.peer());
    const gateway = connect({
        client,
        identity: { mspId: identity.mspId, credentials: Buffer.from(identity.certificate) },
        signer: nativeSigner(identity.privateKey).sign,
        hash: hash.none,
    });
    return {
        contract: (chaincode) => gateway.getNetwork(resolved.channel).getContract(chaincode),
        close: () => {
            gateway.close();
            client.close();
        },
    };
}
