import type { AnyPart, DeltaCounterKey, PartValues } from '@goodput/keys';
import { AmountScale, storedUnits, type Amount } from './amount.js';
import { ChaincodeError } from './errors.js';
import { numberOf, scanRows, unitOfContext, type UnitContext } from './rows.js';
import { txTime } from './tx-time.js';

/** How a {@link DeltaCounter} counts. */
export interface DeltaCounterOptions {
    /** Decimals of an amount: 2 for cents. @default 0 */
    readonly scale?: number;
    /** Delta rows above which reading is refused, so that compaction is not forgotten. @default 10000 */
    readonly maxRows?: number;
}

/** What a compaction did. */
export interface Compaction {
    /** Delta rows added up and deleted. */
    readonly rows: number;
    /** Epochs whose totals grew. */
    readonly epochs: number;
    /** Whether there is more to compact. */
    readonly more: boolean;
}

const DEFAULT_MAX_ROWS = 10_000;
const DEFAULT_COMPACT_ROWS = 1_000;

/**
 * A counter that any number of transactions may change at once: each writes a row of its own, blind.
 * The counter is the sum of the rows. Made by {@link deltaCounter}.
 */
export class DeltaCounter<P extends readonly AnyPart[]> {
    readonly #key: DeltaCounterKey<string, P>;
    readonly #scale: AmountScale;
    readonly #maxRows: number;

    constructor(key: DeltaCounterKey<string, P>, options: DeltaCounterOptions) {
        this.#key = key;
        this.#scale = new AmountScale(options.scale ?? 0);
        this.#maxRows = options.maxRows ?? DEFAULT_MAX_ROWS;
    }

    /**
     * Adds an amount, which may be negative. Reads nothing from the peer, so it conflicts with nobody;
     * however often one transaction adds to a counter, it writes one row.
     */
    async add(ctx: UnitContext, counter: PartValues<P>, amount: Amount): Promise<void> {
        const unit = unitOfContext(ctx);
        const units = this.#scale.units(amount);
        const at = txTime(unit).ms;
        const stamp = { at, tx: unit.getTxID(), seq: 0 };
        const key = this.#key.build({ ...counter, ...stamp });
        // No other transaction has this id, so only this one can have written the row.
        const pending = unit.overlay.pending(unit.overlay.state, key);
        const sum = units + (pending === undefined ? 0n : storedUnits(pending));
        await unit.putState(key, String(sum));
    }

    /**
     * The counter, in smallest units. In a transaction that also writes, it conflicts with everybody who
     * adds at the same time: read it by a query where you can.
     */
    async read(ctx: UnitContext, counter: PartValues<P>): Promise<bigint> {
        const unit = unitOfContext(ctx);
        let sum = 0n;
        for (const range of [this.#key.totals(counter), this.#key.rows(counter)]) {
            const source = { range, limit: this.#maxRows, what: `the counter ${this.#key.name}` };
            for await (const { value } of scanRows(unit, source)) sum += storedUnits(value);
        }
        return sum;
    }

    /**
     * Adds up the rows of closed epochs into one total an epoch, and deletes them. It never meets a
     * writer: those only write the open epoch, and rows still expected are left alone for `graceMs`.
     */
    async compact(
        ctx: UnitContext,
        counter: PartValues<P>,
        options: { readonly graceMs?: number; readonly maxRows?: number } = {},
    ): Promise<Compaction> {
        const unit = unitOfContext(ctx);
        const { maxRows = DEFAULT_COMPACT_ROWS, graceMs } = options;
        if (!Number.isSafeInteger(maxRows) || maxRows < 1) {
            throw new ChaincodeError(
                'CHAINCODE_SETUP_INVALID',
                `maxRows is ${String(maxRows)}; give a whole number above 0`,
            );
        }
        const closed = this.#key.closedRows(counter, {
            asOf: txTime(unit).ms,
            ...(graceMs !== undefined && { graceMs }),
        });
        const sums = new Map<number, bigint>();
        const rows: string[] = [];
        let more = false;
        for await (const { key, value } of unit.getStateByRange(closed.startKey, closed.endKey)) {
            more = rows.length === maxRows;
            if (more) break;
            const epoch = numberOf(this.#key, key, 'epoch');
            sums.set(epoch, (sums.get(epoch) ?? 0n) + storedUnits(value));
            rows.push(key);
        }
        for (const key of rows) await unit.deleteState(key);
        for (const [epoch, sum] of sums) {
            const total = this.#key.total.build({ ...counter, epoch });
            await unit.putState(total, String(storedUnits(await unit.getState(total)) + sum));
        }
        return { rows: rows.length, epochs: sums.size, more };
    }

    /** Decimal text of smallest units, e.g. `12.50` of 1250n with a scale of 2. */
    text(units: bigint): string {
        return this.#scale.text(units);
    }
}

/**
 * Makes a counter of a key from `defineDeltaCounterKey`.
 *
 * @example
 * ```ts
 * import { deltaCounter, type GoodputContext } from '@goodput/chaincode';
 * import { defineDeltaCounterKey, part, string } from '@goodput/keys';
 *
 * const balance = deltaCounter(
 *   defineDeltaCounterKey({ name: 'balance', counter: [part('account', string())] }),
 *   { scale: 2 },
 * );
 *
 * export async function pay(ctx: GoodputContext, account: string): Promise<void> {
 *   await balance.add(ctx, { account }, '12.50');
 * }
 * console.log(balance.text(1250n)); // => 12.50
 * ```
 */
export function deltaCounter<const P extends readonly AnyPart[]>(
    key: DeltaCounterKey<string, P>,
    options: DeltaCounterOptions = {},
): DeltaCounter<P> {
    return new DeltaCounter(key, options);
}
