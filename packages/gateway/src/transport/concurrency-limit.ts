import { Fifo } from '../queue/fair-queue.js';

/** Bounds of {@link ConcurrencyLimit}. */
export interface ConcurrencyBounds {
    readonly max: number;
    readonly initial: number;
}

const coolDownMs = 200;
const least = 4;

/**
 * How many calls a peer gets at once. It grows by one for each limit's worth of successes while
 * calls are waiting, and halves when the peer says that it has too many, at most once per cool-down,
 * as one burst is refused many times over.
 */
export class ConcurrencyLimit {
    readonly #max: number;
    #limit: number;
    #running = 0;
    #successes = 0;
    #coolUntil = 0;
    readonly #waiting = new Fifo<() => void>();

    constructor({ max, initial }: ConcurrencyBounds) {
        this.#max = max;
        this.#limit = Math.min(max, initial);
    }

    get limit(): number {
        return this.#limit;
    }

    get running(): number {
        return this.#running;
    }

    get waiting(): number {
        return this.#waiting.size;
    }

    /** Runs a call as soon as there is room. */
    async run<T>(call: () => Promise<T>): Promise<T> {
        if (this.#running >= this.#limit) {
            await new Promise<void>((resolve) => {
                this.#waiting.push(resolve);
            });
        } else this.#running += 1;
        try {
            const result = await call();
            this.#succeeded();
            return result;
        } finally {
            this.#leave();
        }
    }

    /** The peer refused a call because it had too many. */
    overloaded(): void {
        const now = performance.now();
        if (now < this.#coolUntil) return;
        this.#coolUntil = now + coolDownMs;
        this.#limit = Math.max(least, Math.floor(this.#limit / 2));
        this.#successes = 0;
    }

    #succeeded(): void {
        if (this.#waiting.size === 0 || this.#limit >= this.#max) return;
        this.#successes += 1;
        if (this.#successes < this.#limit) return;
        this.#successes = 0;
        this.#limit += 1;
    }

    /** A slot passes straight on to the next in line, unless the limit has sunk meanwhile. */
    #leave(): void {
        if (this.#running > this.#limit) {
            this.#running -= 1;
            return;
        }
        const next = this.#waiting.shift();
        if (next !== undefined) next();
        else this.#running -= 1;
        this.#admit();
    }

    #admit(): void {
        while (this.#running < this.#limit) {
            const next = this.#waiting.shift();
            if (next === undefined) return;
            this.#running += 1;
            next();
        }
    }
}
