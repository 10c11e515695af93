import { offerLoad } from './offer-load.js';
import { realTiming, type LoadReport } from '../load/open-loop.js';
import type { Actor, Population } from '../load/population.js';
import type { Random } from '../load/random.js';
import type { OutcomeClass } from '../measure/outcome.js';
import { Recorder, type Recording } from '../measure/recorder.js';
import type { IdentifiedOperation, System } from '../systems/system.js';
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
    readonly reported: ReadonlyMap<string, OutcomeClass>;
    /** From the first operation due to the last one answered, in milliseconds. */
    readonly spanMs: number;
}

/** How often progress is told, in milliseconds. */
const TICK_MS = 250;

/** Operations that have no answer yet, and the instants they were due. */
class UnderWay {
    readonly #due = new Map<string, number>();
    #whenEmpty: (() => void) | undefined;

    add(id: string, dueAt: number): void {
        this.#due.set(id, dueAt);
    }

    /** Whether the operation was still under way. */
    remove(id: string): boolean {
        const was = this.#due.delete(id);
        if (this.#due.size === 0) this.#whenEmpty?.();
        return was;
    }

    entries(): [string, number][] {
        return [...this.#due];
    }

    /** Resolves when nothing is under way any more, or after `limitMs`. */
    async drained(limitMs: number): Promise<void> {
        if (this.#due.size === 0) return;
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
    const reported = new Map<string, OutcomeClass>();
    const underWay = new UnderWay();
    let lastEndedAt = startedAt;

    const perform = async (operation: IdentifiedOperation, dueAt: number): Promise<void> => {
        recorder.offer(dueAt);
        underWay.add(operation.id, dueAt);
        const outcome = await system.submit(operation);
        if (!underWay.remove(operation.id)) return;
        lastEndedAt = realTiming.now();
        reported.set(operation.id, outcome.class);
        recorder.end(outcome, dueAt, lastEndedAt);
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
        for (const [id, dueAt] of underWay.entries()) {
            underWay.remove(id);
            reported.set(id, 'timeout');
            recorder.end({ class: 'timeout', detail }, dueAt, realTiming.now());
        }
        return { load, recording: recorder.recording(), reported, spanMs: lastEndedAt - startedAt };
    } finally {
        clearInterval(ticking);
    }
}
