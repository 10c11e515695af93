import type { GatewayError } from '../errors.js';
import { classify, type Classified } from '../failure/classify.js';
import { backoffMs, type RetryPolicy } from '../failure/retry-policy.js';
import { notSent, pauseUnless, refusal, type Patience } from '../queue/cancellation.js';
import type { Call, Endorsed, PeerWish, TransactionStatus } from '../transport/transport.js';
import { settleTransaction, type SettleContext, type SettleLimits } from './settle-transaction.js';

/** Time limits of the steps of a transaction, in milliseconds. */
export interface TransactionLimits extends SettleLimits {
    /** Time limit of one endorse call. */
    readonly endorseMs: number;
    /** How long endorsing is tried again while peers are unreachable or overloaded. */
    readonly unavailableMs: number;
}

/** Steps that others take part in. */
export interface TransactionHooks {
    /** The envelope is about to be sent; what it resolves to is awaited first. */
    endorsed?(endorsed: Endorsed): Promise<void> | void;
    /** It has been handed over: from here on cancelling has no effect. */
    sending?(): void;
    /** Endorsing failed and will be tried again after a pause. */
    repeated?(reason: Classified): void;
    /** What to endorse after that pause; undefined when nobody wants it any more. */
    again?(): Call | undefined;
}

/** What running a transaction needs. */
export interface TransactionContext extends SettleContext {
    readonly limits: TransactionLimits;
    readonly retry: RetryPolicy;
}

/** How a transaction ended. */
export type TransactionResult =
    | {
          readonly ok: true;
          readonly endorsed: Endorsed;
          readonly status: TransactionStatus;
          readonly endorseMs: number;
          readonly commitMs: number;
      }
    | ({ readonly ok: false; readonly endorseMs: number } & Classified);

/** Why an operation must not be sent now: given up by its caller, or by the client. */
export function mayNotSend(
    { stop }: Pick<TransactionContext, 'stop'>,
    patience: Patience,
): GatewayError | undefined {
    return refusal(patience) ?? (stop.aborted ? notSent() : undefined);
}

/**
 * Endorses a call, trying again for as long as peers are unreachable, overloaded or slow: an
 * endorsement has no effect, so repeating it is always safe.
 */
export async function endorse(
    context: TransactionContext,
    call: Call,
    patience: Patience,
    hooks: TransactionHooks = {},
    wish: PeerWish = {},
): Promise<{ readonly endorsed: Endorsed } | ({ readonly endorsed?: undefined } & Classified)> {
    const { transport, limits, retry } = context;
    const started = performance.now();
    let wanted = call;
    for (let attempt = 1; ; attempt++) {
        const refused = mayNotSend(context, patience);
        if (refused !== undefined) return { error: refused, remedy: 'fail' };
        try {
            const timeoutMs = limits.endorseMs;
            return { endorsed: await transport.endorse(wanted, { ...wish, timeoutMs }) };
        } catch (error) {
            const classified = classify('endorse', error);
            if (classified.remedy !== 'repeat') return classified;
            const slow = classified.error.code === 'GATEWAY_TIMED_OUT';
            const broken = classified.error.code === 'GATEWAY_ENDORSEMENT_FAILED';
            const tooOften = (slow && attempt >= 2) || (broken && attempt >= 3);
            const elapsed = performance.now() - started;
            if (tooOften || elapsed > patienceWith(classified, limits)) return classified;
            hooks.repeated?.(classified);
            await pauseUnless(backoffMs(retry, attempt + 2), patience.signal, context.stop);
            const next = hooks.again === undefined ? wanted : hooks.again();
            if (next === undefined) return { error: classified.error, remedy: 'fail' };
            wanted = next;
        }
    }
}

/** Discovery settles within seconds; what it does not know then is not there. */
const discoveryMs = 4_000;

function patienceWith({ error }: Classified, { unavailableMs }: TransactionLimits): number {
    return error.code === 'GATEWAY_NO_ENDORSERS'
        ? Math.min(discoveryMs, unavailableMs)
        : unavailableMs;
}

/** Runs one transaction through endorsing, ordering and validation. */
export async function runTransaction(
    context: TransactionContext,
    call: Call,
    patience: Patience = {},
    hooks: TransactionHooks = {},
    wish: PeerWish = {},
): Promise<TransactionResult> {
    const started = performance.now();
    const outcome = await endorse(context, call, patience, hooks, wish);
    const endorseMs = performance.now() - started;
    if (outcome.endorsed === undefined) return { ok: false, endorseMs, ...outcome };
    let refused = mayNotSend(context, patience);
    if (refused === undefined) {
        await hooks.endorsed?.(outcome.endorsed);
        refused = mayNotSend(context, patience);
    }
    if (refused !== undefined) return { ok: false, endorseMs, error: refused, remedy: 'fail' };
    hooks.sending?.();
    const settled = await settleTransaction(context, outcome.endorsed);
    if (settled.status === undefined) return { ok: false, endorseMs, ...settled };
    return {
        ok: true,
        endorsed: outcome.endorsed,
        status: settled.status,
        endorseMs,
        commitMs: performance.now() - started,
    };
}
