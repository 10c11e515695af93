import { Ewma } from '../observe/ewma.js';

/** Share of a block's usual time that is never waited for: a guess must not cost a block. */
const longestShare = 0.9;
/** Blocks seen before anything is predicted. */
const leastBlocks = 3;
/** Time kept in hand beside what it takes to send. */
const leastMarginMs = 20;
/** How the time in hand grows with each block missed, and shrinks with each caught. */
const slackAfter = { missed: 1.5, caught: 0.95, least: 0.5, most: 8 };

interface Flight {
    readonly sentAt: number;
    /** It waited for the block that was opened then, so as to catch it. */
    readonly aimedAt: number | undefined;
}

interface BlockSeen {
    readonly number: bigint;
    readonly seenAt: number;
    openedAt: number;
    readonly aims: number[];
}

/**
 * Knows when the block that is being filled will be cut. An orderer cuts a block a fixed time after
 * its first transaction, or when it is full, and what is sent until then commits together. So what
 * had better go together loses nothing by waiting until shortly before.
 *
 * The first transaction of ours in a block opens it as far as we know. Where others open blocks as
 * well the time from our first to the block varies, and the prediction is early by as much.
 */
export class BlockClock {
    readonly #flights = new Set<Flight>();
    readonly #fill = new Ewma(0.2);
    readonly #spread = new Ewma(0.2);
    readonly #lead = new Ewma(0.2);
    #blocks = 0;
    #block: BlockSeen | undefined;
    #slack = 1;

    /**
     * A transaction is handed to the orderer.
     *
     * @param leadMs - how long that took since it was decided that it leaves
     * @param waited - it waited for the block to be nearly full
     * @returns to be called with its block, or without one when it got none
     */
    sent(leadMs: number, waited: boolean): (block: bigint | undefined) => void {
        if (waited || this.#lead.value === undefined) this.#lead.add(leadMs);
        const aimedAt = waited ? this.openedAt : undefined;
        const flight = { sentAt: performance.now(), aimedAt };
        this.#flights.add(flight);
        return (block) => {
            this.#flights.delete(flight);
            if (block !== undefined) this.#committed(flight, block);
        };
    }

    /** When the block being filled was opened, as far as we know; undefined when none is. */
    get openedAt(): number | undefined {
        // They are in the order in which they were sent.
        for (const { sentAt } of this.#flights) return sentAt;
        return undefined;
    }

    /**
     * Whether what is sent will not commit in the block being filled: the oldest on its way was sent long
     * before the last block came. Where there is nothing on its way, or no block yet, nothing says so.
     */
    get isBehind(): boolean {
        const { openedAt } = this;
        if (openedAt === undefined || this.#block === undefined) return false;
        return openedAt <= this.#block.seenAt - this.fillMs / 2;
    }

    /** Whether enough blocks were seen to tell when the next one is cut. */
    get predicts(): boolean {
        return this.#blocks >= leastBlocks;
    }

    /** When the last block came that holds something of ours; undefined before the first. */
    get seenAt(): number | undefined {
        return this.#block?.seenAt;
    }

    /** How long a block takes from its first transaction of ours until it is seen. */
    get fillMs(): number {
        if (this.#fill.value !== undefined) return this.#fill.value;
        return this.#block === undefined ? 0 : this.#block.seenAt - this.#block.openedAt;
    }

    /** How long after a block was opened it is worth waiting before something is sent. */
    get waitMs(): number {
        const marginMs = leastMarginMs + 2 * (this.#lead.value ?? 0);
        const early = (this.#spread.value ?? 0) + this.#slack * marginMs;
        return Math.min(this.fillMs * longestShare, this.fillMs - early);
    }

    #committed({ sentAt, aimedAt }: Flight, number: bigint): void {
        if (this.#block?.number !== number) {
            if (this.#block !== undefined) this.#learn(this.#block);
            this.#block = { number, seenAt: performance.now(), openedAt: sentAt, aims: [] };
        }
        this.#block.openedAt = Math.min(this.#block.openedAt, sentAt);
        if (aimedAt !== undefined) this.#block.aims.push(aimedAt);
    }

    /** Once all that is in a block has been heard of. */
    #learn({ openedAt, seenAt, aims }: BlockSeen): void {
        this.#blocks += 1;
        const fill = seenAt - openedAt;
        this.#spread.add(Math.abs(fill - (this.#fill.value ?? fill)));
        this.#fill.add(fill);
        if (aims.length === 0) return;
        // What aimed at a block that was opened earlier than the one it is in came too late.
        const { missed, caught, least, most } = slackAfter;
        const late = aims.some((aimedAt) => aimedAt < openedAt);
        this.#slack = Math.min(most, Math.max(least, this.#slack * (late ? missed : caught)));
    }
}
