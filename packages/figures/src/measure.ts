import type { Samples } from './row.js';

/** Something to be timed: does `iterations` units of work and returns a value that depends on them. */
export type Work = (iterations: number) => unknown;

/** How {@link measureNs} samples. */
export interface MeasureOptions {
    /** Samples taken of each contestant. @default 30 */
    readonly samples?: number;
    /** How long one sample should last, in milliseconds. @default 20 */
    readonly sampleMs?: number;
}

// Reading a result here keeps the optimiser from removing the work that made it.
let sink: unknown;

function elapsedNs(work: Work, iterations: number): number {
    const started = process.hrtime.bigint();
    sink = work(iterations);
    return Number(process.hrtime.bigint() - started);
}

function iterationsFor(work: Work, sampleMs: number): number {
    const enoughNs = sampleMs * 1e6;
    let iterations = 1;
    for (;;) {
        const ns = elapsedNs(work, iterations);
        if (ns >= enoughNs) return iterations;
        const grow = ns > 0 ? Math.min(10, Math.max(2, (1.2 * enoughNs) / ns)) : 10;
        iterations = Math.ceil(iterations * grow);
    }
}

/**
 * Times several ways of doing the same work, taking turns so that a drifting machine is fair to all.
 *
 * @returns for each contestant, nanoseconds per iteration, one value a sample
 * @example
 * ```ts
 * const [ours, theirs] = measureNs({ ours: (n) => loop(n), theirs: (n) => otherLoop(n) });
 * ```
 */
export function measureNs(
    contestants: Readonly<Record<string, Work>>,
    options: MeasureOptions = {},
): Samples[] {
    const { samples = 30, sampleMs = 20 } = options;
    const entries = Object.entries(contestants).map(([name, work]) => ({
        name,
        work,
        iterations: iterationsFor(work, sampleMs),
        values: [] as number[],
    }));
    for (let round = 0; round < samples; round++) {
        for (const entry of entries) {
            entry.values.push(elapsedNs(entry.work, entry.iterations) / entry.iterations);
        }
    }
    return entries.map(({ name, values }) => ({ name, values }));
}

/** The last value any timed work returned; exported so that the work can never be optimised away. */
export function lastResult(): unknown {
    return sink;
}
