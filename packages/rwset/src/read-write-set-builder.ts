import { encodePrivateWriteSet } from './encode-rwset.js';
import { compareKeys } from './key-order.js';
import type {
    CollectionReadWriteSet,
    HashedMetadataWrite,
    HashedRead,
    HashedWrite,
    KeyRead,
    KeyWrite,
    MetadataEntry,
    MetadataWrite,
    NamespaceReadWriteSet,
    RangeQuery,
    TxReadWriteSet,
    Version,
} from './model.js';
import { hashKey, sha256 } from './sha256.js';

const NO_BYTES: Uint8Array = new Uint8Array(0);

interface PrivateWrite {
    readonly open: KeyWrite;
    readonly hashed: HashedWrite;
}

interface PrivateMetadataWrite {
    readonly open: MetadataWrite;
    readonly hashed: HashedMetadataWrite;
}

/** What one simulation did to one collection, by plain key. */
class CollectionBuilder {
    readonly reads = new Map<string, HashedRead>();
    readonly writes = new Map<string, PrivateWrite>();
    readonly metadataWrites = new Map<string, PrivateMetadataWrite>();
}

/** What one simulation did to one namespace. */
class NamespaceBuilder {
    readonly reads = new Map<string, KeyRead>();
    readonly writes = new Map<string, KeyWrite>();
    readonly metadataWrites = new Map<string, MetadataWrite>();
    readonly rangeQueries = new Map<string, RangeQuery>();
    readonly collections = new Map<string, CollectionBuilder>();
}

/** The private part of a simulation's result: what goes to the collection's members. */
export interface PrivateWriteSet {
    readonly namespace: string;
    readonly collection: string;
    readonly writes: readonly KeyWrite[];
    readonly metadataWrites: readonly MetadataWrite[];
    /** The protobuf bytes whose SHA-256 is the collection's `pvtRwsetHash`. */
    readonly bytes: Uint8Array;
}

/** What a simulation results in. */
export interface SimulationResults {
    readonly rwset: TxReadWriteSet;
    readonly privateWriteSets: readonly PrivateWriteSet[];
}

/**
 * Collects what a transaction reads and writes while it is simulated, and puts it into the order a
 * peer does: namespaces, keys and collections by bytes, range queries as they came. Private keys
 * are ordered by the plain key and not by its hash.
 */
export class ReadWriteSetBuilder {
    readonly #namespaces = new Map<string, NamespaceBuilder>();

    /** A key read; undefined as version when there was none. */
    addRead(namespace: string, key: string, version: Version | undefined): void {
        this.#space(namespace).reads.set(key, { key, version });
    }

    /** A key written; an empty value or undefined deletes it. */
    addWrite(namespace: string, key: string, value: Uint8Array | undefined): void {
        this.#space(namespace).writes.set(key, keyWrite(key, value));
    }

    /** A key's metadata set; no entries remove it. Entries are ordered by name. */
    addMetadataWrite(namespace: string, key: string, entries: readonly MetadataEntry[]): void {
        this.#space(namespace).metadataWrites.set(key, { key, entries: byName(entries) });
    }

    /** A range query. Of two with the same bounds and outcome the first is kept. */
    addRangeQuery(namespace: string, query: RangeQuery): void {
        const id = `${query.startKey}\ud800${query.endKey}\ud800${query.itrExhausted}`;
        const queries = this.#space(namespace).rangeQueries;
        if (!queries.has(id)) queries.set(id, query);
    }

    /** A private key read, or its hash. */
    addPrivateRead(
        namespace: string,
        collection: string,
        key: string,
        version: Version | undefined,
    ): void {
        this.#collection(namespace, collection).reads.set(key, { keyHash: hashKey(key), version });
    }

    /** A private key written; an empty value or undefined deletes it. */
    addPrivateWrite(
        namespace: string,
        collection: string,
        key: string,
        value: Uint8Array | undefined,
    ): void {
        this.#addPrivateWrite(namespace, collection, key, value, false);
    }

