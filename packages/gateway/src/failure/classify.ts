import { status as Grpc } from '@grpc/grpc-js';
import { parseContractError } from '@goodput/chaincode/wire';
import { GatewayError, isGatewayError, type GatewayErrorCode } from '../errors.js';
import { grpcFailure, type GrpcFailure } from './grpc-failure.js';

/** The call of Fabric's gateway that failed. */
export type Stage = 'endorse' | 'submit' | 'commit' | 'evaluate';

/**
 * What may be done about a failure:
 * `fail` nothing, `repeat` the same call (it had no effect), `reendorse` once with fresh state,
 * `resolve` by transaction id, because the call may have had its effect.
 */
export type Remedy = 'fail' | 'repeat' | 'reendorse' | 'resolve';

/** A failure understood. */
export interface Classified {
    readonly error: GatewayError;
    readonly remedy: Remedy;
    /** No orderer of the channel takes this transaction, nor ever took it, however often it was sent. */
    readonly never?: boolean;
}

interface Rule {
    readonly code: GatewayErrorCode;
    readonly remedy: Remedy;
    readonly advice: string;
    readonly never?: boolean;
}

const overloaded: Rule = {
    code: 'GATEWAY_OVERLOADED',
    remedy: 'repeat',
    advice: 'Send less at once, or raise the gateway concurrency limit of the peer.',
};
const unavailable: Rule = {
    code: 'GATEWAY_UNAVAILABLE',
    remedy: 'repeat',
    advice: 'Check that the peer and its orderers run and can be reached.',
};
const noEndorsers: Rule = {
    code: 'GATEWAY_NO_ENDORSERS',
    remedy: 'repeat',
    advice: 'Check the name of the chaincode and that it is committed; a network that has just started needs a few seconds.',
};
const noSuchOrganizations: Rule = {
    ...noEndorsers,
    advice: 'Check endorsingOrganizations: each must be the MSP id of an organisation with a peer on the channel that runs the chaincode.',
};
const noChannel: Rule = {
    code: 'GATEWAY_CHANNEL_UNKNOWN',
    remedy: 'fail',
    advice: 'Check the name of the channel in the profile, and that the peers named there have joined it.',
};
const tooLarge: Rule = {
    code: 'GATEWAY_TOO_LARGE',
    remedy: 'fail',
    advice: 'Send fewer or smaller operations in one transaction.',
};
/** Orderers of a channel agree on how large a transaction may be. */
const tooLargeForChannel: Rule = { ...tooLarge, never: true };
const timedOut: Rule = {
    code: 'GATEWAY_TIMED_OUT',
    remedy: 'repeat',
    advice: 'Look for slow chaincode, or give the call a longer time limit.',
};
const mismatch: Rule = {
    code: 'GATEWAY_ENDORSEMENT_MISMATCH',
    remedy: 'reendorse',
    advice: 'If it persists the chaincode is not deterministic, or peers are at different heights.',
};
const notEndorsed: Rule = {
    code: 'GATEWAY_ENDORSEMENT_FAILED',
    remedy: 'repeat',
    advice: 'Look at the log of the chaincode and of the peers named.',
};
const denied: Rule = {
    code: 'GATEWAY_PERMISSION_DENIED',
    remedy: 'fail',
    advice: 'Use an identity that the channel and chaincode policies allow.',
};
const expired: Rule = {
    code: 'GATEWAY_IDENTITY_EXPIRED',
    remedy: 'fail',
    advice: 'Enrol again and connect with the new certificate.',
};
const refused: Rule = {
    code: 'GATEWAY_REQUEST_REFUSED',
    remedy: 'fail',
    advice: 'Check the channel, the chaincode name and the arguments.',
};

