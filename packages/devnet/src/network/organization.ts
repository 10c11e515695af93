import {
    CertificateAuthority,
    type AuthorityMaterial,
    type Enrolment,
} from '../identity/certificate-authority.js';
import { DevnetError } from '../errors.js';
import { Msp } from '../identity/msp.js';
import type { MspOptions } from '../identity/msp-config.js';
import { signingIdentity, type SigningIdentity } from '../identity/signing-identity.js';
import type { OrganizationOptions } from './options.js';

/** An identity as it is kept on disk. */
export type StoredIdentity = Pick<SigningIdentity, 'mspId' | 'name' | 'certificate' | 'privateKey'>;

/** An organisation as it is kept on disk: with all its keys. */
export interface StoredOrganization {
    readonly authority: AuthorityMaterial;
    readonly admin: StoredIdentity;
    readonly users: readonly StoredIdentity[];
    readonly nodes: readonly StoredIdentity[];
}

function stored({ mspId, name, certificate, privateKey }: SigningIdentity): StoredIdentity {
    return { mspId, name, certificate, privateKey };
}

/** An organisation of the network: its authority, and those it has enrolled. */
export class Organization {
    readonly mspId: string;
    readonly domain: string;
    readonly authority: CertificateAuthority;
    readonly msp: Msp;
    readonly mspOptions: MspOptions;
    readonly admin: SigningIdentity;
    readonly #users = new Map<string, SigningIdentity>();
    readonly #nodes = new Map<string, SigningIdentity>();
    #changed: (() => Promise<void>) | undefined;

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

    /** @internal An organisation as it was when {@link Organization.store} was called. */
    static restore(from: StoredOrganization, clock: () => Date): Organization {
        const authority = CertificateAuthority.restore(from.authority, clock);
        const organization = new Organization(authority, signingIdentity(from.admin));
        organization.adopt(from.users);
        for (const each of from.nodes) {
            organization.#nodes.set(each.name, signingIdentity(each));
        }
        return organization;
    }

    /** @internal Everything {@link Organization.restore} needs, private keys included. */
    store(): StoredOrganization {
        return {
            authority: this.authority.material(),
            admin: stored(this.admin),
            users: this.users.map(stored),
            nodes: [...this.#nodes.values()].map(stored),
        };
    }

    /** @internal Takes up users that were enrolled elsewhere, but for those it has already. */
    adopt(users: readonly StoredIdentity[]): void {
        for (const each of users) {
            if (!this.#users.has(each.name)) this.#users.set(each.name, signingIdentity(each));
        }
    }

    /** @internal The identities of its peers. */
    get nodes(): readonly SigningIdentity[] {
        return [...this.#nodes.values()];
    }

    /** @internal Has changes of the organisation kept. */
    keepWith(changed: () => Promise<void>): void {
        this.#changed = changed;
    }

    /** Those enrolled as users, in their order. */
    get users(): readonly SigningIdentity[] {
        return [...this.#users.values()];
    }

    /** The user of that name, if enrolled. */
    user(name: string): SigningIdentity | undefined {
        return this.#users.get(name);
    }

    /**
     * Enrols a user, by default as a client; a second one of a name takes the first one's place.
     *
     * @example
     * ```ts
     * await network.organization().enrol({ name: 'alice', attributes: { role: 'auditor' } });
     * ```
     */
    async enrol(
        enrolment: Omit<Enrolment, 'role'> & Partial<Pick<Enrolment, 'role'>>,
    ): Promise<SigningIdentity> {
        this.#checkName(enrolment.name);
        const identity = await this.authority.enrol({ role: 'client', ...enrolment });
        this.#users.set(enrolment.name, identity);
        await this.#changed?.();
        return identity;
    }

    /** Whose names differ in case only would share a folder when they are exported. */
    #checkName(name: string): void {
        const lower = name.toLowerCase();
        const taken = [this.admin, ...this.users].find(
            (each) =>
                each.name.toLowerCase() === lower && (each === this.admin || each.name !== name),
        );
        if (taken === undefined) return;
        throw new DevnetError(
            'DEVNET_ENROLMENT_INVALID',
            `${this.mspId} has ${JSON.stringify(taken.name)} already, and a user ${JSON.stringify(name)} could not be told from them. Choose another name.`,
        );
    }

    /** @internal The identity of a peer or orderer, the same at every start. */
    async nodeIdentity(name: string, role: 'peer' | 'orderer'): Promise<SigningIdentity> {
        const known = this.#nodes.get(name);
        if (known !== undefined) return known;
        const identity = await this.authority.enrol({ name, role });
        this.#nodes.set(name, identity);
        return identity;
    }
}

/** The organisation with that MSP id; the first one by default. */
export function organizationOf(
    organizations: readonly Organization[],
    mspId: string | undefined,
): Organization {
    const found = organizations.find((each) => mspId === undefined || each.mspId === mspId);
    if (found !== undefined) return found;
    const known = organizations.map((each) => each.mspId).join(', ');
    throw new DevnetError(
        'DEVNET_OPTION_INVALID',
        `The network has no organisation ${JSON.stringify(mspId)}; it has ${known}.`,
    );
}
