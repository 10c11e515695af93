/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays, indexed within their bounds */
import type { Adjacency, ConflictGraph } from './conflict-graph.js';

/** What becomes of operations on the same key; see `GroupOptions.sameKeyOrder`. */
export type SameKeyOrder = 'strict' | 'writes' | 'free';

/**
 * What has to come before what among operations, as a graph over operations and then keys:
 * reader -> key -> writer because of Fabric, and from a key's last writer to whoever comes after it
 * because of the order in which they were asked for. Where the two contradict each other there is a
 * cycle, and the operations on it have to be merged.
 */
export function operationGraph(graph: ConflictGraph, sameKeyOrder: SameKeyOrder): Adjacency {
    const { size, keys, reads, writes, writers } = graph;
    const extra = arrivalEdges(graph, sameKeyOrder);
    const offsets = new Int32Array(size + keys.length + 1);
    const targets = new Int32Array(
        reads.targets.length + writes.targets.length + extra.targets.length,
    );
    let at = 0;
    for (let op = 0; op < size; op++) {
        for (let i = reads.offsets[op]!; i < reads.offsets[op + 1]!; i++) {
            const key = reads.targets[i]!;
            // A key that nobody writes binds nobody.
            if (writers.offsets[key + 1]! > writers.offsets[key]!) targets[at++] = size + key;
        }
        for (let i = extra.offsets[op]!; i < extra.offsets[op + 1]!; i++) {
            targets[at++] = extra.targets[i]!;
        }
        offsets[op + 1] = at;
    }
    for (let key = 0; key < keys.length; key++) {
        for (let i = writers.offsets[key]!; i < writers.offsets[key + 1]!; i++) {
            targets[at++] = writers.targets[i]!;
        }
        offsets[size + key + 1] = at;
    }
    return { offsets, targets: targets.subarray(0, at) };
}

/** From each key's last writer so far to the operation that comes after it. */
function arrivalEdges(
    { size, keys, reads, writes }: ConflictGraph,
    sameKeyOrder: SameKeyOrder,
): Adjacency {
    const offsets = new Int32Array(size + 1);
    if (sameKeyOrder === 'free') return { offsets, targets: new Int32Array(0) };
    const from: number[] = [];
    const to: number[] = [];
    const lastWriter = new Int32Array(keys.length).fill(-1);
    const link = (key: number, op: number): void => {
        const writer = lastWriter[key]!;
        if (writer < 0) return;
        from.push(writer);
        to.push(op);
        offsets[writer + 1]!++;
    };
    for (let op = 0; op < size; op++) {
        if (sameKeyOrder === 'strict') {
            for (let i = reads.offsets[op]!; i < reads.offsets[op + 1]!; i++) {
                link(reads.targets[i]!, op);
            }
        }
        for (let i = writes.offsets[op]!; i < writes.offsets[op + 1]!; i++) {
            const key = writes.targets[i]!;
            link(key, op);
            lastWriter[key] = op;
        }
    }
    for (let op = 0; op < size; op++) offsets[op + 1]! += offsets[op]!;
    const next = offsets.slice(0, size);
    const targets = new Int32Array(to.length);
    for (let i = 0; i < to.length; i++) targets[next[from[i]!]!++] = to[i]!;
    return { offsets, targets };
}
