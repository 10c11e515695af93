import { deltaCounter } from '@goodput/chaincode';
import { defineDeltaCounterKey, part, string } from '@goodput/keys';

const key = defineDeltaCounterKey({
    name: 'delta',
    counter: [part('run', string()), part('counter', string())],
});

/** Counters that are kept as one row for each transaction that changed them; those of a run are its own. */
export const deltas = deltaCounter(key);

/**
 * The counter of a run that a row of the ledger belongs to; nothing when it is no such row. The keys of these rows have
 * a transaction's id in them, so that only their sum can be held against what a replay gives.
 */
export function counterOfRow(row: string, run: string): string | undefined {
    const parts = key.tryParse(row) ?? key.total.tryParse(row);
    return parts?.run === run ? parts.counter : undefined;
}
