import { createHash, verify, type KeyObject, type X509Certificate } from 'node:crypto';
import { isLowS, NetworkError, type SigningCurve } from '@goodput/network';
import { attributesOf, type Attributes } from './attributes.js';

/** What a member of an organisation can be, as policies name it. */
export type MemberRole = 'member' | 'client' | 'peer' | 'admin' | 'orderer';

/** An identity that its organisation's MSP has found valid. */
export interface Member {
    readonly mspId: string;
    readonly certificatePem: string;
    /** The certificate in the one form Fabric compares: DER with a low-S signature. */
    readonly certificateDer: Uint8Array;
    /** Unique among identities: two serialized forms of one certificate have the same. */
    readonly identifier: string;
    readonly roles: ReadonlySet<MemberRole>;
    /** The organisational units of the subject, in order. */
    readonly organizationalUnits: readonly string[];
    /** Hash of the authorities' certificates above this one; what an OU policy's certifier is compared with. */
    readonly certifiersIdentifier: Uint8Array;
    /** When the certificate ends. An MSP does not look at this; a peer does, when it gets a proposal. */
    readonly notAfter: Date;
    /** What the enrolment's attribute extension says. */
    readonly attributes: Attributes;
    /** Whether this member made the signature. An ECDSA signature must be in low-S form. */
    verify(message: Uint8Array, signature: Uint8Array): boolean;
}

const CURVES: Readonly<Record<string, SigningCurve>> = { prime256v1: 'P-256', secp384r1: 'P-384' };

function isWellFormed(signature: Uint8Array, curve: SigningCurve): boolean {
    try {
        return isLowS(signature, curve);
    } catch (error) {
        if (error instanceof NetworkError) return false; // not DER: somebody else's bytes, not a fault
        throw error;
    }
}

function verifierOf(key: KeyObject): Member['verify'] {
    if (key.asymmetricKeyType === 'ed25519') {
        return (message, signature) => verify(null, message, key, signature);
    }
    const curve = CURVES[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? 'P-256';
    return (message, signature) =>
        isWellFormed(signature, curve) && verify('sha256', message, key, signature);
}

/** Puts together what an MSP has found out about a certificate. */
export function newMember(found: {
    readonly mspId: string;
    readonly certificate: X509Certificate;
    readonly certificateDer: Uint8Array;
    readonly roles: ReadonlySet<MemberRole>;
    readonly organizationalUnits: readonly string[];
    readonly certifiersIdentifier: Uint8Array;
}): Member {
    const { certificate, ...rest } = found;
    const digest = createHash('sha256').update(found.certificateDer).digest('hex');
    return {
        ...rest,
        certificatePem: certificate.toString(),
        identifier: `${found.mspId}:${digest}`,
        notAfter: new Date(certificate.validTo),
        attributes: attributesOf(certificate),
        verify: verifierOf(certificate.publicKey),
    };
}
