/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays, indexed within their bounds */
import type { ConflictGraph } from './conflict-graph.js';

/** By operation its lane, and how many lanes there are. */
export interface Lanes {
    readonly laneOf: Int32Array;
    readonly lanes: number;
}

/**
 * Puts operations that share no written key, not even through others, into lanes of their own. With
 * fewer lanes allowed, the largest go first, each into the lane that is emptiest so far.
 */
export function assignLanes(graph: ConflictGraph, maxLanes: number): Lanes {
    const parent = Int32Array.from({ length: graph.size }, (_, op) => op);
    const find = (op: number): number => {
        while (parent[op] !== op) {
            parent[op] = parent[parent[op]!]!;
            op = parent[op]!;
        }
        return op;
    };
    const { readers, writers } = graph;
    for (let key = 0; key < graph.keys.length; key++) {
        const start = writers.offsets[key]!;
        const end = writers.offsets[key + 1]!;
        if (start === end) continue;
        const first = writers.targets[start]!;
        for (let i = start + 1; i < end; i++) join(parent, find(first), find(writers.targets[i]!));
        for (let i = readers.offsets[key]!; i < readers.offsets[key + 1]!; i++) {
            join(parent, find(first), find(readers.targets[i]!));
        }
    }
    const laneOf = new Int32Array(graph.size);
    const numbers = new Map<number, number>();
    const sizes: number[] = [];
    for (let op = 0; op < graph.size; op++) {
        const root = find(op);
        let lane = numbers.get(root);
        if (lane === undefined) {
            lane = sizes.length;
            numbers.set(root, lane);
            sizes.push(0);
        }
        laneOf[op] = lane;
        sizes[lane]!++;
    }
    if (sizes.length <= maxLanes) return { laneOf, lanes: sizes.length };
    const gathered = gather(sizes, Math.floor(maxLanes));
    for (let op = 0; op < graph.size; op++) laneOf[op] = gathered[laneOf[op]!]!;
    return { laneOf, lanes: Math.floor(maxLanes) };
}

/** The smaller root wins, so that a lane is known by its first operation. */
function join(parent: Int32Array, a: number, b: number): void {
    if (a < b) parent[b] = a;
    else parent[a] = b;
}

function gather(sizes: readonly number[], maxLanes: number): number[] {
    const load = new Array<number>(maxLanes).fill(0);
    const lane = new Array<number>(sizes.length).fill(0);
    const largestFirst = sizes.map((_, i) => i).sort((a, b) => sizes[b]! - sizes[a]! || a - b);
    for (const i of largestFirst) {
        let emptiest = 0;
        for (let l = 1; l < maxLanes; l++) if (load[l]! < load[emptiest]!) emptiest = l;
        lane[i] = emptiest;
        load[emptiest]! += sizes[i]!;
    }
    return lane;
}
