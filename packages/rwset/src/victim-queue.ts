/* eslint-disable @typescript-eslint/no-non-null-assertion -- a heap, indexed within its bounds */

/**
 * How much of the next best score, which may be out of date, is good enough. With 1 every score on a
 * hot key would be worked out anew after every step, as each step lowers them all by a little.
 */
const GOOD_ENOUGH = 0.9;

/**
 * Gives the transaction with about the highest score, ties to the earliest. Scores may only fall as
 * others are taken away, so they need not be kept up: one is worked out anew when it is at the top.
 */
export class VictimQueue {
    readonly #heap: number[];
    readonly #scores = new Map<number, number>();
    readonly #score: (tx: number) => number;

    constructor(txs: readonly number[], score: (tx: number) => number) {
        this.#score = score;
        for (const tx of txs) this.#scores.set(tx, score(tx));
        this.#heap = [...txs].sort((a, b) => (this.#isAbove(a, b) ? -1 : 1));
    }

    /** The best one that is still alive, or undefined when none is. */
    next(isAlive: (tx: number) => boolean): number | undefined {
        const heap = this.#heap;
        while (heap.length > 0) {
            const top = heap[0]!;
            if (!isAlive(top)) {
                this.#removeTop();
                continue;
            }
            const score = this.#score(top);
            if (score >= this.#nextBest() * GOOD_ENOUGH) {
                this.#removeTop();
                return top;
            }
            this.#scores.set(top, score);
            this.#sink();
        }
        return undefined;
    }

    /** The best score below the top, which is at most what it was when it was last worked out. */
    #nextBest(): number {
        const left = this.#scores.get(this.#heap[1] ?? -1) ?? 0;
        const right = this.#scores.get(this.#heap[2] ?? -1) ?? 0;
        return Math.max(left, right);
    }

    #removeTop(): void {
        const last = this.#heap.pop()!;
        if (this.#heap.length === 0) return;
        this.#heap[0] = last;
        this.#sink();
    }

    #sink(): void {
        const heap = this.#heap;
        const moving = heap[0]!;
        let at = 0;
        for (;;) {
            let child = at * 2 + 1;
            if (child >= heap.length) break;
            if (child + 1 < heap.length && this.#isAbove(heap[child + 1]!, heap[child]!)) child++;
            if (!this.#isAbove(heap[child]!, moving)) break;
            heap[at] = heap[child]!;
            at = child;
        }
        heap[at] = moving;
    }

    #isAbove(a: number, b: number): boolean {
        const x = this.#scores.get(a)!;
        const y = this.#scores.get(b)!;
        return x > y || (x === y && a < b);
    }
}
