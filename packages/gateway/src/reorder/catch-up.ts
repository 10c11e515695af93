import { GatewayError } from '../errors.js';
import type { RetryBudget } from '../failure/retry-policy.js';
import type { Operation } from '../strategy/operation.js';

/**
 * Pause after an endorsement that rested on old state: doubled with each in a row, up to two
 * seconds, Fabric's usual time between blocks. Between half and all of it is waited.
 */
export const catchUpPause = { baseMs: 25, maxMs: 2_000 };

interface Lag {
    readonly since: number;
    readonly peer: string | undefined;
    endorsements: number;
}

/** What {@link CatchUp} is bound by. */
export interface CatchUpParts {
    readonly budget: Pick<RetryBudget, 'spend'>;
    /** Longest that an operation waits for its endorsers, in milliseconds. */
    readonly longestMs: number;
}

/**
 * Waits for endorsers that lack blocks which the stream has shown. What they endorse cannot commit
 * and is not sent, so it is no transaction and no attempt; but asking again is work for a peer that
 * has enough to do, so each repetition is paid for from the budget of retries. With nothing left to
 * pay, an operation is not given up for what its peers lack: it waits the longest pause each time.
 */
export class CatchUp {
    readonly #parts: CatchUpParts;
    readonly #lags = new WeakMap<Operation, Lag>();

    constructor(parts: CatchUpParts) {
        this.#parts = parts;
    }

    /**
     * An endorsement rested on old state.
     *
     * @param peer - who answered, where that is known
     * @returns how long to wait before the next, in milliseconds, or why there is none
     */
    behind(operation: Operation, peer: string | undefined): number | GatewayError {
        const now = performance.now();
        const { since = now, endorsements = 0 } = this.#lags.get(operation) ?? {};
        this.#lags.set(operation, { since, peer, endorsements: endorsements + 1 });
        const { budget, longestMs } = this.#parts;
        if (now - since >= longestMs) return stillBehind(endorsements + 1, now - since);
        const { baseMs, maxMs } = catchUpPause;
        const pause = Math.min(maxMs, baseMs * 2 ** Math.min(30, endorsements));
        const paid = pause >= maxMs || budget.spend(operation.call.chaincode);
        return (paid ? pause : maxMs) * (0.5 + Math.random() / 2);
    }

    /** The peer that answered last, and from old state: another may have the block. */
    avoid(operation: Operation): string | undefined {
        return this.#lags.get(operation)?.peer;
    }

    /** An endorsement rested on what is known to be committed. */
    caughtUp(operation: Operation): void {
        this.#lags.delete(operation);
    }
}

function stillBehind(endorsements: number, ms: number): GatewayError {
    return new GatewayError(
        'GATEWAY_ENDORSER_BEHIND',
        `For ${Math.round(ms)} ms all ${endorsements} endorsements rested on state older than the blocks seen; nothing was sent. Look at the block heights of the endorsing peers.`,
        { retryable: true },
    );
}
