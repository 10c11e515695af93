import { BenchError } from '../errors.js';
import type { Random } from './random.js';

/** When operations are offered to the system, whatever it does with them. */
export type Schedule =
    /** The same gap between any two. */
    | { readonly kind: 'constant'; readonly ratePerSecond: number }
    /** Independent arrivals; exponential gaps. */
    | { readonly kind: 'poisson'; readonly ratePerSecond: number }
    /** The rate changes evenly from one to the other over the whole run. */
    | { readonly kind: 'ramp'; readonly from: number; readonly to: number }
    /** Equal parts of the run, each at its own rate. */
    | { readonly kind: 'step'; readonly rates: readonly number[] }
    /** A base rate with peaks, each `peakMs` long, one every `everyMs`. */
    | {
          readonly kind: 'burst';
          readonly base: number;
          readonly peak: number;
          readonly everyMs: number;
          readonly peakMs: number;
      }
    /** A day of the workload's population, with changes of shift, compressed into the run. */
    | { readonly kind: 'day'; readonly ratePerSecond: number };

/** A schedule that needs nobody: any but that of a day. */
export type RateSchedule = Exclude<Schedule, { readonly kind: 'day' }>;

/** Highest rate one process is asked to offer, in operations a second. */
export const MAX_RATE_PER_SECOND = 1_000_000;

/** Refuses a rate that cannot be driven. */
export function checkRate(rate: number): void {
    if (Number.isFinite(rate) && rate > 0 && rate <= MAX_RATE_PER_SECOND) return;
    throw new BenchError(
        'BENCH_SCHEDULE_INVALID',
        `A rate must be above 0 and at most ${MAX_RATE_PER_SECOND} operations a second; got ${rate}.`,
    );
}

function ratesOf(schedule: RateSchedule): readonly number[] {
    switch (schedule.kind) {
        case 'constant':
        case 'poisson':
            return [schedule.ratePerSecond];
        case 'ramp':
            return [schedule.from, schedule.to];
        case 'step':
            return schedule.rates;
        case 'burst':
            return [schedule.base, schedule.peak];
    }
}

/** Refuses a schedule that cannot be driven. Throws `BENCH_SCHEDULE_INVALID`. */
export function checkSchedule(schedule: RateSchedule, durationMs: number): void {
    const rates = ratesOf(schedule);
    rates.forEach(checkRate);
    if (rates.length === 0) {
        throw new BenchError('BENCH_SCHEDULE_INVALID', 'A step schedule needs at least one rate.');
    }
    if (!(durationMs > 0 && Number.isFinite(durationMs))) {
        throw new BenchError(
            'BENCH_SCHEDULE_INVALID',
            `A run must last more than 0 ms; got ${durationMs}.`,
        );
    }
    if (schedule.kind === 'burst' && !(schedule.peakMs > 0 && schedule.peakMs < schedule.everyMs)) {
        throw new BenchError(
            'BENCH_SCHEDULE_INVALID',
            `A peak must be shorter than the gap between peaks; got ${schedule.peakMs} ms every ${schedule.everyMs} ms.`,
        );
    }
}

/** The rate at an instant, in operations a second. */
function rateAt(schedule: RateSchedule, atMs: number, durationMs: number): number {
    switch (schedule.kind) {
        case 'constant':
        case 'poisson':
            return schedule.ratePerSecond;
        case 'ramp':
            return schedule.from + (schedule.to - schedule.from) * (atMs / durationMs);
        case 'step': {
            const part = Math.floor((atMs / durationMs) * schedule.rates.length);
            return schedule.rates[Math.min(part, schedule.rates.length - 1)] ?? 1;
        }
        case 'burst':
            return atMs % schedule.everyMs < schedule.peakMs ? schedule.peak : schedule.base;
    }
}

/**
 * The instants, in milliseconds from the start, at which operations are due.
 *
 * Even schedules integrate their rate: an operation is due each time the integral passes a whole number,
 * looked at every millisecond, so a change of rate takes effect at once.
 */
export function* arrivals(
    schedule: RateSchedule,
    durationMs: number,
    random: Random,
): Generator<number, void, void> {
    checkSchedule(schedule, durationMs);
    if (schedule.kind === 'poisson') {
        const meanGapMs = 1000 / schedule.ratePerSecond;
        let at = -Math.log(1 - random.next()) * meanGapMs;
        for (; at < durationMs; at += -Math.log(1 - random.next()) * meanGapMs) yield at;
        return;
    }
    let due = 0;
    let passed = 0;
    for (let atMs = 0; atMs < durationMs; atMs++) {
        const perMs = rateAt(schedule, atMs, durationMs) / 1000;
        const widthMs = Math.min(1, durationMs - atMs);
        const after = passed + perMs * widthMs;
        // The first operation is due at once; the tolerance keeps rounding from losing the last one.
        while (due < after - 1e-9) yield atMs + Math.max(0, (due++ - passed) / perMs);
        passed = after;
    }
}
