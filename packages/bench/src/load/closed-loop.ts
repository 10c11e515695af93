import { realTiming, sleepUnless, type LoadReport, type Timing } from './open-loop.js';

/** What {@link runClosedLoop} drives. */
export interface ClosedLoop {
    /** Callers, each with one operation under way at a time. */
    readonly callers: number;
    readonly durationMs: number;
    /** Pause of a caller between an answer and its next operation, in milliseconds. @default 0 */
    readonly thinkTimeMs?: (caller: number) => number;
    /** Performs one operation; a rejection ends the loop. */
    readonly perform: (index: number, startedAt: number, caller: number) => Promise<void>;
    readonly signal?: AbortSignal;
    readonly timing?: Timing;
}

/**
 * A fixed number of callers, each waiting for its answer before it asks again. Such a loop slows down with
 * the system and so flatters it: use it to find what N callers get, never to compare latencies.
 */
export async function runClosedLoop(loop: ClosedLoop): Promise<LoadReport> {
    const { timing = realTiming, signal, thinkTimeMs, perform } = loop;
    const startedAt = timing.now();
    let offered = 0;
    let broken = false;
    const goesOn = (): boolean =>
        !broken && signal?.aborted !== true && timing.now() - startedAt < loop.durationMs;
    const call = async (caller: number): Promise<void> => {
        while (goesOn()) {
            await perform(offered++, timing.now(), caller);
            const pause = thinkTimeMs?.(caller) ?? 0;
            if (pause > 0) await sleepUnless(signal, pause, timing);
        }
    };
    const callers = Array.from({ length: loop.callers }, (_, caller) =>
        call(caller).catch((error: unknown) => {
            // Without one caller the load is another: the others end theirs.
            broken = true;
            throw error;
        }),
    );
    await Promise.all(callers);
    const elapsedMs = timing.now() - startedAt;
    return { offered, elapsedMs, lateness: { meanMs: 0, maxMs: 0 } };
}
