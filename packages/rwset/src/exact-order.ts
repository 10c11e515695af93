/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays, indexed within their bounds */
import type { ConflictGraph } from './conflict-graph.js';

/** Up to how many transactions on a common cycle the best victims are found by trying everything. */
export const EXACT_LIMIT = 12;

/**
 * The best victims among transactions that lie on common cycles: those without which the heaviest
 * rest survives. It looks at every subset, so there may be no more than {@link EXACT_LIMIT} of them.
 */
export function bestVictims(
    graph: ConflictGraph,
    members: readonly number[],
    weights: readonly number[] | undefined,
): number[] {
    const mustPrecede = predecessors(graph, members);
    const subsets = 1 << members.length;
    const weightOf = new Float64Array(subsets);
    const isOrderable = new Uint8Array(subsets);
    isOrderable[0] = 1;
    let best = 0;
    for (let subset = 1; subset < subsets; subset++) {
        const first = 31 - Math.clz32(subset & -subset);
        weightOf[subset] = weightOf[subset & (subset - 1)]! + (weights?.[members[first]!] ?? 1);
        for (let rest = subset; rest !== 0; rest &= rest - 1) {
            const last = 31 - Math.clz32(rest & -rest);
            // A subset can be ordered if one of it can come first and the others can be ordered.
            const others = subset & ~(1 << last);
            if ((mustPrecede[last]! & others) === 0 && isOrderable[others] === 1) {
                isOrderable[subset] = 1;
                if (weightOf[subset]! > weightOf[best]!) best = subset;
                break;
            }
        }
    }
    return members.filter((_, i) => (best & (1 << i)) === 0);
}

/** By member, as bits: the members that read what it writes and so must come before it. */
function predecessors(graph: ConflictGraph, members: readonly number[]): Int32Array {
    const place = new Map(members.map((tx, i) => [tx, i]));
    const { writes, readers } = graph;
    const before = new Int32Array(members.length);
    for (const [i, tx] of members.entries()) {
        for (let w = writes.offsets[tx]!; w < writes.offsets[tx + 1]!; w++) {
            const key = writes.targets[w]!;
            for (let r = readers.offsets[key]!; r < readers.offsets[key + 1]!; r++) {
                const j = place.get(readers.targets[r]!);
                if (j !== undefined && j !== i) before[i]! |= 1 << j;
            }
        }
    }
    return before;
}
