import type { Row, RowIterator } from './stub.js';

/** Rows of a range that was read to its end, kept so that the same range is not asked for twice. */
export class ScanCache {
    readonly #byStart = new Map<string, Map<string, readonly Row[]>>();
    readonly #maxRows: number;
    #rows = 0;

    constructor(maxRows: number) {
        this.#maxRows = maxRows;
    }

    get(start: string, end: string): readonly Row[] | undefined {
        return this.#byStart.get(start)?.get(end);
    }

    /** Keeps the rows unless that would be more of them than allowed. */
    keep(start: string, end: string, rows: readonly Row[]): void {
        if (this.#rows + rows.length > this.#maxRows) return;
        this.#rows += rows.length;
        const ends = this.#byStart.get(start) ?? new Map<string, readonly Row[]>();
        this.#byStart.set(start, ends.set(end, rows));
    }
}

/** What {@link watchedScan} tells about the rows passing through. */
export interface ScanWatcher {
    row(row: Row): void;
    end(rows: readonly Row[] | undefined): void;
}

/** A committed iterator that tells its watcher every row, and all of them when it was read to the end. */
export function watchedScan(
    iterator: RowIterator,
    maxRows: number,
    watcher: ScanWatcher,
): RowIterator {
    let rows: Row[] | undefined = [];
    return {
        async next() {
            const result = await iterator.next();
            if (result.done) {
                watcher.end(rows);
                rows = undefined;
                return result;
            }
            watcher.row(result.value);
            if (rows !== undefined && rows.length < maxRows) rows.push(result.value);
            else rows = undefined;
            // The row is remembered; what the caller gets is its own copy.
            return {
                done: false,
                value: { ...result.value, value: Buffer.from(result.value.value) },
            };
        },
        close: () => iterator.close(),
    };
}

/** An iterator over rows read before. */
export function replayedScan(rows: readonly Row[]): RowIterator {
    let index = 0;
    return {
        next() {
            const row = rows[index++];
            if (row === undefined) return Promise.resolve({ done: true, value: row as never });
            return Promise.resolve({
                done: false,
                value: { ...row, value: Buffer.from(row.value) },
            });
        },
        close: () => Promise.resolve(),
    };
}
