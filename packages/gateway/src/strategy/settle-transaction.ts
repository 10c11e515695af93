import { GatewayError } from '../errors.js';
import { classify, type Classified } from '../failure/classify.js';
import { backoffMs } from '../failure/retry-policy.js';
import { classifyVerdict, Verdict } from '../failure/verdict.js';
import type {
    CommitWatch,
    Endorsed,
    TransactionStatus,
    Transport,
} from '../transport/transport.js';

/** How patient settling is. */
export interface SettleLimits {
    /** Time limit of one submit call. */
    readonly submitMs: number;
    /** Wait for the block before the transaction is looked up, and sent again if unknown. */
    readonly commitMs: number;
    /** After this long without a verdict the outcome is reported as unknown. */
    readonly outcomeMs: number;
}

/** What settling needs. */
export interface SettleContext {
    readonly transport: Transport;
    readonly limits: SettleLimits;
    /** Aborted when the client gives up: nothing is sent from then on, and nothing is waited for. */
    readonly stop: AbortSignal;
}

/** A verdict, or why there is none. */
export type Settled =
    { readonly status: TransactionStatus } | ({ readonly status?: undefined } & Classified);

const resendPause = { baseMs: 100, maxMs: 2_000 };
const lookupMs = 2_000;

type Sent = 'acknowledged' | 'uncertain' | Settled;

/** The watch wins over the call: a block that holds the transaction settles any doubt. */
async function send(
    transport: Transport,
    endorsed: Pick<Endorsed, 'transactionId' | 'bytes'>,
    watch: CommitWatch,
    limits: SettleLimits,
): Promise<Sent | 'refused-for-now'> {
    const submitted = transport.submit(endorsed, { timeoutMs: limits.submitMs }).then(
        () => 'acknowledged' as const,
        (error: unknown): Sent | 'refused-for-now' => {
            const classified = classify('submit', error, endorsed.transactionId);
            if (classified.remedy === 'resolve') return 'uncertain';
            return classified.remedy === 'repeat' ? 'refused-for-now' : classified;
        },
    );
    return Promise.race([submitted, watch.status.then((status): Sent => ({ status }))]);
}

/** The promise's value, or undefined when it has none in time or nothing is waited for any more. */
function within<T>(promise: Promise<T>, ms: number, stop: AbortSignal): Promise<T | undefined> {
    return new Promise((resolve) => {
        const done = (value: T | undefined): void => {
            clearTimeout(timer);
            stop.removeEventListener('abort', late);
            resolve(value);
        };
        const late = (): void => {
            done(undefined);
        };
        const timer = setTimeout(late, stop.aborted ? 0 : ms);
        stop.addEventListener('abort', late);
        promise.then(done, late);
    });
}

async function lookup(
    transport: Transport,
    transactionId: string,
): Promise<TransactionStatus | undefined> {
    try {
        return await transport.lookup(transactionId, { timeoutMs: lookupMs });
    } catch {
        // Not knowing is what this is about: the caller sends again and asks again.
        return undefined;
    }
}

function unknownOutcome(transactionId: string, sent: boolean, ms: number): Classified {
    const error = sent
        ? new GatewayError(
              'GATEWAY_OUTCOME_UNKNOWN',
              `Transaction ${transactionId} was sent and no verdict was learnt in ${ms} ms. It may still commit: look it up by its id before doing it again.`,
              { transactionId },
          )
        : new GatewayError(
              'GATEWAY_OVERLOADED',
              `Transaction ${transactionId} was refused for ${ms} ms because the peer had too many requests; it was never sent to the orderer.`,
              { transactionId, retryable: true },
          );
    return { error, remedy: 'fail' };
}

/** What is known of a transaction that is to be settled. */
export interface SettleOptions {
    /** Called when an orderer has taken it. */
    readonly acknowledged?: (() => void) | undefined;
    /** Somebody may have sent it before. */
    readonly maybeSent?: boolean;
}

/**
 * Brings an endorsed transaction to its verdict. While the outcome is in doubt the very same
 * transaction is looked up and sent again: Fabric applies a transaction id once, whatever arrives.
 * Once it may have been sent, a refusal to take it again says nothing of what became of it, unless it
 * is one that every sending must have met with.
 */
export async function settleTransaction(
    { transport, limits, stop }: SettleContext,
    endorsed: Pick<Endorsed, 'transactionId' | 'bytes'>,
    { acknowledged, maybeSent = false }: SettleOptions = {},
): Promise<Settled> {
    const { transactionId } = endorsed;
    const watch = transport.watch(transactionId);
    // Another await may be the one that sees it fail.
    watch.status.catch(() => undefined);
    const started = performance.now();
    let everSent = maybeSent;
    try {
        for (let attempt = 1; ; attempt++) {
            const sent = await send(transport, endorsed, watch, limits);
            if (typeof sent === 'object' && (sent.status !== undefined || !everSent)) {
                return concluded(sent);
            }
            if (sent === 'acknowledged') acknowledged?.();
            everSent ||= sent !== 'refused-for-now';
            const waitMs =
                sent === 'acknowledged' ? limits.commitMs : 20 + backoffMs(resendPause, attempt);
            const seen = await within(watch.status, waitMs, stop);
            if (seen !== undefined) return concluded({ status: seen });
            if (stop.aborted) return unknownOutcome(transactionId, true, elapsedSince(started));
            const found = everSent ? await lookup(transport, transactionId) : undefined;
            if (found !== undefined) return concluded({ status: found });
            if (typeof sent === 'object' && sent.never) return sent;
            const elapsed = elapsedSince(started);
            if (elapsed > limits.outcomeMs) return unknownOutcome(transactionId, everSent, elapsed);
        }
    } finally {
        watch.cancel();
    }
}

function elapsedSince(started: number): number {
    return Math.round(performance.now() - started);
}

function concluded(settled: Settled): Settled {
    if (settled.status === undefined || settled.status.code === Verdict.valid) return settled;
    return classifyVerdict(settled.status.transactionId, settled.status.code);
}
