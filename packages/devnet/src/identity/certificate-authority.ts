import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { DevnetError } from '../errors.js';
import { attributesJson, type Attributes } from './attributes.js';
import { issueCertificate, type DistinguishedName, type Issuer } from './certificate.js';
import { signingIdentity, type SigningIdentity } from './signing-identity.js';

/** What an identity is to its organisation; written into the certificate as a node OU. */
export type NodeRole = 'client' | 'peer' | 'admin' | 'orderer';

const ROLES: readonly NodeRole[] = ['client', 'peer', 'admin', 'orderer'];

/** How to set up an organisation's authority. */
export interface CertificateAuthorityOptions {
    /** The organisation's membership service provider, e.g. `Org1MSP`. */
    readonly mspId: string;
    /** The organisation's domain, e.g. `org1.example.com`. */
    readonly domain: string;
    /** The time identities are issued at; the system's by default, and always for TLS. */
    readonly clock?: () => Date;
}

/** Somebody to enrol. */
export interface Enrolment {
    /** Unique in the organisation, e.g. `user1`; the certificate's common name. */
    readonly name: string;
    readonly role: NodeRole;
    /** Attributes chaincode can decide on. The three `hf.` ones a Fabric CA adds are always there. */
    readonly attributes?: Attributes;
    /** An organisational unit beside the role, e.g. `department1`; `a.b` gives two, as a Fabric CA's affiliation does. */
    readonly ou?: string;
    /** Ten years from now by default. */
    readonly notAfter?: Date;
    /** Ed25519 needs a network whose capabilities know it (Fabric 3). ECDSA P-256 by default. */
    readonly keyType?: 'ecdsa' | 'ed25519';
}

/** What an authority is made of: keep it, and the authority can be restored. */
export interface AuthorityMaterial {
    readonly mspId: string;
    readonly domain: string;
    readonly rootCertificate: string;
    readonly privateKey: string;
    readonly tlsRootCertificate: string;
    readonly tlsPrivateKey: string;
}

const YEAR_MS = 365 * 24 * 3600 * 1000;
// Machines disagree a little about the time: a certificate is valid from a little before its issue.
const BACKDATE_MS = 5 * 60 * 1000;

