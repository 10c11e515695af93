import { availableParallelism, cpus } from 'node:os';
import type { RunReport, SystemReport } from '../report/report.js';
import { describeLoad } from './describe-load.js';
import { populationFor } from './offer-load.js';
import type { RunOptions } from './options.js';
import { runSystem } from './run-system.js';

/** Runs one workload under each system in turn, on one network, and verifies the ledger after each. */
export async function runWorkload(options: RunOptions): Promise<RunReport> {
    const { load, workload } = options;
    if (load.kind === 'open' && load.schedule.kind === 'day') populationFor(workload.population);
    const startedAt = new Date().toISOString();
    const systems: SystemReport[] = [];
    const aborted = (): boolean => options.signal?.aborted === true;
    for (const factory of options.systems) {
        if (!aborted()) systems.push(await runSystem(options, factory));
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
