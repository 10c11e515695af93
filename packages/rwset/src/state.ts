import type { MetadataEntry, Version } from './model.js';

/** A value in the state, where it was written, and its metadata if it has any. */
export interface VersionedValue {
    readonly value: Uint8Array;
    readonly version: Version;
    readonly metadata: readonly MetadataEntry[] | undefined;
}

/** A value with its key. */
export interface StateEntry extends VersionedValue {
    readonly key: string;
}

/**
 * The committed state as far as validation has to see it. `MemoryState` is one; implement it over
 * anything that keeps keys in the order of their UTF-8 bytes.
 */
export interface VersionedState {
    /** The value of a key, or undefined when there is none. */
    get(namespace: string, key: string): VersionedValue | undefined;
    /** Keys from `startKey` (included) to `endKey` (excluded) in byte order; empty bounds are open. */
    range(namespace: string, startKey: string, endKey: string): Iterable<StateEntry>;
    /** The hash entry of a private key, by the hexadecimal SHA-256 of the key. */
    getHashed(namespace: string, collection: string, keyHash: string): VersionedValue | undefined;
}

/** What one valid block does to one key. Every key occurs once. */
export interface StateUpdate {
    readonly namespace: string;
    /** The private data collection; undefined for public keys. */
    readonly collection: string | undefined;
    /** The key; in a collection the hexadecimal SHA-256 of the key. */
    readonly key: string;
    /** The new value; undefined when the key is deleted. In a collection it is the value's hash. */
    readonly value: VersionedValue | undefined;
    /** The transaction that did it, deletes included. */
    readonly version: Version;
}

/** A private key that a transaction purged: its history has to go too. */
export interface Purge {
    readonly namespace: string;
    readonly collection: string;
    readonly keyHash: string;
    readonly version: Version;
}
