import { longestMs } from '../client/checks.js';
import { GatewayError } from '../errors.js';

/** What lets a caller give up on an operation before it is sent. */
export interface Patience {
    /** Aborting it cancels the operation, as long as nothing was handed to an orderer. */
    readonly signal?: AbortSignal | undefined;
    /** `performance.now()` value after which it must not be sent: no clock that is set can move it. */
    readonly deadline?: number | undefined;
}

/** Why an operation may not go on, or undefined when it may. */
export function refusal(patience: Patience, now = performance.now()): GatewayError | undefined {
    if (patience.signal?.aborted) {
        return new GatewayError(
            'GATEWAY_CANCELLED',
            'The operation was cancelled by its caller before it was sent to the orderer.',
            { retryable: true, cause: patience.signal.reason },
        );
    }
    if (patience.deadline !== undefined && now >= patience.deadline) {
        return new GatewayError(
            'GATEWAY_DEADLINE_PASSED',
            'The deadline of the operation passed before it was sent to the orderer; nothing was applied. Allow more time or submit less.',
            { retryable: true },
        );
    }
    return undefined;
}

/** Why nothing more may be sent: the client was closed. */
export function notSent(): GatewayError {
    return new GatewayError(
        'GATEWAY_CLOSED',
        'The client was closed before the operation was sent; nothing of it was applied.',
        { retryable: true },
    );
}

/** Waits, or rejects as soon as the signal says so. Never keeps the process alive longer than needed. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
        if (signal?.aborted) {
            reject(signal.reason as Error);
            return;
        }
        const timer = setTimeout(done, ms);
        function done(): void {
            signal?.removeEventListener('abort', aborted);
            resolve();
        }
        function aborted(): void {
            clearTimeout(timer);
            reject(signal?.reason as Error);
        }
        signal?.addEventListener('abort', aborted, { once: true });
    });
}

/**
 * Calls back once that time has passed: not before, though timers count from when the event loop last
 * looked at the clock and so may come early, and however far off it is.
 *
 * @param time - of `performance.now()`
 * @returns what keeps it from calling back
 */
export function oncePassed(time: number, callBack: () => void): () => void {
    const leftMs = (): number => time - performance.now();
    const wait = (): NodeJS.Timeout =>
        setTimeout(
            () => {
                if (leftMs() <= 0) callBack();
                else timer = wait();
            },
            Math.min(longestMs, Math.max(0, leftMs()) + 1),
        );
    let timer = wait();
    return () => {
        clearTimeout(timer);
    };
}

/** What a peer that answers late is given beyond the deadline that it was told. */
const graceMs = 200;

/** The promise's value, or why nobody waits for it any more: given up by its caller, or by the client. */
export function unlessRefused<T>(
    promise: Promise<T>,
    patience: Patience,
    stop: AbortSignal,
    stopped: () => GatewayError,
): Promise<T> {
    return new Promise((resolve, reject) => {
        const { signal, deadline } = patience;
        const giveUp = (): void => {
            reject(refusal(patience) ?? stopped());
        };
        const rest = deadline === undefined ? undefined : oncePassed(deadline + graceMs, giveUp);
        signal?.addEventListener('abort', giveUp);
        stop.addEventListener('abort', giveUp);
        const done = (): void => {
            rest?.();
            signal?.removeEventListener('abort', giveUp);
            stop.removeEventListener('abort', giveUp);
        };
        promise.finally(done).then(resolve, reject);
    });
}

/** Waits, or less when one of the signals says so. */
export async function pauseUnless(
    ms: number,
    ...signals: readonly (AbortSignal | undefined)[]
): Promise<void> {
    const given = signals.filter((signal) => signal !== undefined);
    const signal = given.length > 1 ? AbortSignal.any(given) : given[0];
    await pause(ms, signal).catch(() => undefined);
}
