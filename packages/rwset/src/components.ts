/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays, indexed within their bounds */
import type { Adjacency } from './conflict-graph.js';

/** Strongly connected components: by node its component's number, and how many there are. */
export interface Components {
    readonly of: Int32Array;
    /**
     * Components are numbered against the edges: an edge from one to another goes from a higher
     * number to a lower one.
     */
    readonly count: number;
}

/** Tarjan's algorithm without recursion: deep graphs cannot overflow the stack. */
export function stronglyConnected({ offsets, targets }: Adjacency): Components {
    const size = offsets.length - 1;
    const of = new Int32Array(size).fill(-1);
    const order = new Int32Array(size); // 0 = not met yet
    const low = new Int32Array(size);
    const open = new Int32Array(size); // met, component not known yet
    const path = new Int32Array(size); // from the root to here
    const next = new Int32Array(size); // the edge to follow next
    let opened = 0;
    let met = 0;
    let count = 0;
    for (let root = 0; root < size; root++) {
        if (order[root] !== 0) continue;
        let depth = 0;
        path[0] = root;
        order[root] = low[root] = ++met;
        open[opened++] = root;
        next[root] = offsets[root]!;
        while (depth >= 0) {
            const node = path[depth]!;
            if (next[node]! < offsets[node + 1]!) {
                const target = targets[next[node]!++]!;
                if (order[target] === 0) {
                    order[target] = low[target] = ++met;
                    open[opened++] = target;
                    next[target] = offsets[target]!;
                    path[++depth] = target;
                } else if (of[target] === -1 && order[target]! < low[node]!) {
                    low[node] = order[target]!;
                }
                continue;
            }
            if (low[node] === order[node]) {
                let member: number;
                do {
                    member = open[--opened]!;
                    of[member] = count;
                } while (member !== node);
                count++;
            }
            if (--depth >= 0) {
                const parent = path[depth]!;
                if (low[node]! < low[parent]!) low[parent] = low[node]!;
            }
        }
    }
    return { of, count };
}
