import { Ewma } from '../observe/ewma.js';

/** Transactions of a function seen before its conflict rate counts, for one often asked for and for any. */
const leastSeen = { common: 8, rare: 24 };
/**
 * Bounds above which a function is held in the lane of its contract. There it waits for all of its
 * chaincode, and all wait for it: for a few that conflict now and then that is too dear, and they had
 * better be repeated; not so where much of what is submitted conflicts, or hardly any comes through.
 */
const laneAbove = {
    /** Share of all operations of the chaincode that conflict and are of this function. */
    ofAll: 0.1,
    /** Share of its own that conflict, though they start early if that may help. */
    ofOwn: 0.6,
};
/**
 * Share of its own that conflict above which one that only reads starts early: it waits for half a
 * block on average, which a repetition or two cost as well.
 */
const earlyAbove = 0.4;
/** Once held, it stays so for at least this long, so that the choice does not flutter. */
const dwellMs = 10_000;
/** What starts early does not show whether it still has to: that is tried ever less often. */
const longestEarlyMs = 300_000;

/** Runs freely, or when a block has just come, or in the lane of its whole contract. */
export type Held = 'free' | 'early' | 'lane';

/** What the choice looks at beside conflicts. */
export interface GuardInput {
    /** Of the operations of its chaincode, those of this function. */
    readonly share: number;
    /** It can be merged, and was never seen to write. */
    readonly mayBeEarly: boolean;
}

/**
 * How a function whose keys are not known is held, by how often it conflicts.
 *
 * A read that is among the first of a block is stale only by what was sent while it was endorsed. What
 * writes does not start early: it would overwrite what those behind it have read.
 */
export class Guard {
    readonly #conflicts = new Ewma(0.1);
    /** Operations that had to wait for one another since it is held in lanes. */
    readonly #company = new Ewma(0.1);
    #held: Held = 'free';
    #since = -Infinity;
    /** Transactions since then. */
    #seen = 0;
    #earlyMs = dwellMs;

    /** Recent share of conflicting transactions; undefined before the first. */
    get conflictRate(): number | undefined {
        return this.#conflicts.value;
    }

    /** @param operations - how many shared the transaction */
    saw(conflict: boolean, operations: number): void {
        this.#seen += 1;
        this.#conflicts.add(conflict ? 1 : 0);
        if (this.#held === 'lane') this.#company.add(operations);
    }

    decide(input: GuardInput): Held {
        const next = this.#next(input);
        if (next === this.#held) return next;
        const now = performance.now();
        // Let go and needed again at once: the next time it is held for longer.
        const again = next === 'early' && now - this.#since < this.#earlyMs;
        if (again) this.#earlyMs = Math.min(longestEarlyMs, 2 * this.#earlyMs);
        this.#held = next;
        this.#since = now;
        this.#seen = 0;
        return next;
    }

    #next({ share, mayBeEarly }: GuardInput): Held {
        const held = this.#held;
        const rate = this.conflictRate ?? 0;
        const heldMs = performance.now() - this.#since;
        const { ofAll, ofOwn } = laneAbove;
        if (held === 'lane') {
            const alone = (this.#company.value ?? 2) < 1.1;
            const quiet = alone && rate * share <= ofAll / 3 && rate <= ofOwn / 3;
            return quiet && heldMs > dwellMs ? 'free' : held;
        }
        const common = this.#seen >= leastSeen.common;
        const hopeless = rate > ofOwn && this.#seen >= leastSeen.rare;
        if (common && rate * share > ofAll) return 'lane';
        if (hopeless && (held === 'early' || !mayBeEarly)) return 'lane';
        if (held === 'early') return mayBeEarly && heldMs <= this.#earlyMs ? held : 'free';
        return mayBeEarly && common && rate > earlyAbove ? 'early' : held;
    }
}
