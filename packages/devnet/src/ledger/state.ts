import { compareKeys } from '@goodput/rwset';
import type { StateEntry, VersionedState, VersionedValue } from '@goodput/rwset';
import BTree from 'sorted-btree';
import diffAgainst from 'sorted-btree/extended/diffAgainst.js';

import { hashedNamespace } from './namespaces.js';
import type { StateWrite } from './storage.js';

type Tree = BTree<string, StateEntry>;

/**
 * The committed state: per namespace a tree of keys in byte order. A copy costs nothing until one
 * side writes, because nodes are shared; that is what makes snapshots cheap.
 *
 * Private values and the hashes of private data live in namespaces of their own, as on a peer.
 */
export class WorldState implements VersionedState {
    readonly #namespaces: Map<string, Tree>;

    constructor(namespaces = new Map<string, Tree>()) {
        this.#namespaces = namespaces;
    }

    get(namespace: string, key: string): StateEntry | undefined {
        return this.#namespaces.get(namespace)?.get(key);
    }

    getHashed(namespace: string, collection: string, keyHash: string): StateEntry | undefined {
        return this.get(hashedNamespace(namespace, collection), keyHash);
    }

    /** Entries from `start` (included) to `end` (excluded), in byte order; empty bounds are open. */
    *range(namespace: string, start: string, end: string): Generator<StateEntry, void> {
        const tree = this.#namespaces.get(namespace);
        if (!tree) return;
        for (const [key, entry] of tree.entries(start)) {
            if (end !== '' && compareKeys(key, end) >= 0) return;
            yield entry;
        }
    }

    /** Sets a key, or removes it when there is no value. */
    set(namespace: string, key: string, value: VersionedValue | undefined): void {
        let tree = this.#namespaces.get(namespace);
        if (!value) {
            tree?.delete(key);
            return;
        }
        if (!tree) {
            tree = new BTree<string, StateEntry>(undefined, compareKeys);
            this.#namespaces.set(namespace, tree);
        }
        tree.set(key, {
            key,
            value: value.value,
            version: value.version,
            metadata: value.metadata,
        });
    }

    namespaces(): readonly string[] {
        return [...this.#namespaces.keys()];
    }

    /** How many keys a namespace has. */
    size(namespace: string): number {
        return this.#namespaces.get(namespace)?.size ?? 0;
    }

    /** What has to be written to turn this state into another. */
    changesTo(other: WorldState): StateWrite[] {
        const writes: StateWrite[] = [];
        const none = new BTree<string, StateEntry>(undefined, compareKeys);
        for (const namespace of new Set([...this.namespaces(), ...other.namespaces()])) {
            const from = this.#namespaces.get(namespace) ?? none;
            const to = other.#namespaces.get(namespace) ?? none;
            diffAgainst(
                from,
                to,
                (key) => void writes.push({ namespace, key, value: undefined }),
                (key, value) => void writes.push({ namespace, key, value }),
                (key, before, value) => {
                    if (before !== value) writes.push({ namespace, key, value });
                },
            );
        }
        return writes;
    }

    /** A copy that later writes to this one do not reach, nor the other way round. */
    clone(): WorldState {
        return new WorldState(
            new Map([...this.#namespaces].map(([name, tree]) => [name, tree.clone()])),
        );
    }
}
