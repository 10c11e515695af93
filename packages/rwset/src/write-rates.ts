import { RwsetError } from './errors.js';

/**
 * The chance that a transaction is invalidated: that within the time from its endorsement to its
 * commit, somebody else writes one of the keys it read. Writes are taken to come independently.
 */
export function conflictProbability(
    writesPerSecond: Iterable<number>,
    endorseToCommitSeconds: number,
): number {
    let rate = 0;
    for (const each of writesPerSecond) rate += each;
    return 1 - Math.exp(-rate * endorseToCommitSeconds);
}

interface Rate {
    /** Writes, each weighing less the older it is. */
    weight: number;
    atMs: number;
}

/** Options of {@link WriteRates}. */
export interface WriteRatesOptions {
    /** A write counts half as much after this many milliseconds. Default 10,000. */
    readonly halfLifeMs?: number;
    /** How many keys are followed; those written longest ago are dropped first. Default 100,000. */
    readonly maxKeys?: number;
}

/** Follows how often keys are written. Time is what you say it is. */
export class WriteRates {
    readonly #rates = new Map<string, Rate>();
    readonly #meanLifeMs: number;
    readonly #maxKeys: number;

    constructor({ halfLifeMs = 10_000, maxKeys = 100_000 }: WriteRatesOptions = {}) {
        if (!(halfLifeMs > 0) || !(maxKeys >= 1)) {
            throw new RwsetError(
                'RWSET_OPTION_INVALID',
                `halfLifeMs is ${halfLifeMs} and maxKeys ${maxKeys}; both must be above 0.`,
            );
        }
        this.#meanLifeMs = halfLifeMs / Math.LN2;
        this.#maxKeys = maxKeys;
    }

    /** Notes a write of a key. */
    note(key: string, atMs: number): void {
        const rate = this.#rates.get(key);
        const weight = rate === undefined ? 1 : this.#weightAt(rate, atMs) + 1;
        // Moved to the end: the map's order is by last write.
        this.#rates.delete(key);
        this.#rates.set(key, { weight, atMs: Math.max(atMs, rate?.atMs ?? atMs) });
        if (this.#rates.size > this.#maxKeys) {
            const [oldest] = this.#rates.keys();
            if (oldest !== undefined) this.#rates.delete(oldest);
        }
    }

    /** Writes per second of a key, as of some time. */
    rate(key: string, atMs: number): number {
        const rate = this.#rates.get(key);
        return rate === undefined ? 0 : (this.#weightAt(rate, atMs) / this.#meanLifeMs) * 1000;
    }

    /** The chance that a transaction which reads these keys is invalidated. */
    conflictProbability(reads: Iterable<string>, atMs: number, endorseToCommitMs: number): number {
        const rates = Array.from(reads, (key) => this.rate(key, atMs));
        return conflictProbability(rates, endorseToCommitMs / 1000);
    }

    #weightAt({ weight, atMs }: Rate, nowMs: number): number {
        return weight * Math.exp(-Math.max(0, nowMs - atMs) / this.#meanLifeMs);
    }
}
