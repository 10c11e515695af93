/**
 * The state as an operation sees it: the ledger in the contract, a map when a finished run is replayed to
 * check it. The operations are written once against this.
 */
export interface Store {
    get(key: string): Promise<string | undefined>;
    put(key: string, value: string): Promise<void>;
    delete(key: string): Promise<void>;
    /** Values of the keys in [start, end), in ledger order. */
    range(start: string, end: string): Promise<string[]>;
    /** Changes a counter that is kept as the sum of its changes. Reads nothing. */
    increase(counter: string, amount: bigint): Promise<void>;
    /** Adds up all changes of such a counter. */
    sum(counter: string): Promise<bigint>;
}

/** What a transaction function does. */
export interface Operation {
    /** Names of its arguments. */
    readonly parameters: readonly string[];
    readonly perform: (store: Store, args: readonly string[]) => Promise<string>;
}

/** Declares an operation. */
export function operation(parameters: readonly string[], perform: Operation['perform']): Operation {
    return Object.freeze({ parameters, perform });
}

/** The contract refuses an operation for a reason of its own. Not a conflict. */
export class Refusal extends Error {
    override readonly name = 'Refusal';
}

/** The argument at an index; a missing one is the caller's mistake. */
export function argument(args: readonly string[], index: number, name: string): string {
    const value = args[index];
    if (value === undefined || value === '') {
        throw new Refusal(`argument ${index} (${name}) is missing`);
    }
    return value;
}

/** A whole number among the arguments. */
export function integerArgument(args: readonly string[], index: number, name: string): number {
    const text = argument(args, index, name);
    const value = Number(text);
    if (Number.isSafeInteger(value)) return value;
    throw new Refusal(`argument ${index} (${name}) must be a whole number; got ${text}`);
}

/** Reads a whole number kept under a key; an absent one is 0. */
export async function readInteger(store: Store, key: string): Promise<number> {
    const text = await store.get(key);
    return text === undefined ? 0 : Number(text);
}
