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

/** Refuses a certificate that the network would refuse with every single call. */
export function assertCurrent(certificatePem: string, now = Date.now()): void {
    let certificate: X509Certificate;
    try {
        certificate = new X509Certificate(certificatePem);
    } catch (cause) {
        throw new GatewayError(
            'GATEWAY_OPTIONS_INVALID',
            `The certificate of the identity is not a PEM certificate: ${String(cause)}.`,
            { cause },
        );
    }
    const from = Date.parse(certificate.validFrom);
    const to = Date.parse(certificate.validTo);
    if (now >= from && now <= to) return;
    const when = now > to ? `expired on ${certificate.validTo}` : `begins ${certificate.validFrom}`;
    throw new GatewayError(
        'GATEWAY_IDENTITY_EXPIRED',
        `The certificate of the identity ${when}. Enrol again and connect with the new certificate.`,
    );
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
