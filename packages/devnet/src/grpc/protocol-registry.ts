import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';

/** Where generated code looks up the class of a message: a namespace of the protocol. */
type Registry = Record<string, unknown>;

interface Entry {
    readonly namespace: readonly string[];
    readonly name: string;
    readonly value: unknown;
}

const PROTOCOL = '@hyperledger/fabric-protos';
const shared = globalThis as unknown as { proto: Registry | undefined };
const load = createRequire(__filename);
const folder = dirname(load.resolve(`${PROTOCOL}/package.json`)) + sep;

function isNamespace(value: unknown): value is Registry {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function* entriesOf(registry: Registry, namespace: readonly string[] = []): Generator<Entry> {
    for (const [name, value] of Object.entries(registry)) {
        if (typeof value === 'function') yield { namespace, name, value };
        else if (isNamespace(value) && namespace.length < 3) {
            yield* entriesOf(value, [...namespace, name]);
        }
    }
}

/** This copy's modules that are loaded, by their paths. */
function loadedModules(): Map<string, NodeJS.Module> {
    const own = Object.entries(load.cache).filter(([path]) => path.startsWith(folder));
    return new Map(own as [string, NodeJS.Module][]);
}

/**
 * Loads the protocol as if no other copy of it were there, and tells which classes it has.
 *
 * A generated module exports everything its namespace has by then, so that a copy loaded after another
 * one exports some of the other's classes as its own. Whoever has loaded this copy before gets the right
 * ones in their place.
 */
function loadAlone(): readonly Entry[] {
    const { proto: others } = shared;
    const before = loadedModules();
    for (const path of before.keys()) Reflect.deleteProperty(load.cache, path);
    const alone: Registry = (shared.proto = {});
    load(PROTOCOL);
    const right = loadedModules();
    for (const [path, known] of before) {
        load.cache[path] = known;
        const exported = right.get(path)?.exports as Registry | undefined;
        // Modules that only pass others on look there each time they are asked.
        if (exported === undefined || '__esModule' in exported) continue;
        // They may do so for a name that its module has only from the other copy.
        const index = right.get(join(dirname(path), 'index.js'))?.exports as Registry | undefined;
        Object.assign(known.exports as Registry, index, exported);
    }
    shared.proto = others ?? alone;
    return [...entriesOf(alone)];
}

const ours = loadAlone();

/**
 * Makes generated protocol code use this package's copy of the messages again.
 *
 * The code finds message classes through one global registry, in which the copy that is loaded last
 * takes the place of all before: `fabric-shim` brings an older copy, whose messages lack members, and
 * which the official client then refuses to send. The newer copy can do all the older one can.
 */
export function restoreProtocol(): void {
    for (const { namespace, name, value } of ours) {
        let registry = (shared.proto ??= {});
        for (const each of namespace) registry = (registry[each] ??= {}) as Registry;
        registry[name] = value;
    }
}

restoreProtocol();
