import { Ewma } from '../observe/ewma.js';

/**
 * How long an operation may wait for company: what the latency target leaves after the time that
 * committing has taken lately.
 */
export class Linger {
    readonly #targetMs: number;
    readonly #commit = new Ewma();

    /** @param targetMs - time from submit to receipt that should be held */
    constructor(targetMs: number) {
        this.#targetMs = targetMs;
    }

    /** Mean of recent times from endorsing to commit, in milliseconds. */
    get commitMs(): number | undefined {
        return this.#commit.value;
    }

    /** Longest wait, in milliseconds; nothing while the commit time alone uses up the target. */
    get ms(): number {
        return Math.max(0, this.#targetMs - (this.#commit.value ?? 0));
    }

    committedIn(ms: number): void {
        this.#commit.add(ms);
    }
}