function newKeys(keyType: 'ecdsa' | 'ed25519' = 'ecdsa'): {
    readonly publicKey: KeyObject;
    readonly privateKey: KeyObject;
} {
    if (keyType === 'ed25519') return generateKeyPairSync('ed25519');
    return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function privatePem(key: KeyObject): string {
    return key.export({ type: 'pkcs8', format: 'pem' }) as string;
}

function authorityName(domain: string, host: string): DistinguishedName {
    return [
        ['C', 'US'],
        ['ST', 'California'],
        ['L', 'San Francisco'],
        ['O', domain],
        ['CN', `${host}.${domain}`],
    ];
}

function newRoot(subject: DistinguishedName, now: Date): Issuer & { readonly certificate: string } {
    const { publicKey, privateKey } = newKeys();
    const certificate = issueCertificate(
        {
            subject,
            publicKey,
            use: 'authority',
            // Long enough ago for identities that are to be expired already: an identity that began
            // before its authority did would be refused for that.
            notBefore: new Date(now.getTime() - YEAR_MS),
            notAfter: new Date(now.getTime() + 15 * YEAR_MS),
        },
        { subject, privateKey },
    );
    return { subject, privateKey, certificate };
}

function refuse(message: string): never {
    throw new DevnetError('DEVNET_ENROLMENT_INVALID', message);
}

/**
 * An organisation's certificate authority: enrols identities and issues TLS certificates.
 *
 * @example
 * ```ts
 * const ca = await CertificateAuthority.create({ mspId: 'Org1MSP', domain: 'org1.example.com' });
 * const alice = await ca.enrol({ name: 'alice', role: 'client', attributes: { doctor: 'yes' } });
 * ```
 */
export class CertificateAuthority {
    readonly mspId: string;
    readonly domain: string;
    /** PEM. */
    readonly rootCertificate: string;
    /** PEM. */
    readonly tlsRootCertificate: string;
    readonly #issuer: Issuer;
    readonly #tlsIssuer: Issuer;
    readonly #clock: () => Date;

    private constructor(
        options: CertificateAuthorityOptions,
        root: Issuer & { readonly certificate: string },
        tlsRoot: Issuer & { readonly certificate: string },
    ) {
        this.mspId = options.mspId;
        this.domain = options.domain;
        this.rootCertificate = root.certificate;
        this.tlsRootCertificate = tlsRoot.certificate;
        this.#issuer = root;
        this.#tlsIssuer = tlsRoot;
        this.#clock = options.clock ?? (() => new Date());
    }

    /** A new authority, with new keys. */
    static create(options: CertificateAuthorityOptions): Promise<CertificateAuthority> {
        return Promise.resolve().then(() => {
            if (!/^[A-Za-z0-9.-]+$/.test(options.mspId)) {
                refuse(
                    `An MSP's id is made of letters, digits, "." and "-"; got ${JSON.stringify(options.mspId)}.`,
                );
            }
            const now = (options.clock ?? (() => new Date()))();
            const root = newRoot(authorityName(options.domain, 'ca'), now);
            const tlsRoot = newRoot(authorityName(options.domain, 'tlsca'), new Date());
            return new CertificateAuthority(options, root, tlsRoot);
        });
    }

    /** An authority as it was when {@link CertificateAuthority.material} was taken of it. */
    static restore(material: AuthorityMaterial, clock?: () => Date): CertificateAuthority {
        const { mspId, domain } = material;
        const root = {
            subject: authorityName(domain, 'ca'),
            privateKey: createPrivateKey(material.privateKey),
            certificate: material.rootCertificate,
        };
        const tlsRoot = {
            subject: authorityName(domain, 'tlsca'),
            privateKey: createPrivateKey(material.tlsPrivateKey),
            certificate: material.tlsRootCertificate,
        };
        return new CertificateAuthority({ mspId, domain, ...(clock && { clock }) }, root, tlsRoot);
    }

    /** Everything {@link CertificateAuthority.restore} needs, private keys included. */
    material(): AuthorityMaterial {
        return {
            mspId: this.mspId,
            domain: this.domain,
            rootCertificate: this.rootCertificate,
            privateKey: privatePem(this.#issuer.privateKey),
            tlsRootCertificate: this.tlsRootCertificate,
            tlsPrivateKey: privatePem(this.#tlsIssuer.privateKey),
        };
    }

    #validity(clock: Date, notAfter?: Date): { readonly notBefore: Date; readonly notAfter: Date } {
        const now = clock.getTime();
        const until = notAfter ?? new Date(now + 10 * YEAR_MS);
        // An identity that is to be expired already must still begin before it ends.
        const notBefore = new Date(Math.min(now, until.getTime()) - BACKDATE_MS);
        return { notBefore, notAfter: until };
    }

    /** Enrols somebody: a new key pair and a certificate that says who and what they are. */
    enrol(enrolment: Enrolment): Promise<SigningIdentity> {
        return Promise.resolve().then(() => this.#enrol(enrolment));
    }

    #enrol(enrolment: Enrolment): SigningIdentity {
        const { name, role, ou, attributes = {} } = enrolment;
        if (name.trim() === '') refuse('An enrolment needs a name; got an empty one.');
        // Names become files when an organisation is exported.
        if (/[/\\\p{Cc}]/u.test(name) || name.startsWith('.')) {
            refuse(
                `A name has no slashes and control characters and does not begin with a dot; got ${JSON.stringify(name)}.`,
            );
        }
        if (!ROLES.includes(role)) {
            refuse(`A role is one of ${ROLES.join(', ')}; got ${JSON.stringify(role)}.`);
        }
        if (enrolment.notAfter && Number.isNaN(enrolment.notAfter.getTime())) {
            refuse('notAfter is not a date.');
        }
        const { publicKey, privateKey } = newKeys(enrolment.keyType);
        const affiliation = ou === undefined ? [] : ou.split('.');
        const units = affiliation.map((unit) => ['OU', unit] as const);
        const given = {
            'hf.Affiliation': ou ?? '',
            'hf.EnrollmentID': name,
            'hf.Type': role,
            ...attributes,
        };
        const certificate = issueCertificate(
            {
                subject: [
                    ['C', 'US'],
                    ['ST', 'California'],
                    ['L', 'San Francisco'],
                    ['OU', role],
                    ...units,
                    ['CN', name],
                ],
                publicKey,
                use: 'identity',
                attributes: attributesJson(given),
                ...this.#validity(this.#clock(), enrolment.notAfter),
            },
            this.#issuer,
        );
        return signingIdentity({
            mspId: this.mspId,
            name,
            certificate,
            privateKey: privatePem(privateKey),
        });
    }

    /** A TLS certificate, for servers and clients alike, for the given host names and addresses. */
    tlsCertificate(request: {
        readonly hosts: readonly string[];
    }): Promise<{ readonly certificate: string; readonly privateKey: string }> {
        return Promise.resolve().then(() => {
            const { hosts } = request;
            const [first] = hosts;
            if (first === undefined) refuse('A TLS certificate needs at least one host.');
            const { publicKey, privateKey } = newKeys();
            const certificate = issueCertificate(
                {
                    subject: [
                        ['C', 'US'],
                        ['ST', 'California'],
                        ['L', 'San Francisco'],
                        ['CN', first],
                    ],
                    publicKey,
                    use: 'tls',
                    hosts,
                    // Whoever connects looks at the system's clock, whatever the time is here.
                    ...this.#validity(new Date()),
                },
                this.#tlsIssuer,
            );
            return { certificate, privateKey: privatePem(privateKey) };
        });
    }
}
