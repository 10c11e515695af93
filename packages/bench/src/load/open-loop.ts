/** A clock and timers, so that tests need not wait. */
export interface Timing {
    /** Milliseconds, monotonic, with fractions. */
    now(): number;
    /** Resolves no earlier than `ms` from now. */
    sleep(ms: number): Promise<void>;
}

/** The process's own clock. */
export const realTiming: Timing = {
    now: () => performance.now(),
    sleep: (ms) =>
        new Promise((resolve) => {
            if (ms < 1) setImmediate(resolve);
            else setTimeout(resolve, ms);
        }),
};

/** Sleeps, and wakes when the run is ended early. */
export async function sleepUnless(
    signal: AbortSignal | undefined,
    ms: number,
    timing: Timing,
): Promise<void> {
    if (signal === undefined) return timing.sleep(ms);
    if (signal.aborted) return;
    let wake = (): void => undefined;
    const woken = new Promise<void>((resolve) => {
        wake = resolve;
        signal.addEventListener('abort', wake);
    });
    await Promise.race([timing.sleep(ms), woken]);
    signal.removeEventListener('abort', wake);
}

/** What {@link runOpenLoop} reports about itself. */
export interface LoadReport {
    /** Operations started. */
    readonly offered: number;
    /** From the first due instant to the last started, in milliseconds. */
    readonly elapsedMs: number;
    /** How late operations were started against their schedule: mean and worst, in milliseconds. */
    readonly lateness: { readonly meanMs: number; readonly maxMs: number };
    /** How many people of each role were at work, when the load was a day of persons. */
    readonly people?: Readonly<Record<string, number>>;
}

/** What {@link runOpenLoop} drives. */
export interface OpenLoop {
    /** Due instants in milliseconds from the start, ascending. */
    readonly arrivals: Iterable<number>;
    /**
     * Starts one operation, without waiting for it.
     *
     * @param dueAt - when it should have started, on the clock of `timing`: latency counts from here, so a
     * stall of the client itself is not hidden from the figures (coordinated omission)
     */
    readonly start: (index: number, dueAt: number) => void;
    /** Ends the run early. */
    readonly signal?: AbortSignal;
    readonly timing?: Timing;
}

/** Starts operations on schedule, whatever becomes of those started before. */
export async function runOpenLoop(loop: OpenLoop): Promise<LoadReport> {
    const { timing = realTiming, signal, start } = loop;
    const startedAt = timing.now();
    let offered = 0;
    let lateSum = 0;
    let lateMax = 0;
    for (const at of loop.arrivals) {
        const dueAt = startedAt + at;
        // Timers fire up to a millisecond late; the last stretch is waited for by yielding.
        for (let left = dueAt - timing.now(); left > 0; left = dueAt - timing.now()) {
            if (signal?.aborted === true) break;
            if (left > 2) await sleepUnless(signal, left - 1.5, timing);
            else await timing.sleep(0);
        }
        if (signal?.aborted === true) break;
        const late = Math.max(0, timing.now() - dueAt);
        lateSum += late;
        lateMax = Math.max(lateMax, late);
        start(offered++, dueAt);
        // Without a breath now and then a burst of due operations would starve their own answers.
        if (offered % 64 === 0) await timing.sleep(0);
    }
    return {
        offered,
        elapsedMs: timing.now() - startedAt,
        lateness: { meanMs: offered === 0 ? 0 : lateSum / offered, maxMs: lateMax },
    };
}
