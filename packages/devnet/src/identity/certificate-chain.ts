import { createHash, type X509Certificate } from 'node:crypto';
import { sanitizedCertificate } from './certificate.js';

/** The authorities an MSP trusts, and the chains that lead to them. */
export class CertificationTree {
    readonly #roots: readonly X509Certificate[];
    readonly #intermediates: readonly X509Certificate[];
    // Authorities that certify other authorities may not certify identities.
    readonly #internal: ReadonlySet<string>;

    constructor(roots: readonly X509Certificate[], intermediates: readonly X509Certificate[]) {
        this.#roots = roots;
        this.#intermediates = intermediates;
        const above = intermediates.flatMap((authority) => this.chains(authority).flatMap(parents));
        this.#internal = new Set(above.map((authority) => authority.fingerprint256));
    }

    /** Every chain from `certificate` up to a root, each beginning with the certificate itself. */
    chains(certificate: X509Certificate): readonly (readonly X509Certificate[])[] {
        const issuedBy = (authority: X509Certificate): boolean =>
            authority.ca &&
            certificate.checkIssued(authority) &&
            certificate.verify(authority.publicKey);
        const direct = this.#roots.filter(issuedBy).map((root) => [certificate, root]);
        const through = this.#intermediates
            .filter((authority) => authority !== certificate && issuedBy(authority))
            .flatMap((authority) => this.chains(authority))
            .map((chain) => [certificate, ...chain]);
        return [...direct, ...through];
    }

    /** Whether the authority certifies other authorities. */
    isInternal(authority: X509Certificate): boolean {
        return this.#internal.has(authority.fingerprint256);
    }
}

function parents(chain: readonly X509Certificate[]): readonly X509Certificate[] {
    return chain.slice(1);
}

/** Fabric's name for a chain of authorities: the hash of their certificates, one after the other. */
export function chainIdentifier(authorities: readonly X509Certificate[]): Buffer {
    const hash = createHash('sha256');
    for (const authority of authorities) hash.update(sanitizedCertificate(authority));
    return hash.digest();
}
