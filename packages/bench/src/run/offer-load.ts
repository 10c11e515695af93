import { BenchError } from '../errors.js';
import { arrivals } from '../load/arrivals.js';
import { runClosedLoop } from '../load/closed-loop.js';
import { runOpenLoop, type LoadReport } from '../load/open-loop.js';
import { callersOf, planDay, type Actor, type Population } from '../load/population.js';
import type { Random } from '../load/random.js';
import type { Load } from './options.js';

/** What {@link offerLoad} needs to know. */
export interface Offer {
    readonly load: Load;
    readonly random: Random;
    readonly population?: Population;
    readonly signal?: AbortSignal;
}

type Start = (index: number, dueAt: number, actor?: Actor) => Promise<void>;

/** The population that a load of persons needs. Throws `BENCH_SCHEDULE_INVALID` when there is none. */
export function populationFor(population: Population | undefined): Population {
    if (population !== undefined) return population;
    throw new BenchError(
        'BENCH_SCHEDULE_INVALID',
        'The workload has no population, so it cannot be loaded with a day of persons. Use a rate, e.g. 300, or a workload with one, e.g. clinical-day.',
    );
}

async function offerClosed(
    { load, population, signal }: Offer & { load: Load & { kind: 'closed' } },
    start: Start,
): Promise<LoadReport> {
    const { callers, durationMs, thinkTimeMs = 0 } = load;
    const persons = population === undefined ? undefined : callersOf(population, callers);
    return runClosedLoop({
        callers,
        durationMs,
        thinkTimeMs: (caller) => thinkTimeMs * (persons?.[caller]?.relativeThinkTime ?? 1),
        perform: (index, startedAt, caller) => start(index, startedAt, persons?.[caller]),
        ...(signal && { signal }),
    });
}

/** Starts the operations of a load, each when it is due. */
export async function offerLoad(offer: Offer, start: Start): Promise<LoadReport> {
    const { load, random, signal } = offer;
    if (load.kind === 'closed') return offerClosed({ ...offer, load }, start);
    const { schedule, durationMs } = load;
    const ending = signal && { signal };
    const own = random.fork('arrivals');
    if (schedule.kind === 'day') {
        const wanted = { ratePerSecond: schedule.ratePerSecond, durationMs };
        const { acts, people } = planDay(populationFor(offer.population), wanted, own);
        const report = await runOpenLoop({
            arrivals: acts.map(({ atMs }) => atMs),
            start: (index, dueAt) => void start(index, dueAt, acts[index]),
            ...ending,
        });
        return { ...report, people };
    }
    return runOpenLoop({
        arrivals: arrivals(schedule, durationMs, own),
        start: (index, dueAt) => void start(index, dueAt),
        ...ending,
    });
}
