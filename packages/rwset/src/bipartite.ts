/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays, indexed within their bounds */
import type { Adjacency, ConflictGraph } from './conflict-graph.js';

/**
 * The graph reader -> key -> writer over some of the transactions, as plain adjacency: first the
 * chosen transactions in the order given, then the keys. Two transactions lie on a common cycle here
 * exactly when no order lets both survive along with what links them.
 */
export function bipartite(graph: ConflictGraph, chosen: readonly number[]): Adjacency {
    const { reads, writes, writers, keys } = graph;
    const size = chosen.length;
    const node = new Int32Array(graph.size).fill(-1);
    for (const [i, tx] of chosen.entries()) node[tx] = i;
    let edges = 0;
    for (const tx of chosen) {
        edges += reads.offsets[tx + 1]! - reads.offsets[tx]!;
        edges += writes.offsets[tx + 1]! - writes.offsets[tx]!;
    }
    const offsets = new Int32Array(size + keys.length + 1);
    const targets = new Int32Array(edges);
    let at = 0;
    for (const [i, tx] of chosen.entries()) {
        for (let r = reads.offsets[tx]!; r < reads.offsets[tx + 1]!; r++) {
            targets[at++] = size + reads.targets[r]!;
        }
        offsets[i + 1] = at;
    }
    for (let key = 0; key < keys.length; key++) {
        for (let w = writers.offsets[key]!; w < writers.offsets[key + 1]!; w++) {
            const writer = node[writers.targets[w]!]!;
            if (writer >= 0) targets[at++] = writer;
        }
        offsets[size + key + 1] = at;
    }
    return { offsets, targets };
}
