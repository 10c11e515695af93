import { CertificateAuthority, type Enrolment } from '../identity/certificate-authority.js';
import { Msp } from '../identity/msp.js';
import type { MspOptions } from '../identity/msp-config.js';
import type { SigningIdentity } from '../identity/signing-identity.js';
import type { OrganizationOptions } from './options.js';

/** An organisation of the network: its authority, and those it has enrolled. */
export class Organization {
    readonly mspId: string;
    readonly domain: string;
    readonly authority: CertificateAuthority;
    readonly msp: Msp;
    readonly mspOptions: MspOptions;
    readonly admin: SigningIdentity;
    readonly #users = new Map<string, SigningIdentity>();

    private constructor(authority: CertificateAuthority, admin: SigningIdentity) {
        this.mspId = authority.mspId;
        this.domain = authority.domain;
        this.authority = authority;
        this.admin = admin;
        this.mspOptions = {
            mspId: authority.mspId,
            rootCertificates: [authority.rootCertificate],
            tlsRootCertificates: [authority.tlsRootCertificate],
        };
        this.msp = new Msp(this.mspOptions);
    }

    /** Sets an organisation up, with an administrator and its users. */
    static async create(
        options: Required<OrganizationOptions>,
        clock: () => Date,
    ): Promise<Organization> {
        const { mspId, domain, users } = options;
        const authority = await CertificateAuthority.create({ mspId, domain, clock });
        const admin = await authority.enrol({ name: 'admin', role: 'admin' });
        const organization = new Organization(authority, admin);
        for (const name of users) await organization.enrol({ name });
        return organization;
    }

    /** Those enrolled as users, in their order. */
    get users(): readonly SigningIdentity[] {
        return [...this.#users.values()];
    }

    /** The user of that name, if enrolled. */
    user(name: string): SigningIdentity | undefined {
        return this.#users.get(name);
    }

    /** Enrols a user, by default as a client; a second one of a name takes the first one's place. */
    async enrol(
        enrolment: Omit<Enrolment, 'role'> & Partial<Pick<Enrolment, 'role'>>,
    ): Promise<SigningIdentity> {
        const identity = await this.authority.enrol({ role: 'client', ...enrolment });
        this.#users.set(enrolment.name, identity);
        return identity;
    }
}
