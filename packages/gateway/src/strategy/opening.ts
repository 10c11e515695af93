import type { BlockClock } from './block-clock.js';

/** Share of a block's usual time in which it counts as just opened. */
const youngShare = 0.1;

/** When what had better be among the first of a block starts. */
export class Opening {
    readonly #clock: BlockClock;
    /** The last block that something may have started after. */
    #passedAt: number | undefined;

    constructor(clock: BlockClock) {
        this.#clock = clock;
    }

    /** Whether the last block has only just come, or nothing of ours fills the next one. */
    get isNow(): boolean {
        const { openedAt, seenAt, fillMs } = this.#clock;
        if (openedAt === undefined) return true;
        if (seenAt === undefined) return false;
        // However late one looks: what has waited for a block does not wait for another.
        return seenAt !== this.#passedAt || performance.now() < seenAt + fillMs * youngShare;
    }

    /** What has waited for the block that came last has started. */
    passed(): void {
        this.#passedAt = this.#clock.seenAt;
    }
}
