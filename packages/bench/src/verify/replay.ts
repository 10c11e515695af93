import { compareKeys } from '@goodput/rwset';
import type { ReplayOperation, ReplayStore } from '../workloads/workload.js';
import type { LedgerOperation } from './ledger-operations.js';

/** A store whose writes are kept apart until an operation has succeeded. */
class BufferedStore implements ReplayStore {
    readonly #state: Map<string, string>;
    readonly writes = new Map<string, string>();

    constructor(state: Map<string, string>) {
        this.#state = state;
    }

    get(key: string): Promise<string | undefined> {
        return Promise.resolve(this.writes.get(key) ?? this.#state.get(key));
    }

    put(key: string, value: string): Promise<void> {
        this.writes.set(key, value);
        return Promise.resolve();
    }

    range(start: string, end: string): Promise<string[]> {
        const merged = new Map([...this.#state, ...this.writes]);
        const keys = [...merged.keys()].filter(
            (key) => compareKeys(key, start) >= 0 && compareKeys(key, end) < 0,
        );
        return Promise.resolve(keys.sort(compareKeys).map((key) => merged.get(key) ?? ''));
    }
}

/** What a serial replay comes to. */
export interface Replay {
    readonly state: ReadonlyMap<string, string>;
    /** Operations that the ledger accepted and the replay refuses, or the reverse. */
    readonly disagreements: readonly string[];
}

/**
 * Runs operations one after the other over a plain map, in the order of the ledger. Whatever the client
 * merged, reordered or retried, a right ledger holds exactly this.
 */
export async function replaySerially(
    ledger: readonly LedgerOperation[],
    functions: Readonly<Record<string, ReplayOperation>>,
): Promise<Replay> {
    const state = new Map<string, string>();
    const disagreements: string[] = [];
    for (const { id, name, args, accepted } of ledger) {
        const perform = functions[name];
        if (perform === undefined) {
            disagreements.push(`${id}: the workload does not say what ${name} does`);
            continue;
        }
        const store = new BufferedStore(state);
        const refusal = await perform(store, args).then(
            () => undefined,
            (error: unknown) => (error instanceof Error ? error.message : String(error)),
        );
        if (accepted === (refusal === undefined)) {
            if (accepted) for (const [key, value] of store.writes) state.set(key, value);
        } else {
            const by = accepted
                ? `the replay refuses it: ${refusal ?? ''}`
                : 'the replay accepts it';
            disagreements.push(`${id} (${name}): ${by}`);
        }
    }
    return { state, disagreements };
}
