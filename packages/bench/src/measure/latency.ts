import { build, type Histogram } from 'hdr-histogram-js';

/** Latencies are kept in microseconds from 1 us to 10 minutes, with three significant digits. */
const HIGHEST_US = 600_000_000;

/** Percentiles in milliseconds. */
export interface LatencySummary {
    readonly count: number;
    readonly meanMs: number;
    readonly p50Ms: number;
    readonly p90Ms: number;
    readonly p95Ms: number;
    readonly p99Ms: number;
    readonly maxMs: number;
}

/** Collects latencies; a value beyond ten minutes counts as ten minutes. */
export class LatencyHistogram {
    readonly #histogram: Histogram = build({
        lowestDiscernibleValue: 1,
        highestTrackableValue: HIGHEST_US,
        numberOfSignificantValueDigits: 3,
    });

    /** Adds one latency, in milliseconds. */
    record(ms: number): void {
        const microseconds = Math.round(ms * 1000);
        this.#histogram.recordValue(Math.min(HIGHEST_US, Math.max(1, microseconds)));
    }

    /** The value in milliseconds below which the share `percent` (0 to 100) of the latencies lies. */
    percentileMs(percent: number): number {
        return this.#histogram.totalCount === 0
            ? 0
            : this.#histogram.getValueAtPercentile(percent) / 1000;
    }

    summary(): LatencySummary {
        const histogram = this.#histogram;
        const empty = histogram.totalCount === 0;
        return {
            count: histogram.totalCount,
            meanMs: empty ? 0 : histogram.mean / 1000,
            p50Ms: this.percentileMs(50),
            p90Ms: this.percentileMs(90),
            p95Ms: this.percentileMs(95),
            p99Ms: this.percentileMs(99),
            maxMs: empty ? 0 : histogram.maxValue / 1000,
        };
    }
}
