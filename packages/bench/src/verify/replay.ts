import { compareKeys } from '@goodput/rwset';
import type { ReplayOperation, ReplayStore } from '../workloads/workload.js';
import type { LedgerOperation } from './ledger-operations.js';
import { sumKey } from './sums.js';

/** A store whose writes are kept apart until an operation has succeeded. */
class BufferedStore implements ReplayStore {
    readonly #state: Map<string, string>;
    /** An undefined value is a key that was deleted. */
    readonly writes = new Map<string, string | undefined>();

    constructor(state: Map<string, string>) {
        this.#state = state;
    }

    get(key: string): Promise<string | undefined> {
        return Promise.resolve(this.writes.has(key) ? this.writes.get(key) : this.#state.get(key));
    }

    /** Carries the writes over. */
    applyTo(state: Map<string, string>): void {
        for (const [key, value] of this.writes) {
            if (value === undefined) state.delete(key);
            else state.set(key, value);
        }
    }

    put(key: string, value: string): Promise<void> {
        this.writes.set(key, value);
        return Promise.resolve();
    }

    delete(key: string): Promise<void> {
        this.writes.set(key, undefined);
        return Promise.resolve();
    }

    range(start: string, end: string): Promise<string[]> {
        const within = (key: string): boolean =>
            compareKeys(key, start) >= 0 && compareKeys(key, end) < 0;
        const found = new Map<string, string | undefined>();
        for (const [key, value] of this.#state) if (within(key)) found.set(key, value);
        for (const [key, value] of this.writes) if (within(key)) found.set(key, value);
        const rows = [...found].sort(([a], [b]) => compareKeys(a, b));
        return Promise.resolve(
            rows.map(([, value]) => value).filter((value) => value !== undefined),
        );
    }

    async increase(counter: string, amount: bigint): Promise<void> {
        await this.put(sumKey(counter), String((await this.sum(counter)) + amount));
    }

    async sum(counter: string): Promise<bigint> {
        return BigInt((await this.get(sumKey(counter))) ?? 0);
    }
}

/** What a serial replay comes to. */
export interface Replay {
    readonly state: ReadonlyMap<string, string>;
    /** Operations that the ledger accepted and the replay refuses, or the reverse, or that it answers otherwise. */
    readonly disagreements: readonly string[];
}

interface Answer {
    readonly answer?: unknown;
    readonly refusal?: string;
    /** It did not answer in time. */
    readonly silent?: boolean;
}

/** How long the replay of one operation over a map may take: one that never answers would never end a run. */
const PATIENCE_MS = 30_000;

async function answerOf(
    perform: ReplayOperation,
    store: ReplayStore,
    args: readonly string[],
    patienceMs: number,
): Promise<Answer> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Answer>((resolve) => {
        timer = setTimeout(resolve, patienceMs, { silent: true });
    });
    // Within a function of its own: a careless one throws, or answers, before it gives a promise.
    const answered = async (): Promise<Answer> => ({ answer: await perform(store, args) });
    try {
        return await Promise.race([answered(), late]);
    } catch (error) {
        return { refusal: error instanceof Error ? error.message : String(error) };
    } finally {
        clearTimeout(timer);
    }
}

/** A text for a list of problems: whatever it is, the beginning of it. */
export function short(text: string): string {
    return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

/**
 * Runs operations one after the other over a plain map, in the order of the ledger. Whatever the client
 * merged, reordered or retried, a right ledger holds exactly this.
 */
export async function replaySerially(
    ledger: readonly LedgerOperation[],
    functions: Readonly<Record<string, ReplayOperation>>,
    patienceMs = PATIENCE_MS,
): Promise<Replay> {
    const state = new Map<string, string>();
    const disagreements: string[] = [];
    for (const { id, name, args, accepted, result } of ledger) {
        const perform = functions[name];
        if (perform === undefined) {
            disagreements.push(`${id}: the workload does not say what ${name} does`);
            continue;
        }
        const store = new BufferedStore(state);
        const { answer, refusal, silent } = await answerOf(perform, store, args, patienceMs);
        const disagree = (how: string): unknown => disagreements.push(`${id} (${name}): ${how}`);
        if (silent === true) {
            disagree('the replay never answers, and ends here');
            break;
        }
        if (accepted && refusal !== undefined) disagree(`the replay refuses it: ${refusal}`);
        if (!accepted && refusal === undefined) disagree('the replay accepts it');
        if (!accepted || refusal !== undefined) continue;
        store.applyTo(state);
        if (typeof answer === 'string' && result !== undefined && answer !== result) {
            disagree(`answered ${short(result)}, the replay answers ${short(answer)}`);
        }
    }
    return { state, disagreements };
}
