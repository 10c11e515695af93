/** An exponentially weighted mean: recent samples count most. */
export class Ewma {
    readonly #weight: number;
    #value: number | undefined;

    /** @param weight - share of a new sample in the mean, 0 to 1 */
    constructor(weight = 0.2) {
        this.#weight = weight;
    }

    /** The mean, or undefined before the first sample. */
    get value(): number | undefined {
        return this.#value;
    }

    add(sample: number): void {
        this.#value =
            this.#value === undefined
                ? sample
                : this.#value + this.#weight * (sample - this.#value);
    }
}
