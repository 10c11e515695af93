/** Every code a {@link GatewayError} can carry, with what it means. */
export const ERROR_CODES = {
    QUEUE_FULL: 'The client already holds as many operations as it may; nothing was accepted.',
    GATEWAY_OPTIONS_INVALID: 'An option or argument has the wrong form.',
    GATEWAY_CLOSED: 'The client is closed or closing.',
    GATEWAY_CANCELLED: 'The caller cancelled before anything was sent to the orderer.',
    GATEWAY_DEADLINE_PASSED:
        "The operation's deadline passed before anything was sent to the orderer.",
    GATEWAY_CONTRACT_REJECTED: 'The contract itself refused the operation.',
    GATEWAY_MVCC_CONFLICT: 'Another transaction changed a key that this one had read.',
    GATEWAY_PHANTOM_CONFLICT: 'Another transaction changed a range that this one had scanned.',
    GATEWAY_ENDORSEMENT_MISMATCH: 'Endorsing peers came to different results.',
    GATEWAY_ENDORSEMENT_FAILED: 'No sufficient set of peers could execute the transaction.',
    GATEWAY_ENDORSEMENT_POLICY:
        'The endorsements did not satisfy the policy when it was validated.',
    GATEWAY_TRANSACTION_INVALID:
        'The transaction was ordered and found invalid for another reason.',
    GATEWAY_OVERLOADED: 'The peer refused more concurrent requests.',
    GATEWAY_NO_ENDORSERS: 'No combination of reachable peers can run this chaincode.',
    GATEWAY_CHANNEL_UNKNOWN: 'No peer that could be reached is on the channel.',
    GATEWAY_ENDORSER_BEHIND: 'Endorsing peers lack blocks that are known to be committed.',
    GATEWAY_UNAVAILABLE: 'No peer, or no orderer behind it, could be reached.',
    GATEWAY_TIMED_OUT: 'A call took longer than its time limit.',
    GATEWAY_PERMISSION_DENIED: 'The network does not let this identity do that.',
    GATEWAY_IDENTITY_EXPIRED: 'The certificate of the identity is not valid at this time.',
    GATEWAY_REQUEST_REFUSED: 'The peer or orderer refused the request as such.',
    GATEWAY_TOO_LARGE: 'A message is larger than the network, or the queue, takes.',
    GATEWAY_OUTCOME_UNKNOWN:
        'The transaction was sent, and whether it committed could not be learnt.',
    GATEWAY_RESPONSE_MALFORMED: 'An answer could not be understood.',
    GATEWAY_OUTBOX_UNUSABLE: 'The outbox cannot be opened, read or written.',
    GATEWAY_CHECKPOINT_UNUSABLE: 'A checkpoint file cannot be read or written.',
    GATEWAY_HANDLER_FAILED: 'An event handler failed, and the stream was told to stop at that.',
} as const;

/** A stable error code of this package. */
export type GatewayErrorCode = keyof typeof ERROR_CODES;

/** What is known about a failure beside its code and message. */
export interface GatewayErrorFields {
    /**
     * Whether submitting the same operation again is safe and may help. False whenever the first one
     * may have been applied.
     */
    readonly retryable?: boolean;
    /** The transaction that failed, when one had been made. */
    readonly transactionId?: string;
    /** The gRPC status that a peer answered with. */
    readonly grpcStatus?: number;
    /** The verdict in the block, where the transaction got that far. */
    readonly validationCode?: number;
    /** What the contract said. */
    readonly contractMessage?: string;
    /** The contract's own error code, where it gave one. */
    readonly contractCode?: string;
    /** When to try again, in milliseconds from now. */
    readonly retryAfterMs?: number;
    readonly cause?: unknown;
}

/** What went wrong with an operation, a read or a stream. Check its `code`, never its message. */
export class GatewayError extends Error {
    override readonly name = 'GatewayError';
    readonly code: GatewayErrorCode;
    /** Whether submitting the same operation again is safe and may help. */
    readonly retryable: boolean;
    readonly transactionId?: string;
    readonly grpcStatus?: number;
    readonly validationCode?: number;
    readonly contractMessage?: string;
    readonly contractCode?: string;
    readonly retryAfterMs?: number;

    constructor(code: GatewayErrorCode, message: string, fields: GatewayErrorFields = {}) {
        const { cause, retryable = false, ...rest } = fields;
        super(message, cause === undefined ? undefined : { cause });
        this.code = code;
        this.retryable = retryable;
        Object.assign(this, rest);
    }
}

/** Whether something thrown is an error of this package, also across two copies of it. */
export function isGatewayError(error: unknown): error is GatewayError {
    // The official client has an error of the same name, whose codes are numbers.
    return (
        error instanceof Error &&
        error.name === 'GatewayError' &&
        'code' in error &&
        typeof error.code === 'string'
    );
}
