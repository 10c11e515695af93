import { FairShare } from '../queue/fair-share.js';
import { Turns } from '../queue/lists.js';

/** Bounds of {@link ConcurrencyLimit}. */
export interface ConcurrencyBounds {
    readonly max: number;
    readonly initial: number;
}

interface Waiting {
    readonly owner: string;
    readonly start: () => void;
}

const coolDownMs = 200;
const least = 4;

/**
 * How many calls a peer gets at once. It grows by one for each limit's worth of successes while
 * calls are waiting, and halves when the peer says that it has too many, at most once per cool-down,
 * as one burst is refused many times over. Owners share it: what hangs for one leaves room for others.
 */
export class ConcurrencyLimit {
    readonly #max: number;
    #limit: number;
    readonly #running = new FairShare();
    #successes = 0;
    #coolUntil = 0;
    readonly #waiting = new Turns<Waiting>(({ owner }) => owner);

    constructor({ max, initial }: ConcurrencyBounds) {
        this.#max = max;
        this.#limit = Math.min(max, initial);
    }

    get limit(): number {
        return this.#limit;
    }

    get running(): number {
        return this.#running.total;
    }

    get waiting(): number {
        return this.#waiting.size;
    }

    /**
     * Runs a call as soon as there is room.
     *
     * @param owner - for whom, among those that share the limit
     */
    async run<T>(call: () => Promise<T>, owner: string): Promise<T> {
        if (this.#mayStart(owner)) this.#running.take(owner);
        else {
            await new Promise<void>((start) => {
                this.#waiting.push({ owner, start });
            });
        }
        try {
            const result = await call();
            this.#succeeded();
            return result;
        } finally {
            this.#running.give(owner);
            this.#admit();
        }
    }

    /** The peer refused a call because it had too many. */
    overloaded(): void {
        const now = performance.now();
        if (now < this.#coolUntil) return;
        this.#coolUntil = now + coolDownMs;
        this.#limit = Math.min(this.#max, Math.max(least, Math.floor(this.#limit / 2)));
        this.#successes = 0;
    }

    #succeeded(): void {
        if (this.#waiting.size === 0 || this.#limit >= this.#max) return;
        this.#successes += 1;
        if (this.#successes < this.#limit) return;
        this.#successes = 0;
        this.#limit += 1;
    }

    #mayStart(owner: string): boolean {
        return this.#running.mayTake(owner, 1, this.#limit);
    }

    #admit(): void {
        for (;;) {
            const next = this.#waiting.shift((owner) => this.#mayStart(owner));
            if (next === undefined) return;
            this.#running.take(next.owner);
            next.start();
        }
    }
}
