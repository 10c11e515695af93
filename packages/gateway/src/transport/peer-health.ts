import { Ewma } from '../observe/ewma.js';

const firstPauseMs = 100;
const longestPauseMs = 5_000;

/** What is known of how a peer is doing. */
export class PeerHealth {
    readonly #latency = new Ewma(0.1);
    #failures = 0;
    #downUntil = 0;

    /** Whether calls should go there now; after a pause one is let through to see. */
    available(now = performance.now()): boolean {
        return now >= this.#downUntil;
    }

    /** Milliseconds until it is tried again. */
    pauseMs(now = performance.now()): number {
        return Math.max(0, this.#downUntil - now);
    }

    get latencyMs(): number {
        return this.#latency.value ?? 0;
    }

    succeeded(ms: number): void {
        this.#failures = 0;
        this.#downUntil = 0;
        this.#latency.add(ms);
    }

    /** Could not be reached: the pause doubles with each failure in a row. */
    unreachable(now = performance.now()): void {
        if (now < this.#downUntil) return;
        const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** this.#failures);
        this.#failures += 1;
        this.#downUntil = now + pause;
    }
}
