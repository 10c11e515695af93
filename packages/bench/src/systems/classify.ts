import {
    CommitStatusError,
    EndorseError,
    GatewayError,
    StatusCode,
} from '@hyperledger/fabric-gateway';
import { status } from '@grpc/grpc-js';
import type { Outcome, OutcomeClass } from '../measure/outcome.js';

// The official client types its codes as plain numbers.
const grpcCodes: Readonly<Record<'resourceExhausted' | 'deadlineExceeded', number>> = {
    resourceExhausted: status.RESOURCE_EXHAUSTED,
    deadlineExceeded: status.DEADLINE_EXCEEDED,
};

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
    const messages = [error.message, ...error.details.map(({ message }) => message)];
    if (messages.some((message) => message.includes('too many requests'))) return 'overload';
    if (error.code === grpcCodes.resourceExhausted) return 'overload';
    if (error instanceof EndorseError) {
        return messages.some(isContractsOwn) ? 'rejected' : 'endorsement-failed';
    }
    if (error instanceof CommitStatusError || error.code === grpcCodes.deadlineExceeded) {
        return 'timeout';
    }
    return 'failed';
}

/** What an error of the official client means for the operation. */
export function outcomeOfError(error: unknown): Outcome {
    if (!(error instanceof GatewayError)) {
        return { class: 'failed', detail: error instanceof Error ? error.message : String(error) };
    }
    const detail = error.details[0]?.message ?? error.message;
    return { class: classOf(error), detail: detail.slice(0, 200) };
}
