/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays, indexed within their bounds */
import type { AccessSet } from './access.js';

/** Neighbours by node in two flat arrays: those of `i` stand from `offsets[i]` to `offsets[i + 1]`. */
export interface Adjacency {
    readonly offsets: Int32Array;
    readonly targets: Int32Array;
}

/**
 * Who reads and who writes which key, as a bipartite graph reader -> key -> writer. A hundred readers
 * and a hundred writers of one key are two hundred edges here, and not ten thousand pairs.
 */
export class ConflictGraph {
    /** How many transactions. */
    readonly size: number;
    /** The keys' names, by number. */
    readonly keys: readonly string[];
    /** By transaction: the keys it reads. */
    readonly reads: Adjacency;
    /** By transaction: the keys it writes. */
    readonly writes: Adjacency;
    /** By key: the transactions that read it, in arrival order. */
    readonly readers: Adjacency;
    /** By key: the transactions that write it, in arrival order. */
    readonly writers: Adjacency;

    constructor(accesses: readonly AccessSet[]) {
        this.size = accesses.length;
        const names = new Map<string, number>();
        const keys: string[] = [];
        let readCount = 0;
        let writeCount = 0;
        for (const { reads, writes } of accesses) {
            readCount += reads.length;
            writeCount += writes.length;
        }
        // The last transaction that named the key: a key named twice counts once.
        const seen = new Int32Array(readCount + writeCount).fill(-1);
        const intern = (name: string): number => {
            let key = names.get(name);
            if (key === undefined) {
                key = keys.length;
                names.set(name, key);
                keys.push(name);
            }
            return key;
        };
        const gather = (part: 'reads' | 'writes', count: number): Adjacency => {
            const offsets = new Int32Array(accesses.length + 1);
            const targets = new Int32Array(count);
            let at = 0;
            for (let tx = 0; tx < accesses.length; tx++) {
                for (const name of accesses[tx]?.[part] ?? []) {
                    const key = intern(name);
                    if (seen[key] === tx) continue;
                    seen[key] = tx;
                    targets[at++] = key;
                }
                offsets[tx + 1] = at;
            }
            return { offsets, targets: targets.subarray(0, at) };
        };
        this.reads = gather('reads', readCount);
        seen.fill(-1);
        this.writes = gather('writes', writeCount);
        this.keys = keys;
        this.readers = reverse(this.reads, keys.length);
        this.writers = reverse(this.writes, keys.length);
    }

    /** Whether a transaction writes a key. Transactions write few keys: a short walk. */
    writesKey(tx: number, key: number): boolean {
        return has(this.writes, tx, key);
    }

    /** Whether a transaction reads a key. */
    readsKey(tx: number, key: number): boolean {
        return has(this.reads, tx, key);
    }
}

function has({ offsets, targets }: Adjacency, node: number, target: number): boolean {
    const end = offsets[node + 1]!;
    for (let i = offsets[node]!; i < end; i++) if (targets[i] === target) return true;
    return false;
}

/** The same edges seen from the other end. */
export function reverse({ offsets, targets }: Adjacency, size: number): Adjacency {
    const starts = new Int32Array(size + 1);
    for (const target of targets) starts[target + 1]!++;
    for (let i = 0; i < size; i++) starts[i + 1] = starts[i + 1]! + starts[i]!;
    const next = starts.slice(0, size);
    const sources = new Int32Array(targets.length);
    for (let node = 0; node + 1 < offsets.length; node++) {
        const end = offsets[node + 1]!;
        for (let i = offsets[node]!; i < end; i++) {
            const target = targets[i]!;
            const at = next[target]!;
            sources[at] = node;
            next[target] = at + 1;
        }
    }
    return { offsets: starts, targets: sources };
}
