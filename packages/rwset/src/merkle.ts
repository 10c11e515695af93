import { encodeQueryReads } from './encode-rwset.js';
import { RwsetError } from './errors.js';
import type { KeyRead, MerkleSummary } from './model.js';
import { sha256 } from './sha256.js';

/** The degree with which a Fabric peer summarises: more than 50 results become hashes. */
export const MERKLE_MAX_DEGREE = 50;

/** What a range query puts into the read/write set: results, hashes, or (empty) neither. */
export interface RangeResults {
    readonly rawReads: readonly KeyRead[] | undefined;
    readonly merkle: MerkleSummary | undefined;
}

/**
 * Gathers the results of one range query as a peer does: up to `maxDegree` results are kept as
 * they are, more are folded into a Merkle tree whose topmost level is the summary. Every node takes
 * `maxDegree + 1` children, and is built as soon as they are there, so memory stays small.
 */
export class RangeSummary {
    readonly #maxDegree: number;
    #pending: KeyRead[] = [];
    /** Hashes by level, the leaves' level first. */
    readonly #levels: Uint8Array[][] = [[]];

    constructor(maxDegree: number = MERKLE_MAX_DEGREE) {
        if (!Number.isInteger(maxDegree) || maxDegree < 2) {
            throw new RwsetError(
                'RWSET_MERKLE_DEGREE',
                `A Merkle summary's degree is ${maxDegree}; it must be an integer of at least 2.`,
            );
        }
        this.#maxDegree = maxDegree;
    }

    /** Adds the next result. */
    add(read: KeyRead): void {
        this.#pending.push(read);
        if (this.#pending.length > this.#maxDegree) this.#fold();
    }

    /** The level that is topmost so far, counted from 1 as Fabric does. */
    get maxLevel(): number {
        return this.#levels.length;
    }

    /** The hashes at the topmost level so far. A hash once there stays, until the level rises. */
    get maxLevelHashes(): readonly Uint8Array[] {
        return this.#top();
    }

    /** Finishes the summary; add nothing afterwards. */
    finish(): RangeResults {
        const levels = this.#levels;
        if (levels.length === 1 && this.#top().length === 0) {
            return {
                rawReads: this.#pending.length > 0 ? this.#pending : undefined,
                merkle: undefined,
            };
        }
        if (this.#pending.length > 0) this.#fold();
        for (let level = 0; level < levels.length - 1; level++) {
            const hashes = this.#at(level);
            const [only] = hashes;
            if (only === undefined) continue;
            this.#at(level + 1).push(hashes.length === 1 ? only : sha256(Buffer.concat(hashes)));
            levels[level] = [];
        }
        if (this.#top().length > this.#maxDegree) levels.push([sha256(Buffer.concat(this.#top()))]);
        return {
            rawReads: undefined,
            merkle: {
                maxDegree: this.#maxDegree,
                maxLevel: levels.length,
                maxLevelHashes: this.#top(),
            },
        };
    }

    #fold(): void {
        this.#at(0).push(sha256(encodeQueryReads(this.#pending)));
        this.#pending = [];
        for (let level = 0; this.#at(level).length > this.#maxDegree; level++) {
            const combined = sha256(Buffer.concat(this.#at(level)));
            this.#levels[level] = [];
            if (level + 1 === this.#levels.length) this.#levels.push([]);
            this.#at(level + 1).push(combined);
        }
    }

    #at(level: number): Uint8Array[] {
        return this.#levels[level] ?? [];
    }

    #top(): Uint8Array[] {
        return this.#at(this.#levels.length - 1);
    }
}

/** Summarises results that are all at hand, as a peer would. */
export function summarizeRange(reads: Iterable<KeyRead>, maxDegree?: number): RangeResults {
    const summary = new RangeSummary(maxDegree);
    for (const read of reads) summary.add(read);
    return summary.finish();
}
