/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays, indexed within their bounds */
import type { AccessSet } from './access.js';
import { type Components, stronglyConnected } from './components.js';
import { ConflictGraph } from './conflict-graph.js';
import { RwsetError } from './errors.js';
import { assignLanes } from './lanes.js';
import { operationGraph, type SameKeyOrder } from './operation-graph.js';

/** An operation with the keys it will touch, declared or predicted. */
export interface Operation extends AccessSet {
    /** Its size in a merged transaction; only `maxBytes` looks at it. Default 0. */
    readonly bytes?: number;
}

/** Options of {@link groupOperations}. */
export interface GroupOptions {
    /** The most operations in one group. Default 1,000. */
    readonly maxOps?: number;
    /** The most bytes in one group. Default 1 MiB. */
    readonly maxBytes?: number;
    /** The most distinct keys in one group. Default 10,000. */
    readonly maxKeys?: number;
    /**
     * What becomes of operations on the same key. `strict` (the default): their order is kept wherever
     * one of them writes. `writes`: only writes keep their order, and one that merely reads may go
     * before a write that came earlier. `free`: blind writes may change places too.
     */
    readonly sameKeyOrder?: SameKeyOrder;
    /** Into how many lanes at most independent groups are gathered. Default: as many as there are. */
    readonly maxLanes?: number;
}

/** Operations that go into one transaction, in this order. */
export interface OperationGroup {
    /** Indices of the operations, in arrival order. */
    readonly ops: readonly number[];
    /** A round is endorsed after the round before it is committed. */
    readonly round: number;
    /** Within a round everything can be endorsed at once; a phase is submitted after the one before. */
    readonly phase: number;
    /** Groups of different lanes have nothing to do with each other. */
    readonly lane: number;
    /** Of a group that was too large for one transaction: which part this is, and of how many. */
    readonly part: number;
    readonly parts: number;
}

/** How operations go into transactions. */
export interface OperationPlan {
    /** In the order in which to submit: by round, then by phase, then by first operation. */
    readonly groups: readonly OperationGroup[];
    readonly rounds: number;
    /** How many phases the longest round has. */
    readonly phases: number;
    readonly lanes: number;
}

/**
 * Plans operations before they are endorsed. Those that would invalidate each other in every order
 * are merged into one group, to be one transaction; the groups are laid out in phases so that none
 * invalidates another, and in lanes that can run side by side. A group too large for one
 * transaction is cut, in order, into parts of consecutive rounds.
 *
 * @example
 * ```ts
 * import { groupOperations } from '@goodput/rwset';
 *
 * const increment = { reads: ['hot'], writes: ['hot'] };
 * const look = { reads: ['cold'], writes: [] };
 * const plan = groupOperations([increment, look, increment]);
 * console.log(plan.groups.map((group) => group.ops)); // => [ [ 0, 2 ], [ 1 ] ]
 * ```
 */
export function groupOperations(
    operations: readonly Operation[],
    options: GroupOptions = {},
): OperationPlan {
    const limits = checkedLimits(options);
    const graph = new ConflictGraph(operations);
    const edges = operationGraph(graph, options.sameKeyOrder ?? 'strict');
    const components = stronglyConnected(edges);
    const members = membersOf(components, operations.length);
    const chunker = new Chunker(operations, graph, limits);
    const chunks = members.map((ops) => chunker.cut(ops));
    const { round, phase } = layOut(edges, components, chunks);
    const { laneOf, lanes } = assignLanes(graph, options.maxLanes ?? Infinity);
    const groups: OperationGroup[] = [];
    let rounds = 0;
    let phases = 0;
    for (const [component, parts] of chunks.entries()) {
        for (const [part, ops] of parts.entries()) {
            const at = part === 0 ? phase[component]! : 0;
            rounds = Math.max(rounds, round[component]! + part + 1);
            phases = Math.max(phases, at + 1);
            groups.push({
                ops,
                round: round[component]! + part,
                phase: at,
                lane: laneOf[ops[0]!]!,
                part,
                parts: parts.length,
            });
        }
    }
    groups.sort((a, b) => a.round - b.round || a.phase - b.phase || a.ops[0]! - b.ops[0]!);
    return { groups, rounds, phases, lanes };
}

const NO_OPS: number[] = [];
const NO_CHUNKS: number[][] = [];

interface Limits {
    readonly maxOps: number;
    readonly maxBytes: number;
    readonly maxKeys: number;
}

