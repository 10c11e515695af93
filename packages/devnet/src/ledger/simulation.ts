import type { TxReadWriteSet } from '@goodput/rwset';

import type { LedgerSnapshot } from './ledger.js';
import type { ResultPages } from './result-batches.js';

/** How a simulation is to run. */
export interface SimulateOptions {
    /** Refuse writes and record no reads: for queries whose result nobody endorses. */
    readonly readOnly?: boolean;
    /** Read the state as it was then, not as it is: what a peer sees that lags behind. */
    readonly at?: LedgerSnapshot;
    /**
     * Whether who signed the proposal is a member of a collection, given the collection's serialized
     * `SignaturePolicyEnvelope`. Asked for `memberOnlyRead` and `memberOnlyWrite`; yes when absent.
     */
    readonly creatorIsMember?: (memberPolicy: Uint8Array) => boolean;
    /**
     * Whether the endorsing organisation's peers hold the private data of a collection. Peers of
     * other organisations hold its hashes only; yes when absent.
     */
    readonly peerIsMember?: (memberPolicy: Uint8Array) => boolean;
}

/** Paging as a chaincode asks for it. */
export interface Paging {
    readonly pageSize: number;
    readonly bookmark: string;
}

/**
 * One transaction run against a stable view of the state. Every method refuses with the message that
 * a real peer would send to the chaincode.
 */
export interface Simulation {
    readonly txId: string;
    getState(namespace: string, key: string): Promise<Uint8Array | undefined>;
    putState(namespace: string, key: string, value: Uint8Array): void;
    deleteState(namespace: string, key: string): void;
    getMetadata(namespace: string, key: string): Promise<ReadonlyMap<string, Uint8Array>>;
    putMetadata(namespace: string, key: string, name: string, value: Uint8Array): void;
    getStateByRange(
        namespace: string,
        start: string,
        end: string,
        paging?: Paging,
    ): Promise<ResultPages>;
    getQueryResult(namespace: string, query: string, paging?: Paging): Promise<ResultPages>;
    /** What transactions wrote to the key, newest first. Not part of the read set. */
    getHistory(namespace: string, key: string): Promise<ResultPages>;
    getPrivate(namespace: string, collection: string, key: string): Promise<Uint8Array | undefined>;
    getPrivateHash(
        namespace: string,
        collection: string,
        key: string,
    ): Promise<Uint8Array | undefined>;
    putPrivate(namespace: string, collection: string, key: string, value: Uint8Array): void;
    deletePrivate(namespace: string, collection: string, key: string): void;
    purgePrivate(namespace: string, collection: string, key: string): void;
    getPrivateByRange(
        namespace: string,
        collection: string,
        start: string,
        end: string,
    ): Promise<ResultPages>;
    getPrivateQueryResult(
        namespace: string,
        collection: string,
        query: string,
    ): Promise<ResultPages>;
    getPrivateMetadata(
        namespace: string,
        collection: string,
        key: string,
    ): Promise<ReadonlyMap<string, Uint8Array>>;
    putPrivateMetadata(
        namespace: string,
        collection: string,
        key: string,
        name: string,
        value: Uint8Array,
    ): void;
    /** Ends the simulation and gives its view back; further calls return the same result. */
    done(): SimulationResult;
}

/** What a finished simulation read and wrote. */
export interface SimulationResult {
    /** A serialized `TxReadWriteSet`, byte for byte what a peer would endorse. */
    readonly publicBytes: Uint8Array;
    /** The same, readable. */
    readonly model: TxReadWriteSet;
    readonly privateWrites: readonly PrivateWrites[];
    /** The key-level endorsement policies of the keys that were written. */
    readonly writtenPolicies: readonly WrittenPolicy[];
    /** The collections whose values (not only their hashes) were read. */
    readonly privateReads: readonly CollectionName[];
}

/** The metadata of a key that a simulation wrote; `collection` is '' for public keys. */
export interface WrittenPolicy extends CollectionName {
    readonly key: string;
    readonly metadata: ReadonlyMap<string, Uint8Array>;
}

export interface CollectionName {
    readonly namespace: string;
    readonly collection: string;
}

/** A collection's part of a private write set. */
export interface PrivateWrites extends CollectionName {
    /** A serialized `CollectionPvtReadWriteSet`. */
    readonly bytes: Uint8Array;
}
