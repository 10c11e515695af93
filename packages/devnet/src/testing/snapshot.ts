import type { Network } from '../network/network.js';
import type { LedgerSnapshot } from '../ledger/ledger.js';

/** A network's ledgers at one moment. Only the network that gave it can go back to it. */
export interface NetworkSnapshot {
    readonly ledgers: ReadonlyMap<string, LedgerSnapshot>;
}

/** The state, history and blocks of every channel as they are now, what is pending committed first. */
export async function takeSnapshot(
    network: Network,
    channels: readonly string[],
): Promise<NetworkSnapshot> {
    const ledgers = new Map<string, LedgerSnapshot>();
    for (const id of channels) {
        await network.cutBlock(id);
        ledgers.set(id, await network.channel(id).snapshot());
    }
    return { ledgers };
}

/** Goes back to a snapshot: later blocks are forgotten, and what is pending with them. */
export async function restoreSnapshot(network: Network, snapshot: NetworkSnapshot): Promise<void> {
    for (const [id, state] of snapshot.ledgers) {
        await network.channel(id).restore(state);
    }
}
