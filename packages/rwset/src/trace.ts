import { accessSetsOf, publicKeyName } from './access.js';
import type { Block } from './model.js';
import { RwsetError } from './errors.js';
import type { SeededRandom } from './random.js';

/** An operation somebody wants done: when, and on which keys. */
export interface TraceOperation {
    /** When it is asked for, in milliseconds from the trace's start. */
    readonly atMs: number;
    readonly functionName: string;
    readonly reads: readonly string[];
    readonly writes: readonly string[];
    /** Ranges queried, from a key (included) to a key (excluded). */
    readonly ranges?: readonly (readonly [start: string, end: string])[];
    /** The size of its transaction. Default 3,500, which is what a small one has. */
    readonly bytes?: number;
}

/** An operation whose time is still open. */
export type UnscheduledOperation = Omit<TraceOperation, 'atMs'> & { readonly atMs?: number };

/** How operations arrive: by Poisson's law, evenly, or at the times they were recorded. */
export type Arrivals =
    | { readonly process: 'poisson' | 'even'; readonly perSecond: number }
    | { readonly process: 'recorded' };

/** Gives operations their times. Recorded times are kept, from the first one on. */
export function scheduleArrivals(
    operations: readonly UnscheduledOperation[],
    arrivals: Arrivals,
    random: SeededRandom,
): TraceOperation[] {
    if (arrivals.process === 'recorded') {
        const start = operations.reduce((least, { atMs = 0 }) => Math.min(least, atMs), Infinity);
        return operations.map((op) => ({ ...op, atMs: (op.atMs ?? 0) - start }));
    }
    if (!(arrivals.perSecond > 0)) {
        throw new RwsetError(
            'RWSET_OPTION_INVALID',
            `perSecond is ${arrivals.perSecond}; it must be a number above 0.`,
        );
    }
    const gap = 1000 / arrivals.perSecond;
    let now = 0;
    return operations.map((op) => {
        const atMs = now;
        now += arrivals.process === 'even' ? gap : random.exponential(gap);
        return { ...op, atMs };
    });
}

/**
 * Makes a trace of what recorded blocks hold: the applications' transactions, valid or not, each as
 * the operation it was meant to be. A range stays a range, and is queried anew in the simulation.
 */
export function traceOfBlocks(blocks: Iterable<Block>): TraceOperation[] {
    const trace: TraceOperation[] = [];
    for (const { transactions } of blocks) {
        for (const { kind, rwset, timestampMs, functionName, bytes } of transactions) {
            if (kind !== 'invoke' || rwset === undefined) continue;
            const spaces = rwset.namespaces.filter(({ namespace }) => namespace !== '_lifecycle');
            const plain = spaces.map((space) => ({ ...space, rangeQueries: [] }));
            const [access] = accessSetsOf([{ namespaces: plain }]);
            const ranges = spaces.flatMap(({ namespace, rangeQueries }) =>
                rangeQueries.map(({ startKey, endKey, itrExhausted }): [string, string] => [
                    publicKeyName(namespace, startKey),
                    // An open end stops where the namespace does; a last key belongs in.
                    endKey === ''
                        ? `${namespace}\u0001`
                        : publicKeyName(namespace, itrExhausted ? endKey : `${endKey}\u0000`),
                ]),
            );
            trace.push({
                atMs: timestampMs,
                functionName,
                reads: access?.reads ?? [],
                writes: access?.writes ?? [],
                ...(bytes !== undefined && { bytes }),
                ...(ranges.length > 0 && { ranges }),
            });
        }
    }
    const start = trace.reduce((least, { atMs }) => Math.min(least, atMs), Infinity);
    return trace.map((op) => ({ ...op, atMs: op.atMs - start }));
}
