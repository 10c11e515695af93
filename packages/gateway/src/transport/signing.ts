import { X509Certificate } from 'node:crypto';
import { hash, type Hash, type Identity, type Signer } from '@hyperledger/fabric-gateway';
import { nativeSigner, type NetworkIdentity } from '@goodput/network';
import { GatewayError } from '../errors.js';

/** Signs somewhere else: an HSM, a signing service, another identity of the application. */
export interface CustomSigner {
    readonly mspId: string;
    /** PEM. */
    readonly certificate: string;
    /** Signs what `hash` makes of a message. */
    readonly signer: Signer;
    /** @default the official client's SHA-256 */
    readonly hash?: Hash;
}

/** What the official client is connected with. */
export interface Signing {
    readonly identity: Identity;
    readonly signer: Signer;
    readonly hash: Hash;
}

/** When a certificate is valid, as `Date.now()` values and as it says itself. */
interface Validity {
    readonly from: number;
    readonly to: number;
    readonly certificate: X509Certificate;
}

function validityOf(certificatePem: string): Validity {
    try {
        const certificate = new X509Certificate(certificatePem);
        const { validFrom, validTo } = certificate;
        return { certificate, from: Date.parse(validFrom), to: Date.parse(validTo) };
    } catch (cause) {
        throw new GatewayError(
            'GATEWAY_OPTIONS_INVALID',
            `The certificate of the identity is not a PEM certificate: ${String(cause)}.`,
            { cause },
        );
    }
}

function notCurrent(
    { from, to, certificate }: Validity,
    cause?: unknown,
): GatewayError | undefined {
    const now = Date.now();
    if (now >= from && now <= to) return undefined;
    const { validFrom, validTo } = certificate;
    const when = now > to ? `expired on ${validTo}` : `begins ${validFrom}`;
    return new GatewayError(
        'GATEWAY_IDENTITY_EXPIRED',
        `The certificate of the identity ${when}. Enrol again and connect with the new certificate.`,
        { cause },
    );
}

/** Refuses a certificate that the network would refuse with every single call. */
export function assertCurrent(certificatePem: string): void {
    const expired = notCurrent(validityOf(certificatePem));
    if (expired !== undefined) throw expired;
}

/**
 * Says of a call that failed whether it had to, because the certificate has expired meanwhile: peers
 * answer that with no more than that access is denied.
 */
export function expiryTeller(certificatePem: string): (cause: unknown) => GatewayError | undefined {
    const validity = validityOf(certificatePem);
    return (cause) => notCurrent(validity, cause);
}

/** The identity of a profile signs on Node's own cryptography; a custom signer is passed on as it is. */
export function signingOf(identity: NetworkIdentity | CustomSigner): Signing {
    const { mspId, certificate } = identity;
    const credentials = Buffer.from(certificate);
    if ('signer' in identity) {
        const { signer } = identity;
        return { identity: { mspId, credentials }, signer, hash: identity.hash ?? hash.sha256 };
    }
    const { sign } = nativeSigner(identity.privateKey);
    return { identity: { mspId, credentials }, signer: sign, hash: hash.none };
}
