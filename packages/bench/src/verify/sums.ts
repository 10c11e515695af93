/** Says which counter of which run a row of the ledger is a change of, if any. */
export type CounterOfRow = (key: string, run: string) => string | undefined;

/** Where the sum of a delta counter stands in the state of a run, in place of the rows it is the sum of. */
export function sumKey(counter: string): string {
    return `sum of ${counter}`;
}

const WHOLE = /^-?\d+$/;

/** What the rows of a counter come to, as text; what is no change is said in its place. */
function sumOf(rows: ReadonlyMap<string, string>): string {
    let sum = 0n;
    for (const [key, value] of rows) {
        if (!WHOLE.test(value)) return `${key} with ${value}, no whole number`;
        sum += BigInt(value);
    }
    return String(sum);
}

/** The changes of delta counters, whose rows a transaction may write, replace and delete like any other. */
export class Sums {
    readonly #counters = new Map<string, Map<string, string>>();

    /** Takes a row's new value, or that it is deleted. */
    set(counter: string, key: string, value: string | undefined): void {
        const rows = this.#counters.get(counter) ?? new Map<string, string>();
        if (value === undefined) rows.delete(key);
        else rows.set(key, value);
        this.#counters.set(counter, rows);
    }

    /** Every counter's place in the state, with its sum. */
    *[Symbol.iterator](): Iterator<[key: string, sum: string]> {
        for (const [counter, rows] of this.#counters) yield [sumKey(counter), sumOf(rows)];
    }
}
