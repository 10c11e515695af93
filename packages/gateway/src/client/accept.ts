import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { GatewayError } from '../errors.js';
import type { DeclaredKeys } from '../lanes/key-use.js';
import { refusal, type Patience } from '../queue/cancellation.js';
import type { Operation } from '../strategy/operation.js';
import type { Plan } from '../strategy/plan.js';
import type { Call } from '../transport/transport.js';
import { assertDuration, type SubmitOptions } from './options.js';
import { TicketState } from './ticket.js';

const priorities: readonly string[] = ['high', 'normal', 'low'];

/** Refuses what cannot be submitted, before anything is kept of it. */
export function assertSubmittable(transaction: unknown, args: readonly unknown[]): void {
    if (typeof transaction !== 'string' || transaction === '') {
        throw new GatewayError(
            'GATEWAY_OPTIONS_INVALID',
            `The name of the transaction function must be a text of at least one character, got ${JSON.stringify(transaction)}.`,
        );
    }
    args.forEach((arg, index) => {
        if (typeof arg === 'string' || arg instanceof Uint8Array) return;
        throw new GatewayError(
            'GATEWAY_OPTIONS_INVALID',
            `Argument ${index} of ${transaction} must be a string or bytes, got ${typeof arg}. Turn numbers into text and objects into JSON.`,
        );
    });
}

/** The limits of an operation's patience, checked. */
export function patienceOf(options: SubmitOptions): Patience {
    const { timeoutMs, signal, priority } = options;
    if (timeoutMs !== undefined) assertDuration(0, timeoutMs, 'timeoutMs');
    if (priority !== undefined && !priorities.includes(priority)) {
        throw new GatewayError(
            'GATEWAY_OPTIONS_INVALID',
            `priority must be one of ${priorities.join(', ')}, got "${priority}".`,
        );
    }
    const patience = {
        signal,
        deadline: timeoutMs === undefined ? undefined : performance.now() + timeoutMs,
    };
    if (signal?.aborted) throw refusal(patience) ?? signal.reason;
    // One signal may well stand for thousands of operations.
    if (signal !== undefined) setMaxListeners(0, signal);
    return patience;
}

/** Bytes that the arguments of a call take. */
export function bytesOf({ transaction, args, transient }: Call): number {
    let bytes = transaction.length + 16;
    for (const arg of args) bytes += Buffer.byteLength(arg) + 8;
    for (const value of Object.values(transient ?? {})) bytes += Buffer.byteLength(value);
    return bytes;
}

/** Makes an operation of a call and its plan. */
export function newOperation(parts: {
    readonly call: Call;
    readonly scope: string;
    readonly options: SubmitOptions;
    readonly patience: Patience;
    readonly plan: Plan;
    readonly recovered?: boolean;
}): Operation {
    const { call, scope, options, patience, plan } = parts;
    const id = options.id ?? randomUUID();
    return {
        id,
        call,
        scope,
        caller: options.caller ?? '',
        priority: options.priority ?? 'normal',
        patience,
        bytes: bytesOf(call),
        acceptedAt: performance.now(),
        ticket: new TicketState(id),
        recovered: parts.recovered ?? false,
        ...plan,
        gathered: false,
        attempts: 0,
        interruptible: false,
    };
}

/** Declared keys of a call: those of the submission, else those of the function. */
export function declaredKeys(
    call: Call,
    options: SubmitOptions,
    keysOf: ((args: readonly string[]) => DeclaredKeys) | undefined,
): DeclaredKeys | undefined {
    if (options.keys !== undefined) return options.keys;
    if (keysOf === undefined) return undefined;
    const texts = call.args.map((arg) =>
        typeof arg === 'string' ? arg : Buffer.from(arg).toString('utf8'),
    );
    try {
        return keysOf(texts);
    } catch (cause) {
        throw new GatewayError(
            'GATEWAY_OPTIONS_INVALID',
            `The \`keys\` of ${call.transaction} threw: ${String(cause)}. It must answer for any arguments.`,
            { cause },
        );
    }
}
