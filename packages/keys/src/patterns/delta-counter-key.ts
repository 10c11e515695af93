import { nextBucketStart, timeBucket, type BucketSize } from '../codecs/time-bucket.js';
import { checkObject, makeKey, onlyThese, type UntypedKey } from '../define-key.js';
import { KeyError } from '../errors.js';
import type { KeyRange, LedgerKey, OrderedKey } from '../ledger-key.js';
import { part, type AnyPart, type Flat, type Part, type PartValues } from '../part.js';
import {
    bucketOfInstant,
    checkLimit,
    openFrom,
    stampParts,
    type StampParts,
    type TransactionStamp,
} from './stamp.js';

/** What {@link defineDeltaCounterKey} takes. */
export interface DeltaCounterDefinition<N extends string, P extends readonly AnyPart[]> {
    readonly name: N;
    /** Which counter it is. @example [part('account', string())] */
    readonly counter: P;
    /** How long deltas are gathered before they may be compacted. @default 'hour' @example 'day' */
    readonly epoch?: BucketSize;
}

/** All parts of a delta row's key. */
export type DeltaParts<P extends readonly AnyPart[]> = readonly [
    ...P,
    Part<'epoch', number>,
    ...StampParts,
];

/** All parts of a compacted row's key. */
export type TotalParts<P extends readonly AnyPart[]> = readonly [...P, Part<'epoch', number>];

/** When epochs count as closed. */
export interface ClosedEpochOptions {
    /** The transaction's time. */
    readonly asOf: number;
    /** How long after its end an epoch counts as open. @default 900_000 (15 minutes) */
    readonly graceMs?: number;
}

/** The delta rows of one epoch. */
export interface EpochRange extends KeyRange {
    /** Where the epoch begins. */
    readonly epoch: number;
}

/**
 * A counter kept as one row for each transaction that changed it: counter, epoch, transaction,
 * sequence; the value of a row is its delta. The sum of all rows is the counter.
 *
 * Conflicts: none between writers. Reading the sum inside a transaction that writes conflicts with
 * every writer of the open epoch; read it by a query. Compaction adds up the rows of *closed* epochs
 * into the row of `total` and deletes them: nobody writes there any more, and should a late delta
 * appear, Fabric's phantom check invalidates the compaction instead of losing it.
 */
export interface DeltaCounterKey<N extends string, P extends readonly AnyPart[]> extends LedgerKey {
    readonly name: N;
    readonly parts: DeltaParts<P>;
    readonly pattern: 'delta-counter';
    /** Key of the compacted sum of an epoch; named `NAME.total`. */
    readonly total: OrderedKey<`${N}.total`, TotalParts<P>>;
    /** The key of one delta; its epoch follows from `at`. */
    build(values: Flat<PartValues<P> & TransactionStamp & { readonly at: number }>): string;
    parse(key: string): PartValues<DeltaParts<P>>;
    tryParse(key: string): PartValues<DeltaParts<P>> | undefined;
    /** Every delta row of a counter. */
    rows(counter: PartValues<P>): KeyRange;
    /** Every compacted row of a counter; add up these and `rows`. */
    totals(counter: PartValues<P>): KeyRange;
    /** The delta rows of all closed epochs, as one scan. */
    closedRows(counter: PartValues<P>, options: ClosedEpochOptions): KeyRange;
    /** The delta rows of each closed epoch from `from` on, a scan each, oldest first. */
    closedEpochs(
        counter: PartValues<P>,
        options: ClosedEpochOptions & {
            /** An instant in the first epoch wanted. */
            readonly from: number;
            /** Most epochs. @default 1000 */
            readonly maxEpochs?: number;
        },
    ): EpochRange[];
}

function closedEpochs(
    key: UntypedKey,
    size: BucketSize,
    counter: object,
    options: ClosedEpochOptions & { readonly from: number; readonly maxEpochs?: number },
): EpochRange[] {
    checkObject(key.name, options);
    const { from, maxEpochs = 1000 } = options;
    checkLimit('maxEpochs', maxEpochs);
    const open = openFrom(key.name, size, options);
    const first = bucketOfInstant({ key: key.name, part: 'from' }, size, from);
    const epochs: EpochRange[] = [];
    for (let epoch = first; epoch < open; epoch = nextBucketStart(size, epoch)) {
        if (epochs.length === maxEpochs) {
            throw new KeyError('KEY_PLAN_TOO_WIDE', {
                key: key.name,
                problem: `there are more than ${maxEpochs} closed epochs`,
                fix: 'Begin later, take longer epochs, raise maxEpochs, or use closedRows().',
            });
        }
        epochs.push({ epoch, ...key.prefix({ ...counter, epoch }) });
    }
    return epochs;
}

/**
 * Defines keys for a counter that any number of transactions may change at once.
 *
 * @example
 * ```ts
 * import { defineDeltaCounterKey, part, string } from '@goodput/keys';
 *
 * const balance = defineDeltaCounterKey({ name: 'balance', counter: [part('account', string())] });
 * const at = Date.UTC(2026, 10, 20, 19, 6);
 * balance.build({ account: 'a1', at, tx: 'ab'.repeat(32), seq: 0 });
 * const epochs = balance.closedEpochs({ account: 'a1' }, { from: at, asOf: at + 2 * 3_600_000 });
 * console.log(epochs.length); // => 1
 * ```
 */
export function defineDeltaCounterKey<const N extends string, const P extends readonly AnyPart[]>(
    definition: DeltaCounterDefinition<N, P>,
): DeltaCounterKey<N, P> {
    const { name, counter, epoch: size = 'hour' } = definition;
    const epochPart = part('epoch', timeBucket(size));
    const key = makeKey({ name, layout: 'ordered', parts: [...counter, epochPart, ...stampParts] });
    const total = makeKey({
        name: `${name}.total`,
        layout: 'ordered',
        parts: [...counter, epochPart],
    });
    const one = (whose: object) => onlyThese(name, counter, whose);
    const made = {
        ...key,
        pattern: 'delta-counter',
        total,
        companions: [total],
        build(values: { readonly at: number }) {
            checkObject(name, values);
            const start = bucketOfInstant({ key: name, part: 'at' }, size, values.at);
            return key.build({ ...values, epoch: start });
        },
        rows: (whose: object) => key.range(one(whose), {}),
        totals: (whose: object) => total.range(one(whose), {}),
        closedRows: (whose: object, options: ClosedEpochOptions) =>
            key.range(one(whose), { to: openFrom(name, size, options) }),
        closedEpochs: (whose: object, options: ClosedEpochOptions & { readonly from: number }) =>
            closedEpochs(key, size, one(whose), options),
    };
    return Object.freeze(made) as unknown as DeltaCounterKey<N, P>;
}
