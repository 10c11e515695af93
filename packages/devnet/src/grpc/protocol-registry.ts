// Importing the protocol fills the registry this file is about.
import '@hyperledger/fabric-protos';

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
const ours = [...entriesOf(proto, 3)];

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
