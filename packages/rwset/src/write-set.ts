import type { HashedWrite, KeyWrite, MetadataEntry, TxReadWriteSet, Version } from './model.js';
import { sha256 } from './sha256.js';
import type { VersionedState, VersionedValue } from './state.js';
import type { UpdateBatch } from './update-batch.js';

const HASH_OF_NOTHING = Buffer.from(sha256(''));

/** Whether a write deletes its key: an empty value does, as well as the flag. */
export function deletes(write: KeyWrite): boolean {
    return write.isDelete || write.value.length === 0;
}

/** Whether a private write deletes its key, judged by the hashes. */
export function hashDeletes(write: HashedWrite): boolean {
    return (
        write.isDelete || write.valueHash.length === 0 || HASH_OF_NOTHING.equals(write.valueHash)
    );
}

/** What one transaction does to one key, before it meets the state. */
interface KeyChange {
    readonly namespace: string;
    readonly collection: string | undefined;
    readonly key: string;
    isDelete: boolean;
    value: Uint8Array | undefined;
    /** Undefined when the transaction leaves the metadata alone; no entries when it removes it. */
    metadata: readonly MetadataEntry[] | undefined;
}

/**
 * Applies a valid transaction's writes. A put keeps the key's metadata; a metadata write keeps the
 * value and still gives the key a new version, and does nothing to a key that is not there.
 */
export function applyWriteSet(
    rwset: TxReadWriteSet,
    version: Version,
    state: VersionedState,
    batch: UpdateBatch,
): void {
    for (const space of rwset.namespaces) {
        const { namespace } = space;
        if (space.metadataWrites.length === 0) {
            for (const write of space.writes) {
                const change = changeOf(namespace, undefined, write.key);
                applyKeyChange(putInto(change, deletes(write), write.value), version, state, batch);
            }
        } else {
            const changes = new Map<string, KeyChange>();
            for (const write of space.writes) {
                putInto(
                    entryOf(changes, namespace, undefined, write.key),
                    deletes(write),
                    write.value,
                );
            }
            for (const write of space.metadataWrites) {
                entryOf(changes, namespace, undefined, write.key).metadata = write.entries;
            }
            for (const change of changes.values()) applyKeyChange(change, version, state, batch);
        }
        for (const set of space.collections) {
            const changes = new Map<string, KeyChange>();
            for (const write of set.writes) {
                putInto(
                    entryOf(changes, namespace, set.collection, write.keyHash),
                    hashDeletes(write),
                    write.valueHash,
                );
            }
            for (const write of set.metadataWrites) {
                entryOf(changes, namespace, set.collection, write.keyHash).metadata = write.entries;
            }
            for (const change of changes.values()) applyKeyChange(change, version, state, batch);
        }
    }
}

function changeOf(namespace: string, collection: string | undefined, key: string): KeyChange {
    return {
        namespace,
        collection,
        key,
        isDelete: false,
        value: undefined,
        metadata: undefined,
    };
}

function entryOf(
    changes: Map<string, KeyChange>,
    namespace: string,
    collection: string | undefined,
    key: string,
): KeyChange {
    let change = changes.get(key);
    if (change === undefined) {
        change = changeOf(namespace, collection, key);
        changes.set(key, change);
    }
    return change;
}

function putInto(change: KeyChange, isDelete: boolean, value: Uint8Array): KeyChange {
    if (isDelete) change.isDelete = true;
    else change.value = value;
    return change;
}

function applyKeyChange(
    change: KeyChange,
    version: Version,
    state: VersionedState,
    batch: UpdateBatch,
): void {
    const { namespace, collection, key } = change;
    if (change.isDelete) {
        batch.set({ namespace, collection, key, value: undefined, version });
        return;
    }
    let { value, metadata } = change;
    if (value === undefined || metadata === undefined) {
        const latest = latestOf(change, state, batch);
        if (value === undefined && latest === undefined) return;
        value ??= latest?.value ?? new Uint8Array(0);
        metadata ??= latest?.metadata;
    }
    if (metadata?.length === 0) metadata = undefined;
    batch.set({ namespace, collection, key, value: { value, version, metadata }, version });
}

function latestOf(
    { namespace, collection, key }: KeyChange,
    state: VersionedState,
    batch: UpdateBatch,
): VersionedValue | undefined {
    if (collection === undefined) {
        const update = batch.get(namespace, key);
        return update === undefined ? state.get(namespace, key) : update.value;
    }
    const update = batch.getHashed(namespace, collection, key);
    return update === undefined ? state.getHashed(namespace, collection, key) : update.value;
}
