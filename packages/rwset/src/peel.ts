/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays, indexed within their bounds */
import type { ConflictGraph } from './conflict-graph.js';
import { VictimQueue } from './victim-queue.js';

/**
 * Takes transactions off a conflict graph one by one. One that nobody alive has to precede goes to
 * the front, one that has to precede nobody alive goes to the back; when only cycles are left, a
 * victim has to be named. Every step costs what the transaction's own keys cost, so that the whole is
 * linear in the size of the read/write sets however hot a key is.
 */
export class Peeler {
    readonly #graph: ConflictGraph;
    readonly #alive: Uint8Array;
    /** By key: how many transactions alive read it, and how many write it. */
    readonly #readers: Int32Array;
    readonly #writers: Int32Array;
    /** By transaction: how many of its written keys others alive read, of its read keys others write. */
    readonly #before: Int32Array;
    readonly #after: Int32Array;
    readonly #ready: Int32Array;
    #readyFrom = 0;
    #readyTo = 0;
    readonly #front: number[] = [];
    readonly #back: number[] = [];
    readonly #victims: number[] = [];

    constructor(graph: ConflictGraph) {
        this.#graph = graph;
        const { size, keys } = graph;
        this.#alive = new Uint8Array(size).fill(1);
        this.#readers = degrees(graph.readers.offsets, keys.length);
        this.#writers = degrees(graph.writers.offsets, keys.length);
        this.#before = new Int32Array(size);
        this.#after = new Int32Array(size);
        this.#ready = new Int32Array(size * 2);
        this.#count();
    }

    get victims(): readonly number[] {
        return this.#victims;
    }

    isAlive(tx: number): boolean {
        return this.#alive[tx] === 1;
    }

    /** The transactions alive, in arrival order. */
    alive(): number[] {
        const alive: number[] = [];
        for (let tx = 0; tx < this.#alive.length; tx++) if (this.#alive[tx] === 1) alive.push(tx);
        return alive;
    }

    /** Those that survive, in an order in which they all do. */
    order(): number[] {
        return [...this.#front, ...this.#back.reverse()];
    }

    /** Takes off everything that is on no cycle. */
    peel(): void {
        while (this.#readyFrom < this.#readyTo) {
            const tx = this.#ready[this.#readyFrom++]!;
            if (this.#alive[tx] === 0) continue;
            (this.#before[tx] === 0 ? this.#front : this.#back).push(tx);
            this.#take(tx);
        }
    }

    /** Takes a transaction off as a victim, and then whatever that sets free. */
    sacrifice(tx: number): void {
        if (this.#alive[tx] === 0) return;
        this.#victims.push(tx);
        this.#take(tx);
        this.peel();
    }

    /** Names victims until nothing is left: always the one with the most ways through it. */
    peelGreedily(weights: readonly number[] | undefined): void {
        const queue = new VictimQueue(this.alive(), (tx) => this.#ways(tx) / (weights?.[tx] ?? 1));
        for (;;) {
            const victim = queue.next((tx) => this.#alive[tx] === 1);
            if (victim === undefined) return;
            this.sacrifice(victim);
        }
    }

    /** How many paths lead over a transaction: pairs of one before it and one after it. */
    #ways(tx: number): number {
        const { reads, writes } = this.#graph;
        let before = 0;
        for (let i = writes.offsets[tx]!; i < writes.offsets[tx + 1]!; i++) {
            const key = writes.targets[i]!;
            const others = this.#readers[key]!;
            if (others > 0) before += this.#graph.readsKey(tx, key) ? others - 1 : others;
        }
        let after = 0;
        for (let i = reads.offsets[tx]!; i < reads.offsets[tx + 1]!; i++) {
            const key = reads.targets[i]!;
            const others = this.#writers[key]!;
            if (others > 0) after += this.#graph.writesKey(tx, key) ? others - 1 : others;
        }
        return before * after;
    }

    #count(): void {
        const { reads, writes, size } = this.#graph;
        for (let tx = 0; tx < size; tx++) {
            let before = 0;
            for (let i = writes.offsets[tx]!; i < writes.offsets[tx + 1]!; i++) {
                const key = writes.targets[i]!;
                const readers = this.#readers[key]!;
                if (readers > 1 || (readers === 1 && !this.#graph.readsKey(tx, key))) before++;
            }
            let after = 0;
            for (let i = reads.offsets[tx]!; i < reads.offsets[tx + 1]!; i++) {
                const key = reads.targets[i]!;
                const writers = this.#writers[key]!;
                if (writers > 1 || (writers === 1 && !this.#graph.writesKey(tx, key))) after++;
            }
            this.#before[tx] = before;
            this.#after[tx] = after;
            if (before === 0 || after === 0) this.#ready[this.#readyTo++] = tx;
        }
    }

    #take(tx: number): void {
        const { reads, writes, readers, writers } = this.#graph;
        this.#alive[tx] = 0;
        for (let i = reads.offsets[tx]!; i < reads.offsets[tx + 1]!; i++) {
            const key = reads.targets[i]!;
            const left = --this.#readers[key]!;
            if (left === 0) {
                for (let j = writers.offsets[key]!; j < writers.offsets[key + 1]!; j++) {
                    this.#release(writers.targets[j]!, this.#before);
                }
            } else if (left === 1) {
                const last = this.#onlyAlive(readers.offsets, readers.targets, key);
                if (this.#graph.writesKey(last, key)) this.#release(last, this.#before);
            }
        }
        for (let i = writes.offsets[tx]!; i < writes.offsets[tx + 1]!; i++) {
            const key = writes.targets[i]!;
            const left = --this.#writers[key]!;
            if (left === 0) {
                for (let j = readers.offsets[key]!; j < readers.offsets[key + 1]!; j++) {
                    this.#release(readers.targets[j]!, this.#after);
                }
            } else if (left === 1) {
                const last = this.#onlyAlive(writers.offsets, writers.targets, key);
                if (this.#graph.readsKey(last, key)) this.#release(last, this.#after);
            }
        }
    }

    #release(tx: number, bonds: Int32Array): void {
        if (this.#alive[tx] === 0) return;
        const left = bonds[tx]! - 1;
        bonds[tx] = left;
        if (left === 0) this.#ready[this.#readyTo++] = tx;
    }

    #onlyAlive(offsets: Int32Array, targets: Int32Array, key: number): number {
        let i = offsets[key]!;
        while (this.#alive[targets[i]!] === 0) i++;
        return targets[i]!;
    }
}

function degrees(offsets: Int32Array, size: number): Int32Array {
    const counts = new Int32Array(size);
    for (let i = 0; i < size; i++) counts[i] = offsets[i + 1]! - offsets[i]!;
    return counts;
}
