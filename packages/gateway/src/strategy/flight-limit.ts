/** Bounds of {@link FlightLimit}. */
export interface FlightBounds {
    /** Most transactions under way, whatever the latency. */
    readonly max: number;
    readonly initial: number;
    /** Time from submit to receipt to aim for. */
    readonly latencyMs: number;
}

const least = 4;
/** Share of the latency goal that a transaction may take; the rest is for waiting to leave. */
const shareOfGoal = 0.5;
/** How many times the shortest recent time a transaction takes before it counts as congested. */
const stretch = 2;
/** The shortest time seen is believed a little less with each transaction. */
const forget = 1.002;

/**
 * How many transactions of a contract should be under way. It grows while all of them are in use
 * and commit in time, and shrinks, at most once a round trip, when they take both too much of the
 * latency goal and far longer than they need on an idle network. A network that is slow but idle,
 * as with long block times, therefore loses nothing.
 */
export class FlightLimit {
    readonly #max: number;
    readonly #toleratedMs: number;
    #limit: number;
    #running = 0;
    #shortest = Infinity;
    #intime = 0;
    #coolUntil = 0;

    constructor({ max, initial, latencyMs }: FlightBounds) {
        this.#max = max;
        this.#limit = Math.min(max, initial);
        this.#toleratedMs = latencyMs * shareOfGoal;
    }

    get limit(): number {
        return this.#limit;
    }

    /** Transactions under way. */
    get running(): number {
        return this.#running;
    }

    /** Whether what comes now had better wait and share a transaction. */
    get full(): boolean {
        return this.#running >= this.#limit;
    }

    started(): void {
        this.#running += 1;
    }

    /** @param tookMs - from start to verdict; undefined when that says nothing of the network */
    finished(tookMs: number | undefined): void {
        const wasFull = this.full;
        this.#running -= 1;
        if (tookMs === undefined) return;
        this.#shortest = Math.min(this.#shortest * forget, tookMs);
        if (tookMs > Math.max(this.#toleratedMs, this.#shortest * stretch)) this.#shrink(tookMs);
        else if (wasFull) this.#grow();
    }

    #shrink(tookMs: number): void {
        this.#intime = 0;
        const now = performance.now();
        if (now < this.#coolUntil) return;
        this.#coolUntil = now + tookMs;
        this.#limit = Math.min(this.#max, Math.max(least, Math.floor(this.#limit * 0.7)));
    }

    #grow(): void {
        this.#intime += 1;
        if (this.#intime < this.#limit) return;
        this.#intime = 0;
        this.#limit = Math.min(this.#max, this.#limit + Math.max(1, Math.floor(this.#limit / 8)));
    }
}
