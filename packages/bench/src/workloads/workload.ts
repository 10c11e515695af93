import type { DeclaredKeys } from '@goodput/gateway';
import type { Actor, Population } from '../load/population.js';
import type { Random } from '../load/random.js';

/** One logical operation: a transaction function and its arguments, without the operation's id. */
export interface WorkloadOperation {
    readonly name: string;
    readonly args: readonly string[];
}

/** The state while a finished run is replayed serially. */
export interface ReplayStore {
    get(key: string): Promise<string | undefined>;
    put(key: string, value: string): Promise<void>;
    delete(key: string): Promise<void>;
    range(start: string, end: string): Promise<string[]>;
    /** Changes a counter that the ledger keeps as the sum of its changes, see `counterOfRow` of {@link Workload}. */
    increase(counter: string, amount: bigint): Promise<void>;
    /** The sum of its changes. */
    sum(counter: string): Promise<bigint>;
}

/**
 * What a transaction function does, written a second time for the check: it is run over a plain map, in the
 * order of the ledger, and must leave the state that the ledger has. Throwing means the contract refuses.
 */
export type ReplayOperation = (store: ReplayStore, args: readonly string[]) => Promise<unknown>;

/** A stream of operations, and how to check what became of it. */
export interface Workload {
    /** Unique, kebab-case. */
    readonly name: string;
    /** One line for `goodput bench list`. */
    readonly title: string;
    /** Which chaincode of the profile it runs against. @default 'bench' */
    readonly chaincode?: string;
    /** Contract within the chaincode, when not the default one. */
    readonly contract?: string;
    /** Operations that write the initial state; they are submitted before anything is measured. */
    setup(random: Random): readonly WorkloadOperation[];
    /**
     * A source of operations; called with 0, 1, 2 … Under a load of persons it is told who acts, and is to
     * answer with what such a person does.
     */
    operations(random: Random): (index: number, actor?: Actor) => WorkloadOperation;
    /** Who is at work over a day; with it a load may be one of persons. */
    readonly population?: Population;
    /** Operations that end it, one after the other, after the load and before the ledger is verified. */
    closing?(): readonly WorkloadOperation[];
    /**
     * The ledger keys an operation touches, plain ones being written: all of them, or undefined when they are not known
     * beforehand, as with a range. A client is better off knowing nothing than half.
     */
    keys?(operation: WorkloadOperation): DeclaredKeys | undefined;
    /** What each transaction function does; with it the final state is checked by serial replay. */
    readonly replay?: Readonly<Record<string, ReplayOperation>>;
    /**
     * The counter that a row of the ledger is a change of, or nothing when it is no such row of this run. Rows of a
     * delta counter have a transaction's id in their keys, which no replay knows: they are added up, and their sum is
     * held against what the replay came to by `increase`.
     */
    counterOfRow?(key: string, run: string): string | undefined;
}

/**
 * Declares a workload. A file that default-exports the result is run by `goodput bench run FILE`.
 *
 * @example
 * ```ts
 * export default defineWorkload({
 *     name: 'my-counter',
 *     title: 'one counter of my own contract',
 *     chaincode: 'mine',
 *     setup: () => [],
 *     operations: () => () => ({ name: 'increment', args: ['visits'] }),
 * });
 * ```
 */
export function defineWorkload(workload: Workload): Workload {
    return Object.freeze({ ...workload });
}