/** Wording first: Fabric puts several different troubles under one status. */
function ruleByText({ status, text }: GrpcFailure): Rule | undefined {
    if (/too many requests|concurrency limit/iu.test(text)) return overloaded;
    if (/message payload is \d+ bytes and exceeds maximum allowed/iu.test(text)) {
        return tooLargeForChannel;
    }
    if (/(larger than max|too large|exceeds? (the )?max|message size)/iu.test(text))
        return tooLarge;
    if (/certificate.*(expired|not yet valid)|expired.*certificate/iu.test(text)) return expired;
    if (/do(es)? not match|mismatch|payloads? differ/iu.test(text)) return mismatch;
    if (/no combination of peers|no (peers|endorsers) available|no endorsing peers/iu.test(text)) {
        return noEndorsers;
    }
    if (/failed to find any endorsing peers for org/iu.test(text)) return noSuchOrganizations;
    // Discovery knows of peers enough; those it needs have gone away.
    if (/satisfy the endorsement policy due to unavailability/iu.test(text)) return unavailable;
    if (/could not get last config for channel|channel '[^']*' not found/iu.test(text)) {
        return noChannel;
    }
    if (status === Grpc.ABORTED && /timeout expired|timed out/iu.test(text)) return timedOut;
    return undefined;
}

function ruleByStatus(status: Grpc): Rule {
    switch (status) {
        case Grpc.UNAVAILABLE:
        case Grpc.INTERNAL:
        case Grpc.CANCELLED:
            return unavailable;
        case Grpc.DEADLINE_EXCEEDED:
            return timedOut;
        case Grpc.RESOURCE_EXHAUSTED:
            return overloaded;
        case Grpc.ABORTED:
        case Grpc.UNKNOWN:
            return notEndorsed;
        case Grpc.PERMISSION_DENIED:
        case Grpc.UNAUTHENTICATED:
            return denied;
        default:
            return refused;
    }
}

const contractResponse = /chaincode response (\d+), ([\s\S]*)/u;

function contractRejection(failure: GrpcFailure): Classified | undefined {
    for (const text of [...failure.details, failure.text]) {
        const [, status, message] = contractResponse.exec(text) ?? [];
        if (message === undefined) continue;
        const { code, text: reason } = parseContractError(message);
        const error = new GatewayError(
            'GATEWAY_CONTRACT_REJECTED',
            `The contract refused the operation (status ${status ?? ''}): ${reason}`,
            {
                contractMessage: reason,
                grpcStatus: failure.status,
                ...(code !== undefined && { contractCode: code }),
            },
        );
        return { error, remedy: 'fail' };
    }
    return undefined;
}

/** Only these say for certain that nothing was handed to an orderer. */
function certainlyNotSubmitted(rule: Rule): boolean {
    return rule.code === tooLarge.code || [overloaded, denied, expired].includes(rule);
}

function remedyAt(stage: Stage, rule: Rule): Remedy {
    if (stage !== 'submit') return rule.remedy;
    if (certainlyNotSubmitted(rule) || rule === refused) return rule.remedy;
    return 'resolve';
}

/**
 * Understands what a call of the official client threw: which of our codes it is, and what may be
 * done about it without risking that an operation is applied twice.
 */
export function classify(stage: Stage, error: unknown, transactionId?: string): Classified {
    if (isGatewayError(error)) return { error, remedy: 'fail' };
    const failure = grpcFailure(error);
    if (failure === undefined) {
        const message = error instanceof Error ? error.message : String(error);
        const unknown = new GatewayError(
            'GATEWAY_RESPONSE_MALFORMED',
            `The ${stage} call failed in a way that is not a gRPC status: ${message}.`,
            { cause: error, ...(transactionId !== undefined && { transactionId }) },
        );
        return { error: unknown, remedy: stage === 'submit' ? 'resolve' : 'fail' };
    }
    const rejection = stage === 'submit' ? undefined : contractRejection(failure);
    if (rejection !== undefined) return rejection;
    const rule = ruleByText(failure) ?? ruleByStatus(failure.status);
    const remedy = remedyAt(stage, rule);
    const message = `The ${stage} call failed: ${failure.text}. ${rule.advice}`;
    const classified = new GatewayError(rule.code, message, {
        retryable: remedy === 'repeat' || remedy === 'reendorse',
        grpcStatus: failure.status,
        cause: error,
        ...(transactionId !== undefined && { transactionId }),
    });
    return { error: classified, remedy, ...(rule.never && { never: true }) };
}
