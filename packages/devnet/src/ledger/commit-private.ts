import { ledger } from '@hyperledger/fabric-protos';
import { hashKey } from '@goodput/rwset';
import type { Purge, StateUpdate, TxReadWriteSet, Version, VersionedValue } from '@goodput/rwset';

import { DevnetError } from '../errors.js';
import { privateNamespace } from './namespaces.js';
import { sha256 } from './sha256.js';
import type { PrivateWrites } from './simulation.js';
import type { WorldState } from './state.js';

/** What a block does to one private key. */
export interface PrivateUpdate {
    readonly namespace: string;
    readonly collection: string;
    readonly key: string;
    /** Undefined when the key is deleted. */
    readonly value: VersionedValue | undefined;
    readonly version: Version;
}

/** A valid transaction with the private writes that came with it. */
export interface PrivateTransaction {
    readonly version: Version;
    readonly rwset: TxReadWriteSet;
    readonly writes: readonly PrivateWrites[];
}

/** The private updates of one block, one per key. */
export class PrivateBatch {
    readonly #updates = new Map<string, PrivateUpdate>();

    get(namespace: string, collection: string, key: string): PrivateUpdate | undefined {
        return this.#updates.get(id(namespace, collection, key));
    }

    set(update: PrivateUpdate): void {
        this.#updates.set(id(update.namespace, update.collection, update.key), update);
    }

    all(): readonly PrivateUpdate[] {
        return [...this.#updates.values()];
    }
}

function id(namespace: string, collection: string, key: string): string {
    return `${privateNamespace(namespace, collection)}\0${key}`;
}

/**
 * What the private writes of a block's valid transactions do. Each must hash to what its transaction
 * promised.
 */
export function privateUpdates(
    transactions: readonly PrivateTransaction[],
    hashed: ReadonlyMap<string, StateUpdate>,
    state: WorldState,
): PrivateBatch {
    const batch = new PrivateBatch();
    const metadataWritten: { namespace: string; collection: string; key: string }[] = [];
    for (const { version, rwset, writes } of transactions) {
        for (const { namespace, collection, bytes } of writes) {
            const set = ledger.rwset.CollectionPvtReadWriteSet.deserializeBinary(bytes);
            checkHash(rwset, namespace, collection, set.getRwset_asU8());
            const content = ledger.rwset.kvrwset.KVRWSet.deserializeBinary(set.getRwset_asU8());
            for (const write of content.getWritesList()) {
                const value = write.getValue_asU8();
                const deleted = write.getIsDelete() || value.length === 0;
                batch.set({
                    namespace,
                    collection,
                    key: write.getKey(),
                    value: deleted ? undefined : { value, version, metadata: undefined },
                    version,
                });
            }
            for (const write of content.getMetadataWritesList()) {
                metadataWritten.push({ namespace, collection, key: write.getKey() });
            }
        }
    }
    for (const { namespace, collection, key } of metadataWritten) {
        followMetadata(batch, namespace, collection, key, hashed, state);
    }
    return batch;
}

/** By what the hashed updates are looked up. */
export function hashedId(namespace: string, collection: string, keyHash: string): string {
    return `${namespace}\0${collection}\0${keyHash}`;
}

/** A metadata write gives the hash a new version; the value has to follow, or it seems stale. */
function followMetadata(
    batch: PrivateBatch,
    namespace: string,
    collection: string,
    key: string,
    hashed: ReadonlyMap<string, StateUpdate>,
    state: WorldState,
): void {
    const hash = hashed.get(hashedId(namespace, collection, hashKey(key)));
    if (!hash?.value) return;
    const update = batch.get(namespace, collection, key);
    const latest = update ? update.value : state.get(privateNamespace(namespace, collection), key);
    if (!latest || Buffer.compare(sha256(latest.value), hash.value.value) !== 0) return;
    batch.set({
        namespace,
        collection,
        key,
        value: { value: latest.value, version: hash.version, metadata: undefined },
        version: hash.version,
    });
}

function checkHash(
    rwset: TxReadWriteSet,
    namespace: string,
    collection: string,
    content: Uint8Array,
): void {
    const promised = rwset.namespaces
        .find((space) => space.namespace === namespace)
        ?.collections.find((set) => set.collection === collection)?.pvtRwsetHash;
    if (promised && Buffer.compare(promised, sha256(content)) === 0) return;
    throw new DevnetError(
        'DEVNET_PRIVATE_DATA_MISMATCH',
        `The private data of collection ${namespace}:${collection} hashes to ` +
            `${Buffer.from(sha256(content)).toString('hex')}, but its transaction says ` +
            `${Buffer.from(promised ?? []).toString('hex') || 'nothing of it'}. ` +
            'Commit the private writes that the endorsement returned.',
    );
}

/** Purges remove the values too, also of those who did not get the purging transaction's writes. */
export function applyPurges(
    batch: PrivateBatch,
    purges: readonly Purge[],
    state: WorldState,
): void {
    for (const { namespace, collection, keyHash, version } of purges) {
        for (const { key } of state.range(privateNamespace(namespace, collection), '', '')) {
            if (hashKey(key) !== keyHash) continue;
            if (batch.get(namespace, collection, key)) continue;
            batch.set({ namespace, collection, key, value: undefined, version });
        }
    }
}
