import type { Schedule } from '../load/arrivals.js';
import type { Load } from './options.js';

function describeSchedule(schedule: Schedule): string {
    switch (schedule.kind) {
        case 'constant':
            return `${schedule.ratePerSecond}/s`;
        case 'poisson':
            return `Poisson ${schedule.ratePerSecond}/s`;
        case 'ramp':
            return `${schedule.from} to ${schedule.to}/s`;
        case 'step':
            return `${schedule.rates.join(', ')}/s`;
        case 'day':
            return `a day of ${schedule.ratePerSecond}/s on average`;
        case 'burst':
            return `${schedule.base}/s with bursts of ${schedule.peak}/s for ${schedule.peakMs} ms every ${schedule.everyMs} ms`;
    }
}

/** A load for people, e.g. `300/s for 20 s`. */
export function describeLoad(load: Load): string {
    const seconds = `${load.durationMs / 1000} s`;
    if (load.kind === 'open' && load.schedule.kind === 'day') {
        return `${describeSchedule(load.schedule)} in ${seconds}`;
    }
    return load.kind === 'open'
        ? `${describeSchedule(load.schedule)} for ${seconds}`
        : `${load.callers} callers for ${seconds}`;
}
