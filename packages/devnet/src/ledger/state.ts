import { compareKeys } from '@goodput/rwset';
import type { StateEntry, VersionedState, VersionedValue } from '@goodput/rwset';
import BTree from 'sorted-btree';
import diffAgainst from 'sorted-btree/extended/diffAgainst.js';

import { hashedNamespace } from './namespaces.js';
import type { StateWrite } from './storage.js';

type Tree = BTree<string, StateEntry>;

/** The keys of a namespace in byte order. */
interface Space {
    readonly tree: Tree;
    /** Whether no key has a character from U+D800 on: JavaScript's own order is then that of bytes. */
    readonly plain: boolean;
    /** The entries by key, so that a point read costs the same at any size. */
    readonly known: Map<string, StateEntry>;
    /** Whether `known` has every key; a copy begins with none and learns as it is read. */
    readonly complete: boolean;
}

/**
 * The committed state: per namespace a tree of keys in byte order. A copy costs nothing until one
 * side writes, because nodes are shared; that is what makes snapshots cheap.
 *
 * Private values and the hashes of private data live in namespaces of their own, as on a peer.
 */
export class WorldState implements VersionedState {
    readonly #namespaces: Map<string, Space>;

    constructor(namespaces = new Map<string, Space>()) {
        this.#namespaces = namespaces;
    }

    get(namespace: string, key: string): StateEntry | undefined {
        const space = this.#namespaces.get(namespace);
        if (!space) return undefined;
        const known = space.known.get(key);
        if (known || space.complete) return known;
        const entry = space.tree.get(key);
        if (entry) space.known.set(key, entry);
        return entry;
    }

    getHashed(namespace: string, collection: string, keyHash: string): StateEntry | undefined {
        return this.get(hashedNamespace(namespace, collection), keyHash);
    }

    /** Entries from `start` (included) to `end` (excluded), in byte order; empty bounds are open. */
    *range(namespace: string, start: string, end: string): Generator<StateEntry, void> {
        const tree = this.#namespaces.get(namespace)?.tree;
        if (!tree) return;
        for (const [key, entry] of tree.entries(start)) {
            if (end !== '' && compareKeys(key, end) >= 0) return;
            yield entry;
        }
    }

    /** Sets a key, or removes it when there is no value. */
    set(namespace: string, key: string, value: VersionedValue | undefined): void {
        if (!value) {
            const space = this.#namespaces.get(namespace);
            space?.tree.delete(key);
            space?.known.delete(key);
            return;
        }
        const { tree, known } = this.#spaceFor(namespace, key);
        const entry: StateEntry = {
            key,
            value: value.value,
            version: value.version,
            metadata: value.metadata,
        };
        tree.set(key, entry);
        known.set(key, entry);
    }

    namespaces(): readonly string[] {
        return [...this.#namespaces.keys()];
    }

    /** How many keys a namespace has. */
    size(namespace: string): number {
        return this.#namespaces.get(namespace)?.tree.size ?? 0;
    }

    /** What has to be written to turn this state into another. */
    changesTo(other: WorldState): StateWrite[] {
        const writes: StateWrite[] = [];
        for (const namespace of new Set([...this.namespaces(), ...other.namespaces()])) {
            diffAgainst(
                ...this.#comparable(namespace, other),
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
        const copies = [...this.#namespaces].map(([name, { tree, plain }]): [string, Space] => [
            name,
            { tree: tree.clone(), plain, known: new Map(), complete: tree.size === 0 },
        ]);
        return new WorldState(new Map(copies));
    }

    /** A namespace whose tree is in an order that is right for this key too. */
    #spaceFor(namespace: string, key: string): Space {
        const space = this.#namespaces.get(namespace);
        const plain = isPlain(key);
        if (space && (plain || !space.plain)) return space;
        const next: Space = {
            tree: plain ? plainTree() : inByteOrder(space?.tree),
            plain,
            known: space?.known ?? new Map<string, StateEntry>(),
            complete: space?.complete ?? true,
        };
        this.#namespaces.set(namespace, next);
        return next;
    }

    /** Both states' trees of a namespace; only trees of one order can be compared. */
    #comparable(namespace: string, other: WorldState): [Tree, Tree] {
        const ours = this.#namespaces.get(namespace);
        const theirs = other.#namespaces.get(namespace);
        if (ours && theirs && ours.plain !== theirs.plain) {
            return [
                ours.plain ? inByteOrder(ours.tree) : ours.tree,
                theirs.plain ? inByteOrder(theirs.tree) : theirs.tree,
            ];
        }
        const none = (ours ?? theirs)?.plain ? plainTree() : inByteOrder();
        return [ours?.tree ?? none, theirs?.tree ?? none];
    }
}

function plainTree(): Tree {
    return new BTree<string, StateEntry>(undefined, comparePlain);
}

function inByteOrder(tree?: Tree): Tree {
    return new BTree<string, StateEntry>(tree?.toArray(), compareKeys);
}

/** JavaScript compares strings by UTF-16 units: several times faster, and the same below U+D800. */
function comparePlain(left: string, right: string): number {
    return left < right ? -1 : left === right ? 0 : 1;
}

function isPlain(key: string): boolean {
    return !/[\ud800-\uffff]/.test(key);
}
