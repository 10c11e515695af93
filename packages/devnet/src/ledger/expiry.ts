import { hashKey } from '@goodput/rwset';
import type { StateUpdate } from '@goodput/rwset';

import { EXPIRY_NAMESPACE, ordered } from './bookkeeping.js';
import type { Collection } from './collections.js';
import { hashedId } from './commit-private.js';
import type { PrivateBatch } from './commit-private.js';
import { hashedNamespace, privateNamespace } from './namespaces.js';
import { forgetPrivate } from './private-store.js';
import type { StateWrite } from './storage.js';
import type { WorldState } from './state.js';

/** The collections of a chaincode as of the state before the block. */
export type CollectionsOf = (namespace: string) => ReadonlyMap<string, Collection> | undefined;

/** One private key that is to go. */
interface Expiry {
    readonly namespace: string;
    readonly collection: string;
    readonly keyHash: string;
    /** Absent when only the hash was committed. */
    readonly key: string | undefined;
    readonly committed: number;
}

/** Notes for every private key a block writes in which block it will expire. */
export function expirySchedule(
    hashed: Iterable<StateUpdate>,
    batch: PrivateBatch,
    collectionsOf: CollectionsOf,
): StateWrite[] {
    const plain = new Map(
        batch
            .all()
            .map(({ namespace, collection, key }) => [
                hashedId(namespace, collection, hashKey(key)),
                key,
            ]),
    );
    const notes: StateWrite[] = [];
    for (const { namespace, collection, key: keyHash, value, version } of hashed) {
        if (collection === undefined || !value) continue;
        const blockToLive = collectionsOf(namespace)?.get(collection)?.blockToLive ?? 0;
        if (blockToLive === 0) continue;
        const committed = version.blockNum;
        const key = plain.get(hashedId(namespace, collection, keyHash));
        const expiry: Expiry = { namespace, collection, keyHash, key, committed };
        notes.push({
            namespace: EXPIRY_NAMESPACE,
            key: `${ordered(committed + blockToLive + 1)}\0${namespace}\0${collection}\0${keyHash}`,
            value: { value: Buffer.from(JSON.stringify(expiry)), version, metadata: undefined },
        });
    }
    return notes;
}

/**
 * What goes with block `number`: the values and hashes whose time is over, unless they were written
 * again since or are in this very block.
 */
export function expireAt(
    number: number,
    state: WorldState,
    hashed: ReadonlyMap<string, StateUpdate>,
    batch: PrivateBatch,
): StateWrite[] {
    const gone: StateWrite[] = [];
    const start = `${ordered(number)}\0`;
    for (const note of state.range(EXPIRY_NAMESPACE, start, `${ordered(number)}\x01`)) {
        gone.push({ namespace: EXPIRY_NAMESPACE, key: note.key, value: undefined });
        const expiry = JSON.parse(Buffer.from(note.value).toString()) as Expiry;
        const { namespace, collection, keyHash, key, committed } = expiry;
        gone.push(...forgetPrivate(state, committed, namespace, collection));
        const hash = state.getHashed(namespace, collection, keyHash);
        if (
            hash?.version.blockNum === committed &&
            !hashed.has(hashedId(namespace, collection, keyHash))
        ) {
            gone.push({
                namespace: hashedNamespace(namespace, collection),
                key: keyHash,
                value: undefined,
            });
        }
        if (key === undefined || batch.get(namespace, collection, key)) continue;
        const space = privateNamespace(namespace, collection);
        if (state.get(space, key)?.version.blockNum === committed) {
            gone.push({ namespace: space, key, value: undefined });
        }
    }
    return gone;
}
