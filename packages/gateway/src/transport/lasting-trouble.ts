import { GatewayError, type GatewayErrorCode } from '../errors.js';
import { classify } from '../failure/classify.js';

/** Failures after which trying again is of no use until somebody has done something. */
const lasting = new Set<GatewayErrorCode>([
    'GATEWAY_PERMISSION_DENIED',
    'GATEWAY_IDENTITY_EXPIRED',
    'GATEWAY_CHANNEL_UNKNOWN',
]);

/** How the official client says that a peer has ended a stream of blocks with the status FORBIDDEN. */
const forbidden = /unexpected status response: 403/iu;

/**
 * Why a stream of blocks will break again and again; undefined when it may well not.
 *
 * @param expired - whether a failure is due to the certificate
 */
export function lastingTrouble(
    error: unknown,
    expired: (cause: unknown) => GatewayError | undefined,
): GatewayError | undefined {
    if (error instanceof Error && forbidden.test(error.message)) {
        const denied = new GatewayError(
            'GATEWAY_PERMISSION_DENIED',
            'The peer does not let this identity follow the blocks of the channel. Use an identity that the Readers policy of the channel admits.',
            { cause: error },
        );
        return expired(error) ?? denied;
    }
    const { error: known } = classify('evaluate', error);
    return lasting.has(known.code) ? (expired(error) ?? known) : undefined;
}
