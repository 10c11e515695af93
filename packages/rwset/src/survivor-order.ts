/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays, indexed within their bounds */
import type { ConflictGraph } from './conflict-graph.js';

/** What holds a victim out: it read a key that one survivor writes, and wrote one that another read. */
export interface Bond {
    /** The key the victim read. */
    readonly readKey: string;
    /** The survivor that writes it, so that the victim would have to come before. */
    readonly writer: number;
    /** The key the victim writes. */
    readonly writtenKey: string;
    /** The survivor that read it, so that the victim would have to come after. */
    readonly reader: number;
}

/**
 * An order in which transactions survive, into which more can be put: one that is placed after all
 * who read what it writes, and before all who write what it reads, does no harm and takes none.
 */
export class SurvivorOrder {
    readonly #graph: ConflictGraph;
    readonly #place: Float64Array;
    readonly #lastReader: Int32Array;
    readonly #firstWriter: Int32Array;
    readonly #members: number[] = [];
    #front = 0;
    #back: number;

    constructor(graph: ConflictGraph, order: readonly number[]) {
        this.#graph = graph;
        this.#place = new Float64Array(graph.size);
        this.#lastReader = new Int32Array(graph.keys.length).fill(-1);
        this.#firstWriter = new Int32Array(graph.keys.length).fill(-1);
        this.#back = order.length;
        for (const [i, tx] of order.entries()) this.#put(tx, i);
    }

    /** Puts a victim back in, if there is a place where it survives; says whether there was. */
    insert(tx: number): boolean {
        const after = this.#after(tx);
        const before = this.#before(tx);
        if (before === undefined) this.#put(tx, this.#back++);
        else if (after === undefined) this.#put(tx, --this.#front);
        else {
            const low = this.#place[after]!;
            const high = this.#place[before]!;
            const middle = (low + high) / 2;
            // Halved often enough, two places have nothing between them any more.
            if (middle <= low || middle >= high) return false;
            this.#put(tx, middle);
        }
        return true;
    }

    /** Why a victim cannot be put in. */
    bondOf(tx: number): Bond {
        const reader = this.#after(tx) ?? tx;
        const writer = this.#before(tx) ?? tx;
        const { keys, reads, writes } = this.#graph;
        const readKey = this.#common(reads.offsets, reads.targets, tx, this.#firstWriter, writer);
        const writtenKey = this.#common(
            writes.offsets,
            writes.targets,
            tx,
            this.#lastReader,
            reader,
        );
        return { readKey: keys[readKey]!, writer, writtenKey: keys[writtenKey]!, reader };
    }

    /** The members in order. */
    order(): number[] {
        return this.#members.sort((a, b) => this.#place[a]! - this.#place[b]!);
    }

    /** The last survivor that read a key which this one writes. */
    #after(tx: number): number | undefined {
        const { offsets, targets } = this.#graph.writes;
        let last: number | undefined;
        for (let i = offsets[tx]!; i < offsets[tx + 1]!; i++) {
            const reader = this.#lastReader[targets[i]!]!;
            if (reader < 0) continue;
            if (last === undefined || this.#place[reader]! > this.#place[last]!) last = reader;
        }
        return last;
    }

    /** The first survivor that writes a key which this one read. */
    #before(tx: number): number | undefined {
        const { offsets, targets } = this.#graph.reads;
        let first: number | undefined;
        for (let i = offsets[tx]!; i < offsets[tx + 1]!; i++) {
            const writer = this.#firstWriter[targets[i]!]!;
            if (writer < 0) continue;
            if (first === undefined || this.#place[writer]! < this.#place[first]!) first = writer;
        }
        return first;
    }

    #common(
        offsets: Int32Array,
        targets: Int32Array,
        tx: number,
        byKey: Int32Array,
        other: number,
    ): number {
        let i = offsets[tx]!;
        while (i < offsets[tx + 1]! - 1 && byKey[targets[i]!] !== other) i++;
        return targets[i]!;
    }

    #put(tx: number, place: number): void {
        const { reads, writes } = this.#graph;
        this.#place[tx] = place;
        this.#members.push(tx);
        for (let i = reads.offsets[tx]!; i < reads.offsets[tx + 1]!; i++) {
            const key = reads.targets[i]!;
            const last = this.#lastReader[key]!;
            if (last < 0 || place > this.#place[last]!) this.#lastReader[key] = tx;
        }
        for (let i = writes.offsets[tx]!; i < writes.offsets[tx + 1]!; i++) {
            const key = writes.targets[i]!;
            const first = this.#firstWriter[key]!;
            if (first < 0 || place < this.#place[first]!) this.#firstWriter[key] = tx;
        }
    }
}
