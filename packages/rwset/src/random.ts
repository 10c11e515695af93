/**
 * Random numbers from a seed: the same seed gives the same numbers on every machine. This is sfc32,
 * small, fast and good enough for simulations; it is nothing for secrets.
 */
export class SeededRandom {
    #a: number;
    #b: number;
    #c: number;
    #counter = 1;

    constructor(seed: number) {
        this.#a = seed | 0;
        this.#b = Math.floor(seed / 0x1_0000_0000) | 0;
        this.#c = 0x9e3779b9 | 0;
        for (let i = 0; i < 12; i++) this.next();
    }

    /** The next number, from 0 (included) to 1 (excluded). */
    next(): number {
        const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
        this.#counter = (this.#counter + 1) | 0;
        this.#a = this.#b ^ (this.#b >>> 9);
        this.#b = (this.#c + (this.#c << 3)) | 0;
        this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
        return (sum >>> 0) / 0x1_0000_0000;
    }

    /** A whole number from 0 (included) to `bound` (excluded). */
    below(bound: number): number {
        return Math.floor(this.next() * bound);
    }

    /** A waiting time with the given mean, as between arrivals that know nothing of each other. */
    exponential(mean: number): number {
        return -Math.log(1 - this.next()) * mean;
    }
}
