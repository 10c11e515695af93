import type { BlockClock } from './block-clock.js';

/** When what gathers for a block leaves, so as to be in it. */
export class Departure {
    readonly #clock: BlockClock;
    /** Opening of the block for which what had gathered has left. */
    #leftFor: number | undefined;

    constructor(clock: BlockClock) {
        this.#clock = clock;
    }

    /** Milliseconds until it leaves, 0 or less when it is time; undefined when no block is being filled. */
    get inMs(): number | undefined {
        const { openedAt, waitMs, fillMs } = this.#clock;
        if (openedAt === undefined) return undefined;
        const left = this.#leftFor === openedAt;
        return openedAt + waitMs + (left ? fillMs : 0) - performance.now();
    }

    /** What had gathered has left; what comes now is for the next block. */
    left(): void {
        this.#leftFor = this.#clock.openedAt;
    }
}
