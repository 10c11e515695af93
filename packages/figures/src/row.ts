/** Which direction is an improvement. */
export type Better = 'lower' | 'higher';

/** One measured figure, in the form every benchmark of the project writes. */
export interface FigureRow {
    /** Stable name, `package.figure`. */
    readonly id: string;
    /** Unit of `value` and `baselineValue`, e.g. `ns` or `ops/s`. */
    readonly unit: string;
    /** Our median. */
    readonly value: number;
    /** Name of what we are compared with, when there is something to compare with. */
    readonly baseline?: string;
    /** The baseline's median in the same run on the same work. */
    readonly baselineValue?: number;
    /** How many times better ours is; above 1 is better whichever way `better` points. */
    readonly ratio?: number;
    readonly better: Better;
    /** Number of samples behind each median. */
    readonly samples: number;
    /** The central 90% of our samples. */
    readonly spread: readonly [number, number];
    /** Set when the figure failed its own correctness check: why it may not be believed. */
    readonly invalid?: string;
    /** Further columns, such as `p95ms` or `transactions`. */
    readonly [column: string]: unknown;
}

/** The samples of one contestant. */
export interface Samples {
    readonly name: string;
    readonly values: readonly number[];
}

/** What {@link figureRow} makes a row of. */
export interface FigureInput {
    readonly id: string;
    readonly unit: string;
    readonly better: Better;
    readonly ours: readonly number[];
    readonly baseline?: Samples;
    readonly invalid?: string;
    /** Further columns copied into the row. */
    readonly extra?: Readonly<Record<string, unknown>>;
}

/** The value below which the share `q` (0 to 1) of the samples lies; nearest rank. */
export function quantile(values: readonly number[], q: number): number {
    if (values.length === 0) return Number.NaN;
    const sorted = [...values].sort((a, b) => a - b);
    const rank = Math.ceil(q * sorted.length) - 1;
    return sorted[Math.min(sorted.length - 1, Math.max(0, rank))] ?? Number.NaN;
}

/** The middle of the samples. */
export function median(values: readonly number[]): number {
    return quantile(values, 0.5);
}

function significant(value: number): number {
    return Number.isFinite(value) ? Number(value.toPrecision(4)) : value;
}

function timesBetter(better: Better, ours: number, theirs: number): number {
    return better === 'lower' ? theirs / ours : ours / theirs;
}

/** Summarises samples into the row that is printed and written. */
export function figureRow(input: FigureInput): FigureRow {
    const value = median(input.ours);
    const compared = input.baseline && {
        baseline: input.baseline.name,
        baselineValue: significant(median(input.baseline.values)),
        ratio: significant(timesBetter(input.better, value, median(input.baseline.values))),
    };
    return {
        id: input.id,
        unit: input.unit,
        value: significant(value),
        ...compared,
        better: input.better,
        samples: input.ours.length,
        spread: [significant(quantile(input.ours, 0.05)), significant(quantile(input.ours, 0.95))],
        ...input.extra,
        ...(input.invalid === undefined ? undefined : { invalid: input.invalid }),
    };
}
