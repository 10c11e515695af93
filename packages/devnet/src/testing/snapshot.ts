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
        ledgers.set(id, network.channel(id).ledger.snapshot());
    }
    return { ledgers };
}

/** Goes back to a snapshot: later blocks are forgotten, and what is pending is dropped. */
export async function restoreSnapshot(network: Network, snapshot: NetworkSnapshot): Promise<void> {
    for (const [id, state] of snapshot.ledgers) {
        const { ledger, orderer, definitions } = network.channel(id);
        await orderer.cut();
        await ledger.restore(state);
        const last = ledger.blockByNumber(ledger.height - 1);
        if (last !== undefined) orderer.resumeAfter(last);
        await definitions.load(ledger);
    }
}