function checkedLimits(options: GroupOptions): Limits {
    const limits = { maxOps: 1000, maxBytes: 1024 * 1024, maxKeys: 10_000, maxLanes: Infinity };
    for (const name of ['maxOps', 'maxBytes', 'maxKeys', 'maxLanes'] as const) {
        const value = options[name];
        if (value === undefined) continue;
        if (!(value >= 1)) {
            throw new RwsetError(
                'RWSET_OPTION_INVALID',
                `${name} is ${value}; it must be a number of at least 1.`,
            );
        }
        limits[name] = value;
    }
    return limits;
}

/** By component, its operations in arrival order; those that consist of a key alone have none. */
function membersOf({ of, count }: Components, size: number): number[][] {
    const members: number[][] = new Array<number[]>(count).fill(NO_OPS);
    for (let op = 0; op < size; op++) {
        const component = of[op]!;
        if (members[component]!.length === 0) members[component] = [op];
        else members[component]!.push(op);
    }
    return members;
}

/** Cuts groups where they would pass a limit. One operation alone is never cut. */
class Chunker {
    readonly #operations: readonly Operation[];
    readonly #graph: ConflictGraph;
    readonly #limits: Limits;
    /** By key, the chunk that has it already. */
    readonly #chunkOf: Int32Array;
    #chunks = 0;

    constructor(operations: readonly Operation[], graph: ConflictGraph, limits: Limits) {
        this.#operations = operations;
        this.#graph = graph;
        this.#limits = limits;
        this.#chunkOf = new Int32Array(graph.keys.length);
    }

    cut(ops: number[]): number[][] {
        if (ops.length <= 1) return ops.length === 0 ? NO_CHUNKS : [ops];
        const { maxOps, maxBytes, maxKeys } = this.#limits;
        const chunks: number[][] = [];
        let current: number[] = [];
        let bytes = 0;
        let keys = 0;
        this.#chunks++;
        for (const op of ops) {
            const size = this.#operations[op]!.bytes ?? 0;
            let added = this.#claim(op);
            const isFull =
                current.length >= maxOps || bytes + size > maxBytes || keys + added > maxKeys;
            if (isFull && current.length > 0) {
                chunks.push(current);
                current = [];
                bytes = 0;
                keys = 0;
                this.#chunks++;
                added = this.#claim(op);
            }
            current.push(op);
            bytes += size;
            keys += added;
        }
        chunks.push(current);
        return chunks;
    }

    /** Marks an operation's keys as part of the current chunk; says how many were not before. */
    #claim(op: number): number {
        let added = 0;
        for (const { offsets, targets } of [this.#graph.reads, this.#graph.writes]) {
            for (let i = offsets[op]!; i < offsets[op + 1]!; i++) {
                const key = targets[i]!;
                if (this.#chunkOf[key] === this.#chunks) continue;
                this.#chunkOf[key] = this.#chunks;
                added++;
            }
        }
        return added;
    }
}

/** Room for phases below a round in one number. */
const ROUND = 2 ** 26;

/** By component, the first round and phase in which all that must precede it has gone before. */
function layOut(
    edges: { readonly offsets: Int32Array; readonly targets: Int32Array },
    { of, count }: Components,
    chunks: readonly (readonly number[][])[],
): { round: Int32Array; phase: Int32Array } {
    const nodes = byComponent(of, count);
    const earliest = new Float64Array(count);
    const round = new Int32Array(count);
    const phase = new Int32Array(count);
    let at = nodes.length - 1;
    // Components are numbered against the edges, so that from high to low is in their direction.
    for (let component = count - 1; component >= 0; component--) {
        const start = earliest[component]!;
        const parts = chunks[component]!.length;
        round[component] = Math.floor(start / ROUND);
        phase[component] = start % ROUND;
        let next = start;
        if (parts === 1) next = start + 1;
        else if (parts > 1) next = (round[component]! + parts - 1) * ROUND + 1;
        for (; at >= 0 && of[nodes[at]!] === component; at--) {
            const node = nodes[at]!;
            for (let e = edges.offsets[node]!; e < edges.offsets[node + 1]!; e++) {
                const target = of[edges.targets[e]!]!;
                if (target !== component && earliest[target]! < next) earliest[target] = next;
            }
        }
    }
    return { round, phase };
}

/** All nodes, sorted by their component's number. */
function byComponent(of: Int32Array, count: number): Int32Array {
    const next = new Int32Array(count + 1);
    for (const component of of) next[component + 1]!++;
    for (let i = 0; i < count; i++) next[i + 1]! += next[i]!;
    const nodes = new Int32Array(of.length);
    for (let node = 0; node < of.length; node++) nodes[next[of[node]!]!++] = node;
    return nodes;
}
