import { BenchError } from '../errors.js';
import type { Actor } from '../load/population.js';
import type { Random } from '../load/random.js';
import type { CounterOfRow } from '../verify/sums.js';
import { shown } from '../workloads/check-workload.js';
import type { Workload, WorkloadOperation } from '../workloads/workload.js';

function refuse(workload: Workload, how: string, cause?: unknown): never {
    const message = `The workload "${workload.name}" ${how}.`;
    throw new BenchError('BENCH_WORKLOAD_INVALID', message, { cause });
}

/** What a workload answers; its author's own error becomes one that names the workload. */
function ask<T>(workload: Workload, what: string, question: () => T): T {
    try {
        return question();
    } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        return refuse(workload, `failed in ${what}: ${why}`, cause);
    }
}

function checked(workload: Workload, where: string, value: unknown): WorkloadOperation {
    const { name, args } = (value ?? {}) as Partial<Record<keyof WorkloadOperation, unknown>>;
    const right =
        typeof name === 'string' &&
        Array.isArray(args) &&
        args.every((each) => typeof each === 'string');
    if (right) return value as WorkloadOperation;
    return refuse(
        workload,
        `must give operations of a name and args that are texts, { name: 'add', args: ['k', '1'] }; ${where} it gave ${shown(value)}`,
    );
}

function listed(workload: Workload, of: string, value: unknown): WorkloadOperation[] {
    if (Array.isArray(value)) {
        return value.map((each, index) => checked(workload, `at ${index} of ${of}`, each));
    }
    return refuse(workload, `must give a list of operations in ${of}; it gave ${shown(value)}`);
}

/** The operations that write a workload's initial state. Throws `BENCH_WORKLOAD_INVALID`. */
export function initialOperations(workload: Workload, random: Random): WorkloadOperation[] {
    const operations = ask(workload, 'setup', () => workload.setup(random));
    return listed(workload, 'setup', operations);
}

/** A workload's source of operations, each looked at. Throws `BENCH_WORKLOAD_INVALID`. */
export function sourceOf(
    workload: Workload,
    random: Random,
): (index: number, actor?: Actor) => WorkloadOperation {
    const next = ask(workload, 'operations', () => workload.operations(random));
    if (typeof next !== 'function') {
        refuse(
            workload,
            `must give a function that is asked for one operation after the other; its operations gave ${shown(next)}`,
        );
    }
    return (index, actor) =>
        checked(
            workload,
            `at ${index}`,
            ask(workload, 'operations', () => next(index, actor)),
        );
}

/** The operations that a workload ends with. Throws `BENCH_WORKLOAD_INVALID`. */
export function closingOperations(workload: Workload): WorkloadOperation[] {
    const operations = ask(workload, 'closing', () => workload.closing?.() ?? []);
    return listed(workload, 'closing', operations);
}

/** What a workload says of rows that are added up, if it does. Throws `BENCH_WORKLOAD_INVALID` when asked. */
export function counterOfRowOf(workload: Workload): CounterOfRow | undefined {
    return (
        workload.counterOfRow &&
        ((key, run) => ask(workload, 'counterOfRow', () => workload.counterOfRow?.(key, run)))
    );
}
