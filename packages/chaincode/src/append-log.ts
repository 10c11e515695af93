import type { AnyPart, AppendOnlyKey, LedgerKey, PartValues } from '@goodput/keys';
import { canonicalJson } from './canonical-json.js';
import { numberOf, scanRows, unitOfContext, type UnitContext } from './rows.js';

/** One entry of a log. */
export interface LogEntry<T> {
    /** The transaction that added it. */
    readonly tx: string;
    /** Which of that transaction's entries it is, from 0. */
    readonly seq: number;
    readonly value: T;
}

/** How an {@link AppendLog} is read. */
export interface AppendLogOptions {
    /** Entries above which reading is refused. @default 10000 */
    readonly maxEntries?: number;
}

/** Entries that are only ever added, blind, and conflict with nobody. Made by {@link appendLog}. */
export class AppendLog<P extends readonly AnyPart[], T> {
    readonly #key: AppendOnlyKey<string, P>;
    readonly #maxEntries: number;

    constructor(key: AppendOnlyKey<string, P>, options: AppendLogOptions) {
        this.#key = key;
        this.#maxEntries = options.maxEntries ?? 10_000;
    }

    /** Adds an entry and returns its key. */
    async append(ctx: UnitContext, stream: PartValues<P>, value: T): Promise<string> {
        const unit = unitOfContext(ctx);
        const stamp = { tx: unit.getTxID(), seq: unit.overlay.nextSequence(this.#key.name) };
        const key = this.#key.build({ ...stream, ...stamp });
        await unit.putState(key, canonicalJson(value));
        return key;
    }

    /** The entries of a stream: those of one transaction in their order, transactions in no order of time. */
    async *read(ctx: UnitContext, stream: PartValues<P>): AsyncGenerator<LogEntry<T>> {
        const range = this.#key.prefix(
            stream as unknown as Parameters<AppendOnlyKey<string, P>['prefix']>[0],
        );
        const source = { range, limit: this.#maxEntries, what: `the log ${this.#key.name}` };
        for await (const { key, value } of scanRows(unitOfContext(ctx), source)) {
            const tx = String((this.#key as LedgerKey).tryParse(key)?.['tx']);
            const seq = numberOf(this.#key, key, 'seq');
            yield { tx, seq, value: JSON.parse(Buffer.from(value).toString()) as T };
        }
    }
}

/** Makes a log of a key from `defineAppendOnlyKey`. */
export function appendLog<const P extends readonly AnyPart[], T = unknown>(
    key: AppendOnlyKey<string, P>,
    options: AppendLogOptions = {},
): AppendLog<P, T> {
    return new AppendLog(key, options);
}
