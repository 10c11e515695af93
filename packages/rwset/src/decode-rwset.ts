import { RwsetError } from './errors.js';
import type {
    CollectionReadWriteSet,
    HashedMetadataWrite,
    HashedRead,
    HashedWrite,
    KeyRead,
    KeyWrite,
    MerkleSummary,
    MetadataEntry,
    MetadataWrite,
    NamespaceReadWriteSet,
    RangeQuery,
    TxReadWriteSet,
    Version,
} from './model.js';
import { WireReader } from './wire-reader.js';

const NO_BYTES: Uint8Array = new Uint8Array(0);
const NONE: readonly never[] = [];

// Tags: field number * 8 + wire type.
const F1 = 10;
const F2 = 18;
const F3 = 26;
const F4 = 34;
const F5 = 42;
const V1 = 8;
const V2 = 16;
const V3 = 24;
const V4 = 32;

/**
 * Reads the bytes of a `rwset.TxReadWriteSet`, which is what a peer puts into a transaction.
 *
 * @throws RwsetError when the bytes are not one.
 */
export function decodeTxReadWriteSet(bytes: Uint8Array): TxReadWriteSet {
    const reader = new WireReader(bytes, 'read/write set');
    return readTxReadWriteSet(reader, reader.end);
}

/** Reads a read/write set that ends at `end`. */
export function readTxReadWriteSet(r: WireReader, end: number): TxReadWriteSet {
    const namespaces: NamespaceReadWriteSet[] = [];
    while (r.pos < end) {
        const tag = r.tag();
        if (tag === F2) namespaces.push(readNamespace(r, r.messageEnd()));
        else if (tag === V1) {
            const model = r.varint();
            if (model !== 0) {
                throw new RwsetError(
                    'RWSET_DATA_MODEL_UNKNOWN',
                    `The read/write set's data model is ${model}. Only 0 (key-value) is known.`,
                );
            }
        } else r.skip(tag);
    }
    r.close(end);
    return { namespaces };
}

function readNamespace(r: WireReader, end: number): NamespaceReadWriteSet {
    let namespace = '';
    let reads: KeyRead[] | undefined;
    let rangeQueries: RangeQuery[] | undefined;
    let writes: KeyWrite[] | undefined;
    let metadataWrites: MetadataWrite[] | undefined;
    let collections: CollectionReadWriteSet[] | undefined;
    while (r.pos < end) {
        const tag = r.tag();
        if (tag === F1) namespace = r.text();
        else if (tag === F2) {
            const inner = r.messageEnd();
            // A field that should occur once and does not: the last one counts, as it does to a peer.
            reads = rangeQueries = writes = metadataWrites = undefined;
            while (r.pos < inner) {
                const field = r.tag();
                if (field === F1) (reads ??= []).push(readKeyRead(r, r.messageEnd()));
                else if (field === F3) (writes ??= []).push(readKeyWrite(r, r.messageEnd()));
                else if (field === F2) {
                    (rangeQueries ??= []).push(readRangeQuery(r, r.messageEnd()));
                } else if (field === F4) {
                    const [key, entries] = readMetadata(r, r.messageEnd(), false);
                    (metadataWrites ??= []).push({ key, entries });
                } else r.skip(field);
            }
            r.close(inner);
        } else if (tag === F3) (collections ??= []).push(readCollection(r, r.messageEnd()));
        else r.skip(tag);
    }
    r.close(end);
    return {
        namespace,
        reads: reads ?? NONE,
        rangeQueries: rangeQueries ?? NONE,
        writes: writes ?? NONE,
        metadataWrites: metadataWrites ?? NONE,
        collections: collections ?? NONE,
    };
}

function readKeyRead(r: WireReader, end: number): KeyRead {
    let key = '';
    let version: Version | undefined;
    while (r.pos < end) {
        const tag = r.tag();
        if (tag === F1) key = r.text();
        else if (tag === F2) version = readVersion(r, r.messageEnd());
        else r.skip(tag);
    }
    r.close(end);
    return { key, version };
}

function readVersion(r: WireReader, end: number): Version {
    let blockNum = 0;
    let txNum = 0;
    while (r.pos < end) {
        const tag = r.tag();
        if (tag === V1) blockNum = r.exact();
        else if (tag === V2) txNum = r.exact();
        else r.skip(tag);
    }
    r.close(end);
    return { blockNum, txNum };
}

function readKeyWrite(r: WireReader, end: number): KeyWrite {
    let key = '';
    let isDelete = false;
    let value = NO_BYTES;
    while (r.pos < end) {
        const tag = r.tag();
        if (tag === F1) key = r.text();
        else if (tag === V2) isDelete = r.varint() !== 0;
        else if (tag === F3) value = r.view();
        else r.skip(tag);
    }
    r.close(end);
    return { key, isDelete, value };
}

