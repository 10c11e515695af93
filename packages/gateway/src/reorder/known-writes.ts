import { decodeBlock, isSameVersion, type TxReadWriteSet, type Version } from '@goodput/rwset';
import { LRUCache } from 'lru-cache';

/** A key that a block changed. */
export interface KeyChange {
    readonly namespace: string;
    readonly key: string;
    readonly version: Version;
}

/** Keys whose last version is remembered. */
const remembered = 200_000;

/** The keys that the valid transactions of a block changed. */
export function changesOf(block: Uint8Array): KeyChange[] {
    const { number, transactions } = decodeBlock(block);
    const changes: KeyChange[] = [];
    for (const { code, txNum, rwset } of transactions) {
        if (code !== 0 || rwset === undefined) continue;
        const version = { blockNum: number, txNum };
        for (const { namespace, writes, metadataWrites } of rwset.namespaces) {
            for (const { key } of [...writes, ...metadataWrites]) {
                changes.push({ namespace, key, version });
            }
        }
    }
    return changes;
}

/** The latest version of keys as the block stream has shown them. */
export class KnownWrites {
    readonly #versions = new LRUCache<string, Version>({ max: remembered });

    add(changes: readonly KeyChange[]): void {
        for (const { namespace, key, version } of changes) {
            this.#versions.set(`${namespace}\u0000${key}`, version);
        }
    }

    /** Whether a transaction has read what is known to have changed since: it cannot commit. */
    isStale({ namespaces }: TxReadWriteSet): boolean {
        return namespaces.some(({ namespace, reads }) =>
            reads.some(({ key, version }) => {
                const known = this.#versions.get(`${namespace}\u0000${key}`);
                return known !== undefined && isOlder(version, known);
            }),
        );
    }
}

/** An endorsement may also be newer than the stream; only an older one is stale. */
function isOlder(version: Version | undefined, known: Version): boolean {
    if (version === undefined) return true;
    if (isSameVersion(version, known)) return false;
    const { blockNum, txNum } = version;
    return blockNum < known.blockNum || (blockNum === known.blockNum && txNum < known.txNum);
}