    /** A private key purged: deleted together with its history. */
    addPrivatePurge(namespace: string, collection: string, key: string): void {
        this.#addPrivateWrite(namespace, collection, key, undefined, true);
    }

    /** A private key's metadata set; no entries remove it. */
    addPrivateMetadataWrite(
        namespace: string,
        collection: string,
        key: string,
        entries: readonly MetadataEntry[],
    ): void {
        this.#collection(namespace, collection).metadataWrites.set(key, {
            // Members learn that the metadata changed; what it is stands in the block alone.
            open: { key, entries: [] },
            hashed: { keyHash: hashKey(key), entries: byName(entries) },
        });
    }

    /** The results, in the peer's order. */
    build(): SimulationResults {
        const namespaces: NamespaceReadWriteSet[] = [];
        const privateWriteSets: PrivateWriteSet[] = [];
        for (const [namespace, space] of sorted(this.#namespaces)) {
            const collections: CollectionReadWriteSet[] = [];
            for (const [collection, builder] of sorted(space.collections)) {
                const open = privateWriteSet(namespace, collection, builder);
                if (open !== undefined) privateWriteSets.push(open);
                collections.push({
                    collection,
                    reads: values(builder.reads),
                    writes: values(builder.writes).map(({ hashed }) => hashed),
                    metadataWrites: values(builder.metadataWrites).map(({ hashed }) => hashed),
                    pvtRwsetHash: open === undefined ? NO_BYTES : sha256(open.bytes),
                });
            }
            namespaces.push({
                namespace,
                reads: values(space.reads),
                rangeQueries: [...space.rangeQueries.values()],
                writes: values(space.writes),
                metadataWrites: values(space.metadataWrites),
                collections,
            });
        }
        return { rwset: { namespaces }, privateWriteSets };
    }

    #addPrivateWrite(
        namespace: string,
        collection: string,
        key: string,
        value: Uint8Array | undefined,
        isPurge: boolean,
    ): void {
        const open = keyWrite(key, value);
        const valueHash = open.isDelete ? NO_BYTES : sha256(open.value);
        this.#collection(namespace, collection).writes.set(key, {
            open,
            hashed: { keyHash: hashKey(key), isDelete: open.isDelete, valueHash, isPurge },
        });
    }

    #space(namespace: string): NamespaceBuilder {
        return getOrAdd(this.#namespaces, namespace, () => new NamespaceBuilder());
    }

    #collection(namespace: string, collection: string): CollectionBuilder {
        const { collections } = this.#space(namespace);
        return getOrAdd(collections, collection, () => new CollectionBuilder());
    }
}

function keyWrite(key: string, value: Uint8Array | undefined): KeyWrite {
    const isDelete = value === undefined || value.length === 0;
    return { key, isDelete, value: isDelete ? NO_BYTES : value };
}

function privateWriteSet(
    namespace: string,
    collection: string,
    builder: CollectionBuilder,
): PrivateWriteSet | undefined {
    if (builder.writes.size + builder.metadataWrites.size === 0) return undefined;
    const writes = values(builder.writes).map(({ open }) => open);
    const metadataWrites = values(builder.metadataWrites).map(({ open }) => open);
    const bytes = encodePrivateWriteSet(writes, metadataWrites);
    return { namespace, collection, writes, metadataWrites, bytes };
}

function byName(entries: readonly MetadataEntry[]): readonly MetadataEntry[] {
    return [...entries].sort((a, b) => compareKeys(a.name, b.name));
}

function sorted<T>(map: ReadonlyMap<string, T>): [string, T][] {
    return [...map].sort(([a], [b]) => compareKeys(a, b));
}

function values<T>(map: ReadonlyMap<string, T>): T[] {
    return sorted(map).map(([, value]) => value);
}

function getOrAdd<T>(map: Map<string, T>, key: string, make: () => T): T {
    let value = map.get(key);
    if (value === undefined) {
        value = make();
        map.set(key, value);
    }
    return value;
}
