import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { DeclaredKeys } from '../lanes/key-use.js';
import { refusal, type Patience } from '../queue/cancellation.js';
import type { Operation } from '../strategy/operation.js';
import type { Plan } from '../strategy/plan.js';
import type { Call } from '../transport/transport.js';
import { assertDuration, assertKnown, assertName, assertTexts, invalid, shown } from './checks.js';
import type { EvaluateOptions, SubmitOptions } from './options.js';
import { TicketState } from './ticket.js';

const priorities: readonly string[] = ['high', 'normal', 'low'];

/** Refuses what cannot be submitted, before anything is kept of it. */
export function assertSubmittable(transaction: unknown, args: unknown): void {
    if (typeof transaction !== 'string' || transaction === '') {
        throw invalid(
            `The name of the transaction function must be a text of at least one character, got ${shown(transaction)}.`,
        );
    }
    if (!Array.isArray(args)) {
        throw invalid(
            `The arguments of ${transaction} must be one list, got ${shown(args)}. Write submit('f', ['a', 'b']), not submit('f', 'a', 'b').`,
        );
    }
    (args as readonly unknown[]).forEach((arg, index) => {
        if (typeof arg === 'string' || arg instanceof Uint8Array) return;
        throw invalid(
            `Argument ${index} of ${transaction} must be a string or bytes, got ${typeof arg}. Turn numbers into text and objects into JSON.`,
        );
    });
}

const evaluateNames = ['timeoutMs', 'signal', 'transient', 'endorsingOrganizations'];
const submitNames = [...evaluateNames, 'id', 'keys', 'strategy', 'caller', 'priority'];

/** Refuses options of a submission that have no meaning or the wrong form. */
export function assertSubmitOptions(options: SubmitOptions): void {
    assertKnown(options, submitNames, 'The options of a submission');
    if (options.id !== undefined) assertName(options.id, 'id');
    if (options.caller !== undefined && typeof options.caller !== 'string') {
        throw invalid(`caller must be a text, got ${shown(options.caller)}.`);
    }
    assertCallOptions(options);
}

/** Refuses options of a read that have no meaning or the wrong form. */
export function assertEvaluateOptions(options: EvaluateOptions): void {
    assertKnown(options, evaluateNames, 'The options of a read');
    if (options.timeoutMs !== undefined) assertDuration(1, options.timeoutMs, 'timeoutMs');
    assertCallOptions(options);
}

function assertCallOptions({ signal, transient, endorsingOrganizations }: EvaluateOptions): void {
    if (signal !== undefined && !((signal as unknown) instanceof AbortSignal)) {
        throw invalid(`signal must be an AbortSignal, got ${shown(signal)}.`);
    }
    if (endorsingOrganizations !== undefined) {
        assertTexts(endorsingOrganizations, 'endorsingOrganizations');
    }
    if (transient === undefined) return;
    if (
        typeof transient !== 'object' ||
        (transient as unknown) === null ||
        Array.isArray(transient)
    ) {
        throw invalid(`transient must be an object of values by name, got ${shown(transient)}.`);
    }
    for (const [name, value] of Object.entries(transient)) {
        if (typeof value === 'string' || (value as unknown) instanceof Uint8Array) continue;
        throw invalid(
            `The transient value "${name}" must be a string or bytes, got a ${typeof value}.`,
        );
    }
}

/** The limits of an operation's patience, checked. */
export function patienceOf(options: SubmitOptions): Patience {
    const { timeoutMs, signal, priority } = options;
    if (timeoutMs !== undefined) assertDuration(0, timeoutMs, 'timeoutMs');
    if (priority !== undefined && !priorities.includes(priority)) {
        throw invalid(`priority must be one of ${priorities.join(', ')}, got ${shown(priority)}.`);
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
    if (options.keys !== undefined) return checkedKeys(options.keys, 'keys');
    if (keysOf === undefined) return undefined;
    const texts = call.args.map((arg) =>
        typeof arg === 'string' ? arg : Buffer.from(arg).toString('utf8'),
    );
    let keys: DeclaredKeys;
    try {
        keys = keysOf(texts);
    } catch (cause) {
        throw invalid(
            `The \`keys\` of ${call.transaction} threw: ${String(cause)}. It must answer for any arguments.`,
            cause,
        );
    }
    return checkedKeys(keys, `What the \`keys\` of ${call.transaction} returned`);
}

/** Keys of the wrong form would be no lanes, or the wrong ones. */
function checkedKeys(keys: DeclaredKeys, where: string): DeclaredKeys {
    if ((keys as unknown) instanceof Promise) {
        // Nobody waits for it any more, so nobody else would hear of its failure.
        (keys as unknown as Promise<unknown>).catch(() => undefined);
        throw invalid(`${where} must be keys, got a promise: it is needed at once.`);
    }
    if ('length' in Object(keys)) {
        assertTexts(keys, where);
        return keys;
    }
    assertKnown(keys, ['reads', 'writes'], where);
    const { reads = [], writes = [] } = keys as Exclude<DeclaredKeys, readonly string[]>;
    assertTexts(reads, `${where}.reads`);
    assertTexts(writes, `${where}.writes`);
    return keys;
}
