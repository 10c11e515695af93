import type { Row, RowIterator } from './stub.js';

/** Rows of a range that was read to its end, kept so that the same range is not asked for twice. */
export class ScanCache {
    readonly #byStart = new Map<string, Map<string, readonly Row[]>>();
    /** Rows kept, of all scans together. */
    readonly maxRows: number;
    #rows = 0;

    constructor(maxRows: number) {
        this.maxRows = maxRows;
    }

    get(start: string, end: string): readonly Row[] | undefined {
        return this.#byStart.get(start)?.get(end);
    }

    /** Keeps the rows unless that would be more of them than allowed. */
    keep(start: string, end: string, rows: readonly Row[]): void {
        if (this.#rows + rows.length > this.maxRows) return;
        this.#rows += rows.length;
        const ends = this.#byStart.get(start) ?? new Map<string, readonly Row[]>();
        this.#byStart.set(start, ends.set(end, rows));
    }
}

/** Notes the committed rows of one scan as they pass. */
export class ScanRecorder {
    readonly #cache: ScanCache;
    readonly #start: string;
    readonly #end: string;
    readonly #onRow: (row: Row) => void;
    #rows: Row[] | undefined = [];

    constructor(cache: ScanCache, start: string, end: string, onRow: (row: Row) => void) {
        this.#cache = cache;
        this.#start = start;
        this.#end = end;
        this.#onRow = onRow;
    }

    row(row: Row): void {
        this.#onRow(row);
        if (this.#rows === undefined) return;
        if (this.#rows.length < this.#cache.maxRows) this.#rows.push(row);
        else this.#rows = undefined;
    }

    /** The scan was read to its end: asked again, it need not go to the peer. */
    end(): void {
        if (this.#rows !== undefined) this.#cache.keep(this.#start, this.#end, this.#rows);
        this.#rows = undefined;
    }
}

const END = { done: true } as Awaited<ReturnType<RowIterator['next']>>;

/** An iterator over rows read before. */
export function replayedScan(rows: readonly Row[]): RowIterator {
    let index = 0;
    return {
        next() {
            const row = rows[index++];
            if (row === undefined) return Promise.resolve(END);
            return Promise.resolve({ done: false, value: row });
        },
        close: () => Promise.resolve(),
    };
}
