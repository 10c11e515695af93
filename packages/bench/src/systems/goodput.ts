import { connect, isGatewayError, type Receipt, type StrategyChoice } from '@goodput/gateway';
import type { Outcome, OutcomeClass } from '../measure/outcome.js';
import type { Workload } from '../workloads/workload.js';
import type { Target } from './plain.js';
import type { System } from './system.js';

const failures: Readonly<Record<string, OutcomeClass>> = {
    GATEWAY_MVCC_CONFLICT: 'mvcc-conflict',
    GATEWAY_PHANTOM_CONFLICT: 'phantom-conflict',
    GATEWAY_ENDORSEMENT_POLICY: 'invalid',
    GATEWAY_TRANSACTION_INVALID: 'invalid',
    GATEWAY_ENDORSEMENT_FAILED: 'endorsement-failed',
    GATEWAY_ENDORSEMENT_MISMATCH: 'endorsement-failed',
    QUEUE_FULL: 'overload',
    GATEWAY_OVERLOADED: 'overload',
    GATEWAY_OUTCOME_UNKNOWN: 'timeout',
};

/** How long closing waits for what is under way. */
const DRAIN_MS = 5_000;

function outcomeOfReceipt(receipt: Receipt): Outcome {
    // A shared transaction is counted in full at its operations' shares, so that the sum is right.
    const transactions = receipt.attempts / receipt.batchSize;
    if (receipt.outcome === 'committed') {
        const { transactionId } = receipt;
        return { class: 'committed', transactionId, result: receipt.text(), transactions };
    }
    const { code, message } = receipt.error;
    const detail = `${code}: ${message}`.slice(0, 200);
    const failed = receipt.outcome === 'rejected' ? 'rejected' : (failures[code] ?? 'failed');
    return { class: failed, transactions, detail };
}

function outcomeOfRefusal(error: unknown): Outcome {
    if (!isGatewayError(error)) return { class: 'failed', detail: String(error) };
    return { class: failures[error.code] ?? 'failed', detail: `${error.code}: ${error.message}` };
}

/** Our client with one strategy, or with the choice left to it. */
export async function goodputSystem(
    target: Target,
    workload: Workload,
    strategy: StrategyChoice,
): Promise<System> {
    const client = await connect(target.network, {
        strategy,
        ...(target.identity !== undefined && { identity: target.identity }),
    });
    const contract = client.contract(target.chaincode, {
        ...(target.contract !== undefined && { contract: target.contract }),
    });
    return {
        name: `goodput ${strategy}`,
        submit: async ({ id, name, args }) => {
            try {
                const keys = workload.keys?.({ name, args });
                const ticket = await contract.submitAsync(name, [id, ...args], {
                    ...(keys && { keys }),
                });
                return outcomeOfReceipt(await ticket.receipt);
            } catch (error) {
                return outcomeOfRefusal(error);
            }
        },
        // Whoever measures has waited long enough before.
        close: () => client.close({ drainMs: DRAIN_MS }),
    };
}
