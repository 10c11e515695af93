import { BenchError } from '../errors.js';
import { checkSchedule } from '../load/arrivals.js';
import { checkDay } from '../load/population.js';
import type { Workload } from '../workloads/workload.js';
import { populationFor } from './offer-load.js';
import type { Load } from './options.js';

/** Longest load of one system, in milliseconds: a day. */
export const MAX_DURATION_MS = 86_400_000;

/** Most callers of a closed loop. */
export const MAX_CALLERS = 100_000;

function withinRange(what: string, value: number, least: number, most: number): void {
    if (value >= least && value <= most) return;
    throw new BenchError(
        'BENCH_SCHEDULE_INVALID',
        `${what} must be from ${least} to ${most.toLocaleString('en-US')}; got ${value}.`,
    );
}

/**
 * Refuses a load that cannot be driven, before a network is started or anything is written to one. Throws
 * `BENCH_SCHEDULE_INVALID`.
 */
export function checkLoad(load: Load, workload: Pick<Workload, 'population'>): void {
    withinRange(
        'How long a system is loaded, in milliseconds,',
        load.durationMs,
        1,
        MAX_DURATION_MS,
    );
    if (load.kind === 'closed') {
        withinRange('The number of callers', load.callers, 1, MAX_CALLERS);
        withinRange('Think time, in milliseconds,', load.thinkTimeMs ?? 0, 0, MAX_DURATION_MS);
        return;
    }
    const { schedule, durationMs } = load;
    if (schedule.kind !== 'day') {
        checkSchedule(schedule, durationMs);
        return;
    }
    const { ratePerSecond } = schedule;
    checkDay(populationFor(workload.population), { ratePerSecond, durationMs });
}
