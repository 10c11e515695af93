import { offerLoad } from './offer-load.js';
import { realTiming, type LoadReport } from '../load/open-loop.js';
import type { Actor, Population } from '../load/population.js';
import type { Random } from '../load/random.js';
import type { Outcome } from '../measure/outcome.js';
import { Recorder, type Recording } from '../measure/recorder.js';
import type { IdentifiedOperation, System } from '../systems/system.js';
import { reportedOf, type Reported } from '../verify/reported.js';
import type { WorkloadOperation } from '../workloads/workload.js';
import type { Load } from './options.js';

/** One part of a run: a system under load for some time. */
export interface Measurement {
    readonly system: System;
    readonly load: Load;
    readonly random: Random;
    /** Prefix of the operations' ids. */
    readonly idPrefix: string;
    readonly next: (index: number, actor?: Actor) => WorkloadOperation;
    /** Who acts, under a load of persons. */
    readonly population?: Population;
    readonly drainMs: number;
    readonly signal?: AbortSignal;
    readonly onTick?: (recorder: Recorder, elapsedMs: number) => void;
}

/** What came of it. */
export interface Measured {
    readonly load: LoadReport;
    readonly recording: Recording;
    /** Of every operation that was offered; one still unanswered after the drain is a `timeout`. */
    readonly reported: ReadonlyMap<string, Reported>;
    /** From the first operation due to the last one answered, in milliseconds. */
    readonly spanMs: number;
}

/** How often progress is told, in milliseconds. */
const TICK_MS = 250;

/** An operation that has no answer yet, and the instant it was due. */
interface Waiting {
    readonly operation: IdentifiedOperation;
    readonly dueAt: number;
}

/** Operations that have no answer yet. */
class UnderWay {
    readonly #waiting = new Map<string, Waiting>();
    #whenEmpty: (() => void) | undefined;

    add(operation: IdentifiedOperation, dueAt: number): void {
        this.#waiting.set(operation.id, { operation, dueAt });
    }

    /** Whether the operation was still under way. */
    remove(id: string): boolean {
        const was = this.#waiting.delete(id);
        if (this.#waiting.size === 0) this.#whenEmpty?.();
        return was;
    }

    all(): Waiting[] {
        return [...this.#waiting.values()];
    }

    /** Resolves when nothing is under way any more, or after `limitMs`. */
    async drained(limitMs: number): Promise<void> {
        if (this.#waiting.size === 0) return;
        await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, limitMs);
            this.#whenEmpty = () => {
                clearTimeout(timer);
                resolve();
            };
        });
    }
}

/** Drives one system and records what became of every operation. */
export async function measureSystem(measurement: Measurement): Promise<Measured> {
    const { system, idPrefix, next } = measurement;
    const startedAt = realTiming.now();
    const recorder = new Recorder(startedAt);
    const reported = new Map<string, Reported>();
    const underWay = new UnderWay();
    let lastEndedAt = startedAt;

    const end = (operation: IdentifiedOperation, outcome: Outcome, dueAt: number): void => {
        reported.set(operation.id, reportedOf(operation, outcome));
        recorder.end(outcome, dueAt, realTiming.now());
    };
    const perform = async (operation: IdentifiedOperation, dueAt: number): Promise<void> => {
        recorder.offer(dueAt);
        underWay.add(operation, dueAt);
        const outcome = await system.submit(operation);
        if (!underWay.remove(operation.id)) return;
        lastEndedAt = realTiming.now();
        end(operation, outcome, dueAt);
    };
    const start = (index: number, dueAt: number, actor?: Actor): Promise<void> =>
        perform({ id: `${idPrefix}${index}`, ...next(index, actor) }, dueAt);

    const ticking = setInterval(() => {
        measurement.onTick?.(recorder, realTiming.now() - startedAt);
    }, TICK_MS);
    try {
        const load = await offerLoad(measurement, start);
        await underWay.drained(measurement.drainMs);
        const detail = 'no answer before the run ended';
        for (const { operation, dueAt } of underWay.all()) {
            underWay.remove(operation.id);
            end(operation, { class: 'timeout', detail }, dueAt);
        }
        return { load, recording: recorder.recording(), reported, spanMs: lastEndedAt - startedAt };
    } finally {
        clearInterval(ticking);
    }
}
