import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Finding } from './finding.js';
import type { NetworkIdentity } from './load-profile.js';
import { nativeSigner } from './native-signer.js';

/** A certificate this close to its end is worth a warning, in milliseconds. */
const SOON_MS = 14 * 24 * 3600 * 1000;

function parse<T>(make: () => T): T | undefined {
    try {
        return make();
    } catch {
        // The caller reports what could not be read, and which file it came from.
        return undefined;
    }
}

function validity(subject: string, certificate: X509Certificate, now: number): Finding {
    const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
    if (now > to) {
        return {
            subject,
            ok: false,
            message: `the certificate expired on ${certificate.validTo}`,
            fix: 'Re-enrol the identity with its certificate authority.',
        };
    }
    if (now < from) {
        return {
            subject,
            ok: false,
            message: `the certificate is not valid before ${certificate.validFrom}`,
            fix: "Check this machine's clock against the network's.",
        };
    }
    const soon = to - now < SOON_MS ? ', which is soon' : '';
    return { subject, ok: true, message: `certificate valid until ${certificate.validTo}${soon}` };
}

/** Whether an identity can sign: certificate and key readable, of a kind Fabric knows, belonging together. */
export function checkIdentity(identity: NetworkIdentity, now: number = Date.now()): Finding[] {
    const subject = `identity ${identity.name} (${identity.mspId})`;
    const certificate = parse(() => new X509Certificate(identity.certificate));
    if (certificate === undefined) {
        return [
            {
                subject,
                ok: false,
                message: 'the certificate is not an X.509 certificate in PEM form',
                fix: 'Point "certificate" at the file in signcerts/ of the identity’s MSP folder.',
            },
        ];
    }
    const key = parse(() => createPrivateKey(identity.privateKey));
    if (key === undefined || parse(() => nativeSigner(identity.privateKey)) === undefined) {
        return [
            {
                subject,
                ok: false,
                message: 'the private key is not a PEM key of ECDSA P-256, ECDSA P-384 or Ed25519',
                fix: 'Point "privateKey" at the file in keystore/ of the identity’s MSP folder.',
            },
        ];
    }
    if (!certificate.checkPrivateKey(key)) {
        return [
            {
                subject,
                ok: false,
                message: 'the private key does not belong to the certificate',
                fix: 'Take certificate and key from the same enrolment.',
            },
        ];
    }
    return [validity(subject, certificate, now)];
}
