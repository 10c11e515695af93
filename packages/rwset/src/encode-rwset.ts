import type {
    CollectionReadWriteSet,
    KeyRead,
    KeyWrite,
    MetadataEntry,
    MetadataWrite,
    NamespaceReadWriteSet,
    RangeQuery,
    TxReadWriteSet,
    Version,
} from './model.js';
import { WireWriter } from './wire-writer.js';

/**
 * Writes a read/write set as a Fabric peer does, byte for byte. The order of namespaces, keys and
 * collections is kept as given; {@link ReadWriteSetBuilder} brings them into the peer's order.
 *
 * @example
 * ```ts
 * import { decodeTxReadWriteSet, encodeTxReadWriteSet, ReadWriteSetBuilder } from '@goodput/rwset';
 *
 * const builder = new ReadWriteSetBuilder();
 * builder.addRead('stock', 'apples', { blockNum: 7, txNum: 0 });
 * builder.addWrite('stock', 'apples', Buffer.from('11'));
 * const bytes = encodeTxReadWriteSet(builder.build().rwset);
 * console.log(decodeTxReadWriteSet(bytes).namespaces[0]?.reads[0]?.key); // => apples
 * ```
 */
export function encodeTxReadWriteSet(rwset: TxReadWriteSet): Uint8Array {
    const w = new WireWriter(512);
    for (const namespace of rwset.namespaces)
        w.message(2, () => {
            writeNamespace(w, namespace);
        });
    return w.finish();
}

/** Writes results of a range query the way Fabric hashes them: a `kvrwset.QueryReads`. */
export function encodeQueryReads(reads: readonly KeyRead[]): Uint8Array {
    const w = new WireWriter(2048);
    for (const read of reads)
        w.message(1, () => {
            writeKeyRead(w, read);
        });
    return w.finish();
}

/** Writes the private write set of one collection, whose SHA-256 stands in the block. */
export function encodePrivateWriteSet(
    writes: readonly KeyWrite[],
    metadataWrites: readonly MetadataWrite[] = [],
): Uint8Array {
    const w = new WireWriter();
    writeWrites(w, writes, metadataWrites);
    return w.finish();
}

/** Writes a key's metadata the way Fabric keeps it in the state: a `kvrwset.KVMetadataWrite`. */
export function encodeMetadata(entries: readonly MetadataEntry[]): Uint8Array {
    const w = new WireWriter();
    writeEntries(w, entries);
    return w.finish();
}

function writeNamespace(w: WireWriter, set: NamespaceReadWriteSet): void {
    w.text(1, set.namespace);
    if (
        set.reads.length + set.rangeQueries.length + set.writes.length + set.metadataWrites.length >
        0
    ) {
        w.message(2, () => {
            for (const read of set.reads)
                w.message(1, () => {
                    writeKeyRead(w, read);
                });
            for (const query of set.rangeQueries)
                w.message(2, () => {
                    writeRangeQuery(w, query);
                });
            writeWrites(w, set.writes, set.metadataWrites);
        });
    }
    for (const collection of set.collections) {
        w.message(3, () => {
            writeCollection(w, collection);
        });
    }
}

function writeWrites(
    w: WireWriter,
    writes: readonly KeyWrite[],
    metadataWrites: readonly MetadataWrite[],
): void {
    for (const write of writes) {
        w.message(3, () => {
            w.text(1, write.key);
            w.flag(2, write.isDelete);
            w.bytes(3, write.value);
        });
    }
    for (const write of metadataWrites) {
        w.message(4, () => {
            w.text(1, write.key);
            writeEntries(w, write.entries);
        });
    }
}

function writeKeyRead(w: WireWriter, read: KeyRead): void {
    w.text(1, read.key);
    writeVersion(w, read.version);
}

function writeVersion(w: WireWriter, version: Version | undefined): void {
    if (version === undefined) return;
    w.message(2, () => {
        w.number(1, version.blockNum);
        w.number(2, version.txNum);
    });
}

function writeEntries(w: WireWriter, entries: readonly MetadataEntry[]): void {
    for (const entry of entries) {
        w.message(2, () => {
            w.text(1, entry.name);
            w.bytes(2, entry.value);
        });
    }
}

function writeRangeQuery(w: WireWriter, query: RangeQuery): void {
    w.text(1, query.startKey);
    w.text(2, query.endKey);
    w.flag(3, query.itrExhausted);
    const { rawReads, merkle } = query;
    if (rawReads !== undefined) {
        w.message(4, () => {
            for (const read of rawReads)
                w.message(1, () => {
                    writeKeyRead(w, read);
                });
        });
    } else if (merkle !== undefined) {
        w.message(5, () => {
            w.number(1, merkle.maxDegree);
            w.number(2, merkle.maxLevel);
            for (const hash of merkle.maxLevelHashes) w.element(3, hash);
        });
    }
}

function writeCollection(w: WireWriter, set: CollectionReadWriteSet): void {
    w.text(1, set.collection);
    if (set.reads.length + set.writes.length + set.metadataWrites.length > 0) {
        w.message(2, () => {
            writeHashedSet(w, set);
        });
    }
    w.bytes(3, set.pvtRwsetHash);
}

function writeHashedSet(w: WireWriter, set: CollectionReadWriteSet): void {
    for (const read of set.reads) {
        w.message(1, () => {
            w.bytes(1, Buffer.from(read.keyHash, 'hex'));
            writeVersion(w, read.version);
        });
    }
    for (const write of set.writes) {
        w.message(2, () => {
            w.bytes(1, Buffer.from(write.keyHash, 'hex'));
            w.flag(2, write.isDelete);
            w.bytes(3, write.valueHash);
            w.flag(4, write.isPurge);
        });
    }
    for (const write of set.metadataWrites) {
        w.message(3, () => {
            w.bytes(1, Buffer.from(write.keyHash, 'hex'));
            writeEntries(w, write.entries);
        });
    }
}
