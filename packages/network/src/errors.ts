/** Every code a {@link NetworkError} can carry, with what it means. */
export const ERROR_CODES = {
    NETWORK_PROFILE_UNREADABLE: 'The profile, or a file it points to, cannot be read.',
    NETWORK_PROFILE_NOT_JSON: 'The profile is not JSON.',
    NETWORK_PROFILE_INVALID: 'A member of the profile is missing or has the wrong form.',
    NETWORK_IDENTITY_UNKNOWN: 'The profile has no identity of that name.',
    NETWORK_PEER_UNKNOWN: 'The profile has no peer of that name.',
    NETWORK_KEY_UNSUPPORTED: 'The private key is not ECDSA P-256, ECDSA P-384 or Ed25519.',
    NETWORK_SIGNATURE_MALFORMED: 'An ECDSA signature is not in DER form.',
} as const;

/** A stable error code of this package. */
export type NetworkErrorCode = keyof typeof ERROR_CODES;

/** What went wrong while reading a network profile or preparing to use it. */
export class NetworkError extends Error {
    override readonly name = 'NetworkError';
    readonly code: NetworkErrorCode;

    constructor(code: NetworkErrorCode, message: string, options?: { readonly cause?: unknown }) {
        super(message, options);
        this.code = code;
    }
}
