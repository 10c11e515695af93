import { LatencyHistogram, type LatencySummary } from './latency.js';
import { outcomeClasses, type Outcome, type OutcomeClass } from './outcome.js';

/** What happened in one second of the run. */
export interface SecondOfRun {
    readonly second: number;
    readonly offered: number;
    readonly committed: number;
    readonly conflicts: number;
    readonly otherFailures: number;
    /** 95th percentile of the operations that were committed in it; 0 when none was. */
    readonly p95Ms: number;
}

/** What a {@link Recorder} has seen. */
export interface Recording {
    readonly offered: number;
    readonly counts: Readonly<Record<OutcomeClass, number>>;
    /** Transactions that the system says it sent. */
    readonly transactionsSent: number;
    /** Of committed operations, from the instant they were due. */
    readonly latency: LatencySummary;
    /** Of all operations that ended, whatever their end. */
    readonly latencyOfAll: LatencySummary;
    readonly seconds: readonly SecondOfRun[];
    /** Some details of failures, each once, with how often it was seen. */
    readonly details: readonly { readonly detail: string; readonly count: number }[];
}

/** Different failure details kept; further ones are counted under one heading. */
const MAX_DETAILS = 20;
const FURTHER = '(further kinds of failure)';

type Counter = { -readonly [K in Exclude<keyof SecondOfRun, 'p95Ms'>]: SecondOfRun[K] } & {
    readonly latencies: number[];
};

function secondOf({ latencies, ...counted }: Counter): SecondOfRun {
    const sorted = Float64Array.from(latencies).sort();
    return { ...counted, p95Ms: sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0 };
}

/** Counts outcomes and their latencies as they come in. */
export class Recorder {
    #offered = 0;
    #transactionsSent = 0;
    readonly #startedAt: number;
    readonly #counts = new Map<OutcomeClass, number>();
    readonly #committed = new LatencyHistogram();
    readonly #all = new LatencyHistogram();
    readonly #seconds: Counter[] = [];
    readonly #details = new Map<string, number>();

    /** @param startedAt - the clock at the start of the measured part */
    constructor(startedAt: number) {
        this.#startedAt = startedAt;
    }

    /** Operations offered so far. */
    get offered(): number {
        return this.#offered;
    }

    /** Operations committed so far. */
    get committed(): number {
        return this.#counts.get('committed') ?? 0;
    }

    /** Operations that have ended so far. */
    get ended(): number {
        return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
    }

    /** An operation was offered at this instant. */
    offer(at: number): void {
        this.#offered++;
        this.#second(at).offered++;
    }

    /** An operation that was due at `dueAt` has ended at `endedAt`. */
    end(outcome: Outcome, dueAt: number, endedAt: number): void {
        this.#counts.set(outcome.class, (this.#counts.get(outcome.class) ?? 0) + 1);
        this.#transactionsSent += outcome.transactions ?? 0;
        this.#all.record(endedAt - dueAt);
        const second = this.#second(endedAt);
        if (outcome.class === 'committed') {
            second.committed++;
            second.latencies.push(endedAt - dueAt);
            this.#committed.record(endedAt - dueAt);
            return;
        }
        if (outcome.class === 'mvcc-conflict' || outcome.class === 'phantom-conflict') {
            second.conflicts++;
        } else second.otherFailures++;
        if (outcome.detail !== undefined) this.#keepDetail(outcome.detail);
    }

    recording(): Recording {
        const counts = outcomeClasses.map((each) => [each, this.#counts.get(each) ?? 0]);
        return {
            offered: this.#offered,
            counts: Object.fromEntries(counts) as Record<OutcomeClass, number>,
            transactionsSent: this.#transactionsSent,
            latency: this.#committed.summary(),
            latencyOfAll: this.#all.summary(),
            seconds: this.#seconds.map(secondOf),
            details: [...this.#details].map(([detail, count]) => ({ detail, count })),
        };
    }

    #second(at: number): Counter {
        const index = Math.max(0, Math.floor((at - this.#startedAt) / 1000));
        let found = this.#seconds[index];
        while (found === undefined) {
            const second = this.#seconds.length;
            this.#seconds.push({
                second,
                offered: 0,
                committed: 0,
                conflicts: 0,
                otherFailures: 0,
                latencies: [],
            });
            found = this.#seconds[index];
        }
        return found;
    }

    #keepDetail(detail: string): void {
        const known = this.#details.has(detail) || this.#details.size < MAX_DETAILS;
        const kept = known ? detail : FURTHER;
        this.#details.set(kept, (this.#details.get(kept) ?? 0) + 1);
    }
}