function readMetadata(
    r: WireReader,
    end: number,
    hashed: boolean,
): [key: string, entries: readonly MetadataEntry[]] {
    let key = '';
    let entries: MetadataEntry[] | undefined;
    while (r.pos < end) {
        const tag = r.tag();
        if (tag === F1) key = hashed ? r.hex() : r.text();
        else if (tag === F2) (entries ??= []).push(readMetadataEntry(r, r.messageEnd()));
        else r.skip(tag);
    }
    r.close(end);
    return [key, entries ?? NONE];
}

function readMetadataEntry(r: WireReader, end: number): MetadataEntry {
    let name = '';
    let value = NO_BYTES;
    while (r.pos < end) {
        const tag = r.tag();
        if (tag === F1) name = r.text();
        else if (tag === F2) value = r.view();
        else r.skip(tag);
    }
    r.close(end);
    return { name, value };
}

function readRangeQuery(r: WireReader, end: number): RangeQuery {
    let startKey = '';
    let endKey = '';
    let itrExhausted = false;
    let rawReads: KeyRead[] | undefined;
    let merkle: MerkleSummary | undefined;
    while (r.pos < end) {
        const tag = r.tag();
        if (tag === F1) startKey = r.text();
        else if (tag === F2) endKey = r.text();
        else if (tag === V3) itrExhausted = r.varint() !== 0;
        else if (tag === F4) {
            const inner = r.messageEnd();
            rawReads = [];
            merkle = undefined;
            while (r.pos < inner) {
                const field = r.tag();
                if (field === F1) rawReads.push(readKeyRead(r, r.messageEnd()));
                else r.skip(field);
            }
            r.close(inner);
        } else if (tag === F5) {
            merkle = readMerkle(r, r.messageEnd());
            rawReads = undefined;
        } else r.skip(tag);
    }
    r.close(end);
    return { startKey, endKey, itrExhausted, rawReads, merkle };
}

function readMerkle(r: WireReader, end: number): MerkleSummary {
    let maxDegree = 0;
    let maxLevel = 0;
    const maxLevelHashes: Uint8Array[] = [];
    while (r.pos < end) {
        const tag = r.tag();
        if (tag === V1) maxDegree = r.exact();
        else if (tag === V2) maxLevel = r.exact();
        else if (tag === F3) maxLevelHashes.push(r.view());
        else r.skip(tag);
    }
    r.close(end);
    return { maxDegree, maxLevel, maxLevelHashes };
}

function readCollection(r: WireReader, end: number): CollectionReadWriteSet {
    let collection = '';
    let reads: HashedRead[] | undefined;
    let writes: HashedWrite[] | undefined;
    let metadataWrites: HashedMetadataWrite[] | undefined;
    let pvtRwsetHash = NO_BYTES;
    while (r.pos < end) {
        const tag = r.tag();
        if (tag === F1) collection = r.text();
        else if (tag === F3) pvtRwsetHash = r.view();
        else if (tag === F2) {
            const inner = r.messageEnd();
            reads = writes = metadataWrites = undefined;
            while (r.pos < inner) {
                const field = r.tag();
                if (field === F1) (reads ??= []).push(readHashedRead(r, r.messageEnd()));
                else if (field === F2) (writes ??= []).push(readHashedWrite(r, r.messageEnd()));
                else if (field === F3) {
                    const [keyHash, entries] = readMetadata(r, r.messageEnd(), true);
                    (metadataWrites ??= []).push({ keyHash, entries });
                } else r.skip(field);
            }
            r.close(inner);
        } else r.skip(tag);
    }
    r.close(end);
    return {
        collection,
        reads: reads ?? NONE,
        writes: writes ?? NONE,
        metadataWrites: metadataWrites ?? NONE,
        pvtRwsetHash,
    };
}

function readHashedRead(r: WireReader, end: number): HashedRead {
    let keyHash = '';
    let version: Version | undefined;
    while (r.pos < end) {
        const tag = r.tag();
        if (tag === F1) keyHash = r.hex();
        else if (tag === F2) version = readVersion(r, r.messageEnd());
        else r.skip(tag);
    }
    r.close(end);
    return { keyHash, version };
}

function readHashedWrite(r: WireReader, end: number): HashedWrite {
    let keyHash = '';
    let isDelete = false;
    let valueHash = NO_BYTES;
    let isPurge = false;
    while (r.pos < end) {
        const tag = r.tag();
        if (tag === F1) keyHash = r.hex();
        else if (tag === V2) isDelete = r.varint() !== 0;
        else if (tag === F3) valueHash = r.view();
        else if (tag === V4) isPurge = r.varint() !== 0;
        else r.skip(tag);
    }
    r.close(end);
    return { keyHash, isDelete, valueHash, isPurge };
}
