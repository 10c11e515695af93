import type { Outcome } from '../measure/outcome.js';
import type { IdentifiedOperation } from '../systems/system.js';
import type { WorkloadOperation } from '../workloads/workload.js';

/** An operation that was asked for, and what the system said became of it. */
export interface Reported extends Pick<Outcome, 'class' | 'transactionId' | 'result'> {
    readonly operation: WorkloadOperation;
}

/** What is held against the ledger of an operation and its outcome. */
export function reportedOf(operation: IdentifiedOperation, outcome: Outcome): Reported {
    const { class: told, transactionId, result } = outcome;
    return {
        operation,
        class: told,
        ...(transactionId !== undefined && { transactionId }),
        ...(result !== undefined && { result }),
    };
}
