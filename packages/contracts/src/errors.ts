/** Every code a {@link ContractsError} can carry, with what it means. */
export const ERROR_CODES = {
    POLICY_INVALID: 'A policy document is malformed or contradicts itself; nothing was stored.',
    POLICY_REQUEST_INVALID: 'An access request lacks a member or has one of the wrong form.',
} as const;

/** A stable error code of this package. */
export type ContractsErrorCode = keyof typeof ERROR_CODES;

/** What these contracts refuse. A denial of access is not an error but a decision. */
export class ContractsError extends Error {
    override readonly name = 'ContractsError';
    readonly code: ContractsErrorCode;

    constructor(code: ContractsErrorCode, message: string, options?: { readonly cause?: unknown }) {
        super(message, options);
        this.code = code;
    }
}
