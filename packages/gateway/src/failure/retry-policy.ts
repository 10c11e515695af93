import { NamedMap } from '../queue/named-map.js';
import { assertDuration, assertFinite, assertKnown } from '../client/checks.js';

/** How often and how soon something is tried again. */
export interface RetryOptions {
    /**
     * Tries of one operation after a conflict, or after peers that are a block apart endorsed differently,
     * the first included. Failed policies are tried once more only, contract errors never.
     * @default 8
     */
    readonly attempts?: number;
    /** Pause before the first repetition, in milliseconds; doubled each time, with full jitter. @default 20 */
    readonly baseMs?: number;
    /** Longest pause, in milliseconds. @default 5000 */
    readonly maxMs?: number;
    /** Repetitions earned by each accepted operation, for those of its chaincode. @default 0.5 */
    readonly budgetRatio?: number;
    /** Repetitions that may be saved up for a chaincode, and that it starts with. @default 500 */
    readonly budgetCap?: number;
}

/** {@link RetryOptions} with nothing left open. */
export type RetryPolicy = Required<RetryOptions>;

const defaults: RetryPolicy = {
    attempts: 8,
    baseMs: 20,
    maxMs: 5_000,
    budgetRatio: 0.5,
    budgetCap: 500,
};

/** Fills in and checks the options. */
export function retryPolicy(options: RetryOptions = {}): RetryPolicy {
    assertKnown(options, Object.keys(defaults), 'retry');
    const given = Object.entries(options).filter(([, value]) => value !== undefined);
    for (const [name, value] of given) {
        const where = `retry.${name}`;
        if (name.endsWith('Ms')) assertDuration(0, value, where);
        else assertFinite(0, value, where);
    }
    return { ...defaults, ...Object.fromEntries(given) };
}

/**
 * How long to wait before repetition number `attempt` (1 is the first): anywhere between nothing
 * and the doubled base, so that clients that failed together do not come back together.
 */
export function backoffMs(
    policy: Pick<RetryPolicy, 'baseMs' | 'maxMs'>,
    attempt: number,
    random: () => number = Math.random,
): number {
    const ceiling = Math.min(policy.maxMs, policy.baseMs * 2 ** Math.min(30, attempt - 1));
    return random() * ceiling;
}

/**
 * Repetitions are paid from what accepted operations of the same chaincode earn: a client in trouble
 * cannot turn every operation into many and so make the trouble worse.
 */
export class RetryBudget {
    readonly #ratio: number;
    readonly #cap: number;
    readonly #tokens = new NamedMap<number>();

    constructor(policy: Pick<RetryPolicy, 'budgetRatio' | 'budgetCap'>) {
        this.#ratio = policy.budgetRatio;
        this.#cap = policy.budgetCap;
    }

    /** Repetitions left. */
    tokens(chaincode: string): number {
        return this.#tokens.get(chaincode) ?? this.#cap;
    }

    earn(chaincode: string): void {
        const tokens = Math.min(this.#cap, this.tokens(chaincode) + this.#ratio);
        // A full one is what is taken of one that is not known.
        if (tokens >= this.#cap) this.#tokens.delete(chaincode);
        else this.#tokens.set(chaincode, tokens);
    }

    /** Pays for one repetition; false when there is nothing to pay with. */
    spend(chaincode: string): boolean {
        const tokens = this.tokens(chaincode);
        if (tokens < 1) return false;
        this.#tokens.set(chaincode, tokens - 1);
        return true;
    }
}
