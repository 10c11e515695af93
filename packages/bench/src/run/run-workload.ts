import { availableParallelism, cpus } from 'node:os';
import type { RunReport, SystemReport } from '../report/report.js';
import { checkLoad } from './check-load.js';
import { describeLoad } from './describe-load.js';
import type { RunOptions } from './options.js';
import { runSystem } from './run-system.js';

/** Runs one workload under each system in turn, on one network, and verifies the ledger after each. */
export async function runWorkload(options: RunOptions): Promise<RunReport> {
    const { load, workload, warmUpMs = 0 } = options;
    checkLoad(load, workload);
    // The warm-up is of the same kind: what can be driven for so long.
    if (warmUpMs > 0) checkLoad({ ...load, durationMs: warmUpMs }, workload);
    const startedAt = new Date().toISOString();
    const systems: SystemReport[] = [];
    const aborted = (): boolean => options.signal?.aborted === true;
    for (const factory of options.systems) {
        if (aborted()) break;
        const report = await runSystem(options, factory);
        if (report !== undefined) systems.push(report);
    }
    const processor = cpus()[0]?.model ?? 'unknown processor';
    return {
        form: 'goodput-bench-1',
        startedAt,
        machine: `${availableParallelism()} cores (${processor}), Node.js ${process.version}`,
        network: options.network.name,
        workload: options.workload.name,
        seed: options.seed ?? 'goodput',
        load: describeLoad(options.load),
        systems,
        ...(aborted() && { interrupted: true }),
    };
}
