import { decodeBlock, isSameVersion, type TxReadWriteSet, type Version } from '@goodput/rwset';
import { LRUCache } from 'lru-cache';
import { footprintKey, footprintOf, isInRange, type Footprint } from '../reads/read-footprint.js';

/** A key that a block changed. */
export interface KeyChange {
    readonly namespace: string;
    readonly key: string;
    readonly version: Version;
    /** It was deleted, or only its metadata was changed: that it is not found may well be true. */
    readonly mayBeAbsent?: boolean;
}

/** Keys whose last version is remembered. */
const remembered = 200_000;
/** Changes that are remembered in their order; a scan is held against these. */
const rememberedInOrder = 5_000;

/** The keys that the valid transactions of a block changed. */
export function changesOf(block: Uint8Array): KeyChange[] {
    const { number, transactions } = decodeBlock(block);
    const changes: KeyChange[] = [];
    for (const { code, txNum, rwset } of transactions) {
        if (code !== 0 || rwset === undefined) continue;
        const version = { blockNum: number, txNum };
        for (const { namespace, writes, metadataWrites } of rwset.namespaces) {
            for (const { key, isDelete } of writes) {
                changes.push({ namespace, key, version, mayBeAbsent: isDelete });
            }
            const written = new Set(writes.map(({ key }) => key));
            for (const { key } of metadataWrites) {
                // Of a key that does not exist it changes nothing.
                if (!written.has(key)) changes.push({ namespace, key, version, mayBeAbsent: true });
            }
        }
    }
    return changes;
}

/** The latest version of keys as the block stream has shown them. */
export class KnownWrites {
    readonly #latest: LRUCache<string, KeyChange>;
    #recent: KeyChange[] = [];
    /** From this block on every change of a key is known. */
    #keysSince = Infinity;
    /** From this block on every change is in `#recent`. */
    #recentSince = Infinity;

    constructor() {
        this.#latest = new LRUCache({
            max: remembered,
            dispose: ({ version: { blockNum } }, _, reason) => {
                if (reason === 'evict') this.#keysSince = Math.max(this.#keysSince, blockNum + 1);
            },
        });
    }

    /** Forgets everything; what comes begins with that block. */
    begin(block: bigint): void {
        this.#latest.clear();
        this.#recent = [];
        this.#keysSince = this.#recentSince = Number(block);
    }

    /** Takes the changes of a block; blocks come in order. */
    add(changes: readonly KeyChange[]): void {
        for (const change of changes) {
            this.#latest.set(footprintKey(change.namespace, change.key), change);
            this.#recent.push(change);
        }
        if (this.#recent.length <= 2 * rememberedInOrder) return;
        const gone = this.#recent.splice(0, this.#recent.length - rememberedInOrder);
        this.#recentSince = (gone.at(-1)?.version.blockNum ?? 0) + 1;
    }

    /** Whether a transaction has read what is known to have changed since: it cannot commit. */
    isStale(rwset: TxReadWriteSet): boolean {
        return rwset.namespaces.some(({ namespace, reads }) =>
            reads.some(({ key, version }) => {
                const known = this.#latest.get(footprintKey(namespace, key));
                return known !== undefined && isBefore(version, known);
            }),
        );
    }

    /**
     * Whether a scan may have been answered from before a change that is already known. What a scan
     * did not find leaves no version behind, so every recent change in its range counts.
     */
    mayHaveMissed(rwset: TxReadWriteSet): boolean {
        const { ranges } = footprintOf(rwset);
        if (ranges.length === 0) return false;
        const seen = new Map<string, Version | undefined>();
        for (const { namespace, reads, rangeQueries } of rwset.namespaces) {
            const scanned = rangeQueries.flatMap(({ rawReads }) => rawReads ?? []);
            for (const { key, version } of [...reads, ...scanned]) {
                seen.set(footprintKey(namespace, key), version);
            }
        }
        return this.#recent.some((change) => {
            if (!ranges.some((range) => isInRange(range, change))) return false;
            const version = seen.get(footprintKey(change.namespace, change.key));
            return isBefore(version, change);
        });
    }

    /** Whether it is certain that nothing of this has changed from that block on. */
    unchangedSince({ keys, ranges }: Footprint, block: number): boolean {
        if (block < this.#keysSince) return false;
        const changed = keys.some(
            (key) => (this.#latest.get(key)?.version.blockNum ?? -1) >= block,
        );
        if (changed) return false;
        if (ranges.length === 0) return true;
        if (block < this.#recentSince) return false;
        return !this.#recent.some(
            (change) =>
                change.version.blockNum >= block &&
                ranges.some((range) => isInRange(range, change)),
        );
    }
}

/** Whether what was read is from before a change. An endorsement may also be newer than the stream. */
function isBefore(version: Version | undefined, change: KeyChange): boolean {
    const { version: known, mayBeAbsent = false } = change;
    if (version === undefined) return !mayBeAbsent;
    if (isSameVersion(version, known)) return false;
    const { blockNum, txNum } = version;
    return blockNum < known.blockNum || (blockNum === known.blockNum && txNum < known.txNum);
}
