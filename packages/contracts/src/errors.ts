import { ContractError, type JsonValue } from '@goodput/chaincode';

/** Every code a {@link ContractsError} can carry, with what it means. */
export const ERROR_CODES = {
    POLICY_INVALID: 'A policy document is malformed or contradicts itself; nothing was stored.',
    POLICY_REQUEST_INVALID: 'An access request lacks a member or has one of the wrong form.',
    POLICY_CONSENT_INVALID: 'A consent is malformed, or has no equivalent in this model.',
    POLICY_GRANT_INVALID: 'A grant, delegation, care team or break-glass entry is not allowed.',
    POLICY_DENIED: 'Access was denied, and the caller asked for an error in that case.',
    POLICY_NOT_ADMINISTRATOR: 'The caller may not administer what it tried to change.',
    POLICY_SAME_PERSON: 'A change needs a second person, and the first one tried to be both.',
    POLICY_VERSION_CHANGED: 'A policy, draft or consent has another version than expected.',
    POLICY_NOT_FOUND: 'There is no such policy, version, draft, grant or consent.',
    AUDIT_RECORD_INVALID: 'An audit record lacks a member or has one of the wrong form.',
    AUDIT_QUERY_INVALID: 'An audit query, or its bookmark, has not the documented form.',
    AUDIT_BATCH_TOO_LARGE: 'More records than one call may append.',
    AUDIT_BUCKET_OPEN: 'A bucket can still be written, or one before it waits to be sealed.',
    AUDIT_BUCKET_SEALED: 'The bucket is sealed already, or a later one is.',
    AUDIT_NOT_SEALED: 'A proof was asked for what no seal covers.',
} as const;

/** A stable error code of this package. */
export type ContractsErrorCode = keyof typeof ERROR_CODES;

/** What these contracts refuse. A denial of access is not an error but a decision. */
export class ContractsError extends ContractError {
    declare readonly code: ContractsErrorCode;

    constructor(
        code: ContractsErrorCode,
        text: string,
        details?: JsonValue,
        options?: ErrorOptions,
    ) {
        super(code, text, details, options);
        this.name = 'ContractsError';
    }
}
