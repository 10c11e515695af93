/** A way of making keys whose conflicts are known beforehand. */
export type KeyPattern =
    'time-series' | 'append-only' | 'delta-counter' | 'sharded' | 'slot' | 'unique' | 'index';

/** How writers of one pattern meet. */
export interface ConflictBehaviour {
    /**
     * `never`: no two transactions write one key. `fewer`: they may, less often. `intended`: a conflict
     * is the guard the pattern exists for.
     */
    readonly writers: 'never' | 'fewer' | 'intended';
    /** Whether a transaction must read the key before it writes it. */
    readonly readsFirst: boolean;
    /** What happens, in a sentence. */
    readonly statement: string;
}

/** What conflicts each pattern has. */
export const CONFLICT_BEHAVIOUR: Readonly<Record<KeyPattern, ConflictBehaviour>> = {
    'time-series': {
        writers: 'never',
        readsFirst: false,
        statement:
            'Blind writes of keys that carry the transaction id never conflict; a scan of a bucket still being written is invalidated by the next write into it.',
    },
    'append-only': {
        writers: 'never',
        readsFirst: false,
        statement: 'Blind writes of keys that carry the transaction id never conflict.',
    },
    'delta-counter': {
        writers: 'never',
        readsFirst: false,
        statement:
            'Each transaction writes deltas of its own, so increments never conflict; reading the total in a writing transaction conflicts with every increment, and compaction touches closed epochs only.',
    },
    sharded: {
        writers: 'fewer',
        readsFirst: true,
        statement:
            'Of k transactions in one window, one meets another of its shard with probability 1 - (1 - 1/shards)^(k - 1).',
    },
    slot: {
        writers: 'intended',
        readsFirst: true,
        statement:
            'Two bookings of one slot read and write the same key, so exactly one commits: the conflict is the double-booking guard, provided each reads the slot first.',
    },
    unique: {
        writers: 'intended',
        readsFirst: true,
        statement:
            'Two claims of one value read the missing key and write it, so exactly one commits, provided each reads first.',
    },
    index: {
        writers: 'never',
        readsFirst: false,
        statement:
            'An index row ends with the row it points to, so it conflicts only where that row does; scans conflict with rows entering or leaving the range.',
    },
};

/**
 * The chance that one of `concurrent` transactions, spread evenly over `keys` keys, meets another on
 * its key: 1 - (1 - 1/keys)^(concurrent - 1).
 *
 * @example
 * ```ts
 * import { conflictProbability } from '@goodput/keys';
 *
 * console.log(conflictProbability({ concurrent: 50, keys: 16 }).toFixed(2)); // => 0.96
 * ```
 */
export function conflictProbability(options: {
    /** Transactions between one's endorsement and its commit, itself included. */
    readonly concurrent: number;
    /** Keys they are spread over. */
    readonly keys: number;
}): number {
    const { concurrent, keys } = options;
    if (!(concurrent >= 1 && keys >= 1)) return Number.NaN;
    return 1 - (1 - 1 / keys) ** (concurrent - 1);
}
