import type { Network } from '@goodput/network';
import type { Schedule } from '../load/arrivals.js';
import type { Random } from '../load/random.js';
import type { Target } from '../systems/plain.js';
import type { System } from '../systems/system.js';
import type { Workload } from '../workloads/workload.js';

/** How much is asked of the systems. */
export type Load =
    /** Operations on a schedule, whatever becomes of them: for comparing systems. */
    | { readonly kind: 'open'; readonly schedule: Schedule; readonly durationMs: number }
    /** Callers that wait for their answers: for finding what N callers get. */
    | {
          readonly kind: 'closed';
          readonly callers: number;
          readonly durationMs: number;
          readonly thinkTimeMs?: number;
      };

/** Makes one system ready to submit. */
export interface SystemFactory {
    readonly name: string;
    create(target: Target, workload: Workload, random: Random): Promise<System>;
}

/** Where a run is. */
export interface Progress {
    readonly system: string;
    readonly phase: 'set-up' | 'warm-up' | 'load' | 'drain' | 'verify';
    readonly elapsedMs: number;
    readonly totalMs: number;
    readonly offered: number;
    readonly committed: number;
    readonly ended: number;
}

/** What a run is made of. */
export interface RunOptions {
    readonly network: Network;
    readonly workload: Workload;
    /** The first is the baseline of the ratios. */
    readonly systems: readonly SystemFactory[];
    /** Writes the initial state; not measured. */
    readonly setUpSystem: SystemFactory;
    readonly load: Load;
    /** Load offered before anything is measured, in milliseconds. @default 0 */
    readonly warmUpMs?: number;
    /** How long outstanding answers are waited for after the load, in milliseconds. @default 30000 */
    readonly drainMs?: number;
    /** Same seed, same operations. @default 'goodput' */
    readonly seed?: string;
    /** Ends the run early; what was measured is still reported. */
    readonly signal?: AbortSignal;
    readonly onProgress?: (progress: Progress) => void;
}
