/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays, indexed within their bounds */
import type { AccessSet } from './access.js';
import { bipartite } from './bipartite.js';
import { stronglyConnected } from './components.js';
import { ConflictGraph } from './conflict-graph.js';

/** Transactions that invalidate each other in every order, and the keys over which they do. */
export interface ConflictCycle {
    readonly transactions: readonly number[];
    readonly keys: readonly string[];
}

/** How much a key is fought over. */
export interface KeyContention {
    readonly key: string;
    readonly readers: number;
    readonly writers: number;
    /** Pairs of a reader and another transaction that writes. */
    readonly conflicts: number;
}

/** What a set of transactions looks like to someone who wants them all to commit. */
export interface ConflictMetrics {
    readonly transactions: number;
    readonly keys: number;
    /** Pairs of a reader and another transaction that writes the same key, counted key by key. */
    readonly conflicts: number;
    /** How many transactions are in such a pair. */
    readonly conflicting: number;
    /** Sets of transactions that no order saves all of, largest first. */
    readonly cycles: readonly ConflictCycle[];
    /** How many transactions are in one of them. */
    readonly inCycles: number;
    /** The longest chain of transactions of which each has to come after the one before. */
    readonly criticalPath: number;
    /** Transactions per step of the critical path: how many could go on at a time. */
    readonly parallelism: number;
    /** How many steps there are when every cycle is one step. */
    readonly phases: number;
    /** How many transactions the fullest of these steps has. */
    readonly width: number;
    /** The most contended keys, worst first. */
    readonly hotKeys: readonly KeyContention[];
}

/** Measures how transactions endorsed on one snapshot stand in each other's way. */
export function measureConflicts(
    accesses: readonly AccessSet[],
    { hotKeys = 10 }: { readonly hotKeys?: number } = {},
): ConflictMetrics {
    const graph = new ConflictGraph(accesses);
    const contention = contentionOf(graph);
    const cycles = cyclesOf(graph);
    const levels = levelsOf(graph);
    return {
        transactions: graph.size,
        keys: graph.keys.length,
        conflicts: contention.reduce((sum, { conflicts }) => sum + conflicts, 0),
        conflicting: conflictingOf(graph),
        cycles,
        inCycles: cycles.reduce((sum, { transactions }) => sum + transactions.length, 0),
        ...levels,
        parallelism: levels.criticalPath === 0 ? 0 : graph.size / levels.criticalPath,
        hotKeys: contention
            .filter(({ conflicts }) => conflicts > 0)
            .sort((a, b) => b.conflicts - a.conflicts || (a.key < b.key ? -1 : 1))
            .slice(0, hotKeys),
    };
}

function contentionOf(graph: ConflictGraph): KeyContention[] {
    const { readers, writers } = graph;
    return graph.keys.map((name, key) => {
        const readerCount = readers.offsets[key + 1]! - readers.offsets[key]!;
        const writerCount = writers.offsets[key + 1]! - writers.offsets[key]!;
        let both = 0;
        if (readerCount > 0 && writerCount > 0) {
            for (let i = writers.offsets[key]!; i < writers.offsets[key + 1]!; i++) {
                if (graph.readsKey(writers.targets[i]!, key)) both++;
            }
        }
        return {
            key: name,
            readers: readerCount,
            writers: writerCount,
            conflicts: readerCount * writerCount - both,
        };
    });
}

function conflictingOf(graph: ConflictGraph): number {
    const { reads, writes, readers, writers } = graph;
    const others = (offsets: Int32Array, key: number, own: boolean): boolean =>
        offsets[key + 1]! - offsets[key]! > (own ? 1 : 0);
    let count = 0;
    for (let tx = 0; tx < graph.size; tx++) {
        const read = reads.targets.subarray(reads.offsets[tx], reads.offsets[tx + 1]);
        const written = writes.targets.subarray(writes.offsets[tx], writes.offsets[tx + 1]);
        if (
            read.some((key) => others(writers.offsets, key, graph.writesKey(tx, key))) ||
            written.some((key) => others(readers.offsets, key, graph.readsKey(tx, key)))
        ) {
            count++;
        }
    }
    return count;
}

function everything(graph: ConflictGraph): number[] {
    return Array.from({ length: graph.size }, (_, tx) => tx);
}

function cyclesOf(graph: ConflictGraph): ConflictCycle[] {
    const { of } = stronglyConnected(bipartite(graph, everything(graph)));
    const members = new Map<number, { transactions: number[]; keys: string[] }>();
    for (let node = 0; node < of.length; node++) {
        let cycle = members.get(of[node]!);
        if (cycle === undefined) {
            cycle = { transactions: [], keys: [] };
            members.set(of[node]!, cycle);
        }
        if (node < graph.size) cycle.transactions.push(node);
        else cycle.keys.push(graph.keys[node - graph.size]!);
    }
    return [...members.values()]
        .filter(({ transactions }) => transactions.length > 1)
        .sort((a, b) => b.transactions.length - a.transactions.length);
}

function levelsOf(graph: ConflictGraph): { criticalPath: number; phases: number; width: number } {
    const edges = bipartite(graph, everything(graph));
    const { of, count } = stronglyConnected(edges);
    const size = new Int32Array(count);
    for (let tx = 0; tx < graph.size; tx++) size[of[tx]!]!++;
    const before = new Int32Array(count); // transactions on the longest way here
    const level = new Int32Array(count); // steps on the longest way here
    const width: number[] = [];
    let criticalPath = 0;
    const nodes = Array.from(of, (_, node) => node).sort((a, b) => of[b]! - of[a]!);
    for (const [i, node] of nodes.entries()) {
        const component = of[node]!;
        const path = before[component]! + size[component]!;
        const next = level[component]! + (size[component]! > 0 ? 1 : 0);
        if (i === 0 || of[nodes[i - 1]!] !== component) {
            criticalPath = Math.max(criticalPath, path);
            const at = level[component]!;
            if (size[component]! > 0) width[at] = (width[at] ?? 0) + size[component]!;
        }
        for (let e = edges.offsets[node]!; e < edges.offsets[node + 1]!; e++) {
            const target = of[edges.targets[e]!]!;
            if (target === component) continue;
            before[target] = Math.max(before[target]!, path);
            level[target] = Math.max(level[target]!, next);
        }
    }
    return {
        criticalPath,
        phases: width.length,
        width: width.reduce((widest, each) => Math.max(widest, each), 0),
    };
}
