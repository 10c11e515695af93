/** Where a value was written: the block and the position of the transaction within it. */
export interface Version {
    readonly blockNum: number;
    readonly txNum: number;
}

/** A key as a transaction saw it; an absent key has no version. */
export interface KeyRead {
    readonly key: string;
    readonly version: Version | undefined;
}

/** A put or a delete. An empty value is a delete, as it is to Fabric. */
export interface KeyWrite {
    readonly key: string;
    readonly isDelete: boolean;
    readonly value: Uint8Array;
}

/** One name and value of a key's metadata, such as its endorsement policy. */
export interface MetadataEntry {
    readonly name: string;
    readonly value: Uint8Array;
}

/** A key's metadata set anew; no entries means the metadata is removed. */
export interface MetadataWrite {
    readonly key: string;
    readonly entries: readonly MetadataEntry[];
}

/** What a long range query returned, folded into hashes. */
export interface MerkleSummary {
    readonly maxDegree: number;
    readonly maxLevel: number;
    readonly maxLevelHashes: readonly Uint8Array[];
}

/**
 * A range query. Its results stand either in `rawReads` or in `merkle`; a query that returned
 * nothing has neither. When the caller did not reach the end (`itrExhausted` false), `endKey` is
 * the last key the caller got, and belongs to the range.
 */
export interface RangeQuery {
    readonly startKey: string;
    readonly endKey: string;
    readonly itrExhausted: boolean;
    readonly rawReads: readonly KeyRead[] | undefined;
    readonly merkle: MerkleSummary | undefined;
}

/** A private key read, known by the SHA-256 of the key in lower-case hexadecimal. */
export interface HashedRead {
    readonly keyHash: string;
    readonly version: Version | undefined;
}

/** A private key written: the hashes of key and value. */
export interface HashedWrite {
    readonly keyHash: string;
    readonly isDelete: boolean;
    readonly valueHash: Uint8Array;
    readonly isPurge: boolean;
}

/** A private key's metadata set anew. */
export interface HashedMetadataWrite {
    readonly keyHash: string;
    readonly entries: readonly MetadataEntry[];
}

/** What a transaction did to one private data collection, as far as the block tells. */
export interface CollectionReadWriteSet {
    readonly collection: string;
    readonly reads: readonly HashedRead[];
    readonly writes: readonly HashedWrite[];
    readonly metadataWrites: readonly HashedMetadataWrite[];
    /** SHA-256 of the private write set; empty when the collection was only read. */
    readonly pvtRwsetHash: Uint8Array;
}

/** What a transaction did to one namespace, which is one chaincode's part of the state. */
export interface NamespaceReadWriteSet {
    readonly namespace: string;
    readonly reads: readonly KeyRead[];
    readonly rangeQueries: readonly RangeQuery[];
    readonly writes: readonly KeyWrite[];
    readonly metadataWrites: readonly MetadataWrite[];
    readonly collections: readonly CollectionReadWriteSet[];
}

/** Everything a transaction read and wrote, in the order in which Fabric validates it. */
export interface TxReadWriteSet {
    readonly namespaces: readonly NamespaceReadWriteSet[];
}

/**
 * What kind of transaction this is: an application's (`invoke`), the chaincode lifecycle's, another
 * system chaincode's, a channel configuration, one of a header type unknown here, or bytes that
 * are no transaction at all.
 */
export type TransactionKind =
    'invoke' | 'lifecycle' | 'system' | 'config' | 'unknown' | 'malformed';

/** The chaincode a transaction called. The version is what the endorsers ran. */
export interface ChaincodeName {
    readonly name: string;
    readonly version: string;
}

/** Who endorsed: the MSP, and the serialised identity as it stands in the block. */
export interface Endorser {
    readonly mspId: string;
    readonly identity: Uint8Array;
}

/** The event a chaincode set. */
export interface ChaincodeEvent {
    readonly chaincode: string;
    readonly name: string;
    readonly txId: string;
    readonly payload: Uint8Array;
}

/** What the chaincode answered. */
export interface ChaincodeResponse {
    readonly status: number;
    readonly message: string;
    readonly payload: Uint8Array;
}

/**
 * A transaction, read from its envelope. Byte fields are views on the bytes it was read from: they
 * cost no copy, and keep those bytes in memory.
 */
export interface Transaction {
    readonly kind: TransactionKind;
    /** The header's type number; -1 when it could not be read. */
    readonly headerType: number;
    readonly txId: string;
    readonly channelId: string;
    /** The client's timestamp in milliseconds since 1970; fractions are kept. */
    readonly timestampMs: number;
    readonly creatorMspId: string;
    /** The creator's serialised identity. */
    readonly creator: Uint8Array;
    readonly chaincode: ChaincodeName | undefined;
    /** The first argument, which by convention names the function. */
    readonly functionName: string;
    /** The arguments after the function's name. */
    readonly args: readonly Uint8Array[];
    readonly rwset: TxReadWriteSet | undefined;
    readonly endorsers: readonly Endorser[];
    readonly event: ChaincodeEvent | undefined;
    readonly response: ChaincodeResponse | undefined;
    /** How many bytes the envelope has; absent when there was no envelope to count. */
    readonly bytes?: number;
    /** Why the bytes could not be read; only with kind `malformed`. */
    readonly problem: Error | undefined;
}

/** A transaction in its block, with the peer's verdict when the block carries one. */
export interface BlockTransaction extends Transaction {
    readonly txNum: number;
    /** One of {@link VALIDATION_CODES}; `NOT_VALIDATED` when the block carries no verdicts. */
    readonly code: number;
}

/** A block: its number, links and transactions. */
export interface Block {
    readonly number: number;
    readonly previousHash: Uint8Array;
    readonly dataHash: Uint8Array;
    readonly transactions: readonly BlockTransaction[];
}
