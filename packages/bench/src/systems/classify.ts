import {
    CommitStatusError,
    EndorseError,
    GatewayError,
    StatusCode,
} from '@hyperledger/fabric-gateway';
import { status } from '@grpc/grpc-js';
import type { Outcome, OutcomeClass } from '../measure/outcome.js';

// The official client types its codes as plain numbers.
const RESOURCE_EXHAUSTED: number = status.RESOURCE_EXHAUSTED;

/** With these a gateway refuses to order a transaction; with any other, an orderer may have it already. */
const notOrdered = new Set<number>([
    status.ABORTED,
    status.FAILED_PRECONDITION,
    status.INVALID_ARGUMENT,
    status.PERMISSION_DENIED,
]);

const codes: Readonly<Record<number, OutcomeClass>> = {
    [StatusCode.MVCC_READ_CONFLICT]: 'mvcc-conflict',
    [StatusCode.PHANTOM_READ_CONFLICT]: 'phantom-conflict',
};

/** The outcome of a transaction that was committed, as valid or not. */
export function outcomeOfCode(code: number): OutcomeClass {
    return code === 0 ? 'committed' : (codes[code] ?? 'invalid');
}

function isContractsOwn(message: string): boolean {
    // How a peer words that a contract answered with an error of its own.
    return /chaincode response [45]\d\d/.test(message);
}

function classOf(error: GatewayError): OutcomeClass {
    // It was ordered, whatever the reason that nothing is known of its verdict: a busy gateway refuses
    // to answer this question with the same words as any other.
    if (error instanceof CommitStatusError) return 'timeout';
    const messages = [error.message, ...error.details.map(({ message }) => message)];
    if (messages.some((message) => message.includes('too many requests'))) return 'overload';
    if (error.code === RESOURCE_EXHAUSTED) return 'overload';
    if (error instanceof EndorseError) {
        return messages.some(isContractsOwn) ? 'rejected' : 'endorsement-failed';
    }
    // What is left failed while it was submitted.
    return notOrdered.has(error.code) ? 'failed' : 'timeout';
}

/** What an error of the official client means for the operation. */
export function outcomeOfError(error: unknown): Outcome {
    if (!(error instanceof GatewayError)) {
        return { class: 'failed', detail: error instanceof Error ? error.message : String(error) };
    }
    const detail = error.details[0]?.message ?? error.message;
    return { class: classOf(error), detail: detail.slice(0, 200) };
}
