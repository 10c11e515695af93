import { BenchError } from '../errors.js';
import { reportedOf, type Reported } from '../verify/reported.js';
import type { System } from '../systems/system.js';
import type { WorkloadOperation } from '../workloads/workload.js';

/** Set-up operations under way at once. */
const CONCURRENCY = 200;

function refuse({ name, args }: WorkloadOperation, outcome: string, detail = 'no detail'): never {
    throw new BenchError(
        'BENCH_PREPARATION_FAILED',
        `The initial state could not be written: ${name}(${args.join(', ')}) ended as ${outcome}: ${detail}. Check that the chaincode of the workload is the one deployed.`,
    );
}

/** Writes the initial state of a workload. Throws `BENCH_PREPARATION_FAILED` when any part fails; ends early at the signal. */
export async function setUp(
    system: System,
    operations: readonly WorkloadOperation[],
    idPrefix: string,
    reported: Map<string, Reported>,
    signal?: AbortSignal,
): Promise<void> {
    const left = operations.map((operation, index) => ({
        id: `${idPrefix}${index}`,
        ...operation,
    }));
    left.reverse();
    const work = async (): Promise<void> => {
        for (let operation = left.pop(); operation !== undefined; operation = left.pop()) {
            if (signal?.aborted === true) return;
            const outcome = await system.submit(operation);
            if (outcome.class !== 'committed') refuse(operation, outcome.class, outcome.detail);
            reported.set(operation.id, reportedOf(operation, outcome));
        }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
}
