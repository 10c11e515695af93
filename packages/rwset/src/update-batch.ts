import { collectionId } from './memory-state.js';
import { OrderedKeys } from './ordered-keys.js';
import type { StateUpdate } from './state.js';

interface Space {
    readonly updates: Map<string, StateUpdate>;
    /** Built when the first range query asks for it: most blocks have none. */
    keys: OrderedKeys | undefined;
}

/** What the valid transactions of one block, so far, do to the state. */
export class UpdateBatch {
    readonly #public = new Map<string, Space>();
    readonly #hashed = new Map<string, Map<string, StateUpdate>>();

    /** The update of a public key; a delete has no value. */
    get(namespace: string, key: string): StateUpdate | undefined {
        return this.#public.get(namespace)?.updates.get(key);
    }

    /** The update of a private key's hash entry. */
    getHashed(namespace: string, collection: string, keyHash: string): StateUpdate | undefined {
        return this.#hashed.get(collectionId(namespace, collection))?.get(keyHash);
    }

    set(update: StateUpdate): void {
        if (update.collection !== undefined) {
            const id = collectionId(update.namespace, update.collection);
            let hashes = this.#hashed.get(id);
            if (hashes === undefined) {
                hashes = new Map<string, StateUpdate>();
                this.#hashed.set(id, hashes);
            }
            hashes.set(update.key, update);
            return;
        }
        let space = this.#public.get(update.namespace);
        if (space === undefined) {
            space = { updates: new Map(), keys: undefined };
            this.#public.set(update.namespace, space);
        }
        space.updates.set(update.key, update);
        space.keys?.add(update.key);
    }

    /** The updates of a range's keys in byte order, deletes included. */
    *range(namespace: string, startKey: string, endKey: string): Generator<StateUpdate, void> {
        const space = this.#public.get(namespace);
        if (space === undefined) return;
        if (space.keys === undefined) {
            space.keys = new OrderedKeys();
            for (const key of space.updates.keys()) space.keys.add(key);
        }
        for (const key of space.keys.range(startKey, endKey)) {
            const update = space.updates.get(key);
            if (update !== undefined) yield update;
        }
    }

    /** All updates, public ones first. */
    all(): StateUpdate[] {
        const all: StateUpdate[] = [];
        for (const { updates } of this.#public.values()) {
            for (const update of updates.values()) all.push(update);
        }
        for (const hashes of this.#hashed.values()) {
            for (const update of hashes.values()) all.push(update);
        }
        return all;
    }
}
