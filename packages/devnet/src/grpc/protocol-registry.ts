// Importing the protocol fills the registry this file is about.
import * as protocol from '@hyperledger/fabric-protos';

/** Where generated code looks up the class of a message: a namespace of the protocol. */
type Registry = Record<string, unknown>;

interface Entry {
    readonly namespace: Registry;
    readonly name: string;
    readonly value: unknown;
}

function isNamespace(value: unknown): value is Registry {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function* entriesOf(namespace: Registry, depth: number): Generator<Entry> {
    for (const [name, value] of Object.entries(namespace)) {
        if (typeof value === 'function') yield { namespace, name, value };
        else if (isNamespace(value) && depth > 0) yield* entriesOf(value, depth - 1);
    }
}

const { proto } = globalThis as unknown as { readonly proto: Registry };

function members(value: unknown): number {
    const prototype = (value as { readonly prototype?: object }).prototype;
    return prototype === undefined ? 0 : Object.getOwnPropertyNames(prototype).length;
}

/** The namespaces of the registry with what our copy exports for them. */
function exported(): Entry[] {
    const { common, discovery, gateway, gossip, ledger, msp, orderer, peer } = protocol;
    const sources: Record<string, object> = {
        common,
        discovery,
        gateway,
        gossip,
        msp,
        orderer,
        protos: peer,
        lifecycle: peer.lifecycle,
        rwset: ledger.rwset,
        kvrwset: ledger.rwset.kvrwset,
        queryresult: ledger.queryresult,
    };
    return Object.entries(sources).flatMap(([key, source]) => {
        const namespace = proto[key];
        if (!isNamespace(namespace)) return [];
        const entries = [...entriesOf({ ...source }, 0)];
        return entries.map(({ name, value }) => ({ namespace, name, value }));
    });
}

/** Of two copies of a message, the newer: what it has beside the older one's members tells it. */
function newest(): Entry[] {
    const registered = [...entriesOf(proto, 3)];
    const better = exported().filter(
        ({ namespace, name, value }) => members(value) > members(namespace[name] ?? Object),
    );
    return [...registered, ...better];
}

// Whoever loaded `fabric-shim` before this file may have its copy in the registry, or in part of it.
const ours = newest();

/**
 * Makes generated protocol code use this package's copy of the messages again.
 *
 * The code finds message classes through one global registry, in which the copy that is loaded last
 * takes the place of all before: `fabric-shim` brings an older copy, whose messages lack members, and
 * which the official client then refuses to send. The newer copy can do all the older one can.
 */
export function restoreProtocol(): void {
    for (const { namespace, name, value } of ours) namespace[name] = value;
}
