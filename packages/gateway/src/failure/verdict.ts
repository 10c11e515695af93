import { GatewayError, type GatewayErrorCode } from '../errors.js';
import type { Classified, Remedy } from './classify.js';

/** Validation codes of a block that mean something of their own to a client. */
export const Verdict = {
    valid: 0,
    duplicateTransactionId: 9,
    endorsementPolicyFailure: 10,
    mvccReadConflict: 11,
    phantomReadConflict: 12,
    expiredChaincode: 16,
} as const;

interface Rule {
    readonly code: GatewayErrorCode;
    readonly remedy: Remedy;
    readonly text: string;
}

const rules = new Map<number, Rule>([
    [
        Verdict.mvccReadConflict,
        {
            code: 'GATEWAY_MVCC_CONFLICT',
            remedy: 'reendorse',
            text: 'a key it had read was changed by another transaction',
        },
    ],
    [
        Verdict.phantomReadConflict,
        {
            code: 'GATEWAY_PHANTOM_CONFLICT',
            remedy: 'reendorse',
            text: 'a range it had scanned was changed by another transaction',
        },
    ],
    [
        Verdict.endorsementPolicyFailure,
        {
            code: 'GATEWAY_ENDORSEMENT_POLICY',
            remedy: 'reendorse',
            text: 'its endorsements do not satisfy the policy',
        },
    ],
    [
        Verdict.expiredChaincode,
        {
            code: 'GATEWAY_TRANSACTION_INVALID',
            remedy: 'reendorse',
            text: 'the chaincode was upgraded in between',
        },
    ],
]);

const other: Rule = {
    code: 'GATEWAY_TRANSACTION_INVALID',
    remedy: 'fail',
    text: 'see the log of the peer',
};

/**
 * Understands the verdict on a transaction that was ordered and not valid. Nothing of such a
 * transaction is applied, so doing it again under a new id is always safe.
 */
export function classifyVerdict(transactionId: string, validationCode: number): Classified {
    const rule = rules.get(validationCode) ?? other;
    const error = new GatewayError(
        rule.code,
        `Transaction ${transactionId} was ordered but not applied (code ${validationCode}): ${rule.text}.`,
        { transactionId, validationCode, retryable: rule.remedy === 'reendorse' },
    );
    return { error, remedy: rule.remedy };
}
