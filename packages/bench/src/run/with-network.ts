import { contracts } from '@goodput/bench-chaincode';
import { startNetwork, type NetworkOptions } from '@goodput/devnet';
import { loadNetwork, resolveProfile, type Network } from '@goodput/network';

/** A network to run on, and how to be done with it. */
export interface UsableNetwork {
    readonly network: Network;
    /** Writes the profile to a file of its owner's alone; only for a network started here. */
    writeProfile?(file: string): Promise<void>;
    stop(): Promise<void>;
}

/** Block settings of a network started here: half a second is what people tune a real one to. */
export const BLOCK_TIMEOUT_MS = 500;

/** The network of a profile, or an embedded one with the benchmark's chaincode. */
export async function openNetwork(
    profile?: string,
    options: NetworkOptions = {},
): Promise<UsableNetwork> {
    if (profile !== undefined) {
        return { network: loadNetwork(profile), stop: () => Promise.resolve() };
    }
    const embedded = await startNetwork({ block: { timeoutMs: BLOCK_TIMEOUT_MS }, ...options });
    await embedded.deploy({ name: 'bench', contracts: [...contracts] });
    return {
        network: resolveProfile(embedded.profile),
        writeProfile: (file) => embedded.writeProfile(file),
        stop: () => embedded.stop(),
    };
}
