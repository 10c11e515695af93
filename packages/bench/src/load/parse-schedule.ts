import { BenchError } from '../errors.js';
import { checkRate, type Schedule } from './arrivals.js';

/** The forms {@link parseSchedule} reads, for help texts. */
export const SCHEDULE_FORMS =
    '300, constant:300, poisson:300, ramp:50-500, step:100,200,400, burst:50-1000/10000/1000 (base-peak/every ms/peak ms), day:300 (persons over a day)';

const numbers = (text: string): number[] => text.split(/[-,/]/).map(Number);

function refuse(text: string): never {
    throw new BenchError(
        'BENCH_SCHEDULE_INVALID',
        `"${text}" is no load schedule; the forms are ${SCHEDULE_FORMS}.`,
    );
}

/**
 * Reads a schedule as it stands on a command line.
 *
 * @example
 * ```ts
 * parseSchedule('ramp:50-500'); // { kind: 'ramp', from: 50, to: 500 }
 * ```
 */
export function parseSchedule(text: string): Schedule {
    const [, kind = 'constant', rest = ''] =
        /^(?:([a-z]+):)?([\d.,/-]+)$/.exec(text) ?? refuse(text);
    const values = numbers(rest);
    const [a = NaN, b = NaN, c = NaN, d = NaN] = values;
    const shapes: Readonly<Record<string, readonly [count: number, make: () => Schedule]>> = {
        constant: [1, () => ({ kind: 'constant', ratePerSecond: a })],
        poisson: [1, () => ({ kind: 'poisson', ratePerSecond: a })],
        day: [1, () => ({ kind: 'day', ratePerSecond: a })],
        ramp: [2, () => ({ kind: 'ramp', from: a, to: b })],
        step: [values.length, () => ({ kind: 'step', rates: values })],
        burst: [4, () => ({ kind: 'burst', base: a, peak: b, everyMs: c, peakMs: d })],
    };
    const shape = Object.hasOwn(shapes, kind) ? shapes[kind] : undefined;
    if (shape?.[0] !== values.length || values.some(Number.isNaN)) return refuse(text);
    values.forEach((value, index) => {
        // Of a burst the last two are milliseconds, which are held to each other when it is driven.
        if (kind !== 'burst' || index < 2) checkRate(value);
    });
    return shape[1]();
}
