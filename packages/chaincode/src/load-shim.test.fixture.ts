import { createRequire } from 'node:module';

type Registry = Record<string, unknown>;

function isNamespace(value: unknown): value is Registry {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function* members(namespace: Registry, depth: number): Generator<() => void> {
    for (const [name, value] of Object.entries(namespace)) {
        if (isNamespace(value) && depth > 0) yield* members(value, depth - 1);
        else if (typeof value === 'function') {
            yield () => {
                namespace[name] = value;
            };
        }
    }
}

/**
 * Loads from the shim without disturbing the client's copy of the protocol: generated code finds its
 * classes in one global registry, in which the copy loaded last replaces those before it.
 */
export function loadShim(...modules: readonly string[]): unknown[] {
    const load = createRequire(__filename);
    // The client's copy, which is the newer one, must be there first to be left as it is.
    createRequire(load.resolve('@hyperledger/fabric-gateway'))('@hyperledger/fabric-protos');
    const { proto } = globalThis as unknown as { readonly proto?: Registry };
    const restore = [...members(proto ?? {}, 3)];
    const loaded = modules.map((each): unknown => load(each));
    for (const each of restore) each();
    return loaded;
}
