import { readFile } from 'node:fs/promises';
import type { NetworkProfile } from '@goodput/network';
import { DevnetError } from '../errors.js';
import { exclusively } from '../files/exclusively.js';
import type { Enrolment } from '../identity/certificate-authority.js';
import {
    exportOrganization,
    type ExportedOrganization,
    type ExportedPeer,
} from '../identity/export-organization.js';
import type { SigningIdentity } from '../identity/signing-identity.js';
import {
    keysFile,
    readStored,
    restoreOrganizations,
    writeStored,
    type StoredNetwork,
} from './data-directory.js';
import { organizationOf, type Organization } from './organization.js';

/** What `Network.writeAuthorities` writes for a network that is kept in a folder. */
interface Pointer {
    readonly dataDirectory?: string;
}

function unusable(message: string): never {
    throw new DevnetError('DEVNET_DATA_UNUSABLE', message);
}

/** The file that has the keys, and what is in it. */
async function find(file: string): Promise<[file: string, stored: StoredNetwork]> {
    const stored = await readStored(file);
    const elsewhere = (stored as Pointer | undefined)?.dataDirectory;
    if (elsewhere !== undefined) return find(keysFile(elsewhere));
    if (stored !== undefined) return [file, stored];
    return unusable(`There are no authorities of a network in ${file}.`);
}

/**
 * The organisations of a network that runs in another process, or is kept in a folder: enrols users
 * whom the network accepts at once, for it knows its authorities.
 *
 * @example
 * ```ts
 * const registry = await IdentityRegistry.inFolder('data');
 * const alice = await registry.enrol({ name: 'alice', attributes: { role: 'auditor' } });
 * await exportMsp('alice/msp', registry.organization().authority, alice);
 * ```
 */
export class IdentityRegistry {
    readonly organizations: readonly Organization[];
    readonly #file: string;

    private constructor(file: string, organizations: readonly Organization[]) {
        this.#file = file;
        this.organizations = organizations;
    }

    /** Of the network whose authorities `Network.writeAuthorities` wrote to the file. */
    static async inFile(given: string): Promise<IdentityRegistry> {
        const [file, stored] = await find(given);
        const clock = (): Date => new Date();
        const { organizations } = restoreOrganizations(stored, file, clock);
        return new IdentityRegistry(file, organizations);
    }

    /** Of the network that is kept in a folder, running or not. */
    static inFolder(dataDirectory: string): Promise<IdentityRegistry> {
        return IdentityRegistry.inFile(keysFile(dataDirectory));
    }

    /** The organisation with that MSP id; the first one by default. */
    organization(mspId?: string): Organization {
        return organizationOf(this.organizations, mspId);
    }

    /** Enrols a user of a name that nobody has yet, and keeps them with the network. */
    async enrol(
        enrolment: Omit<Enrolment, 'role'> & Partial<Pick<Enrolment, 'role'>>,
        mspId?: string,
    ): Promise<SigningIdentity> {
        const organization = this.organization(mspId);
        const { name } = enrolment;
        if (name === organization.admin.name || organization.user(name) !== undefined) {
            throw new DevnetError(
                'DEVNET_ENROLMENT_INVALID',
                `${organization.mspId} has enrolled ${JSON.stringify(name)} already. Choose another name.`,
            );
        }
        const identity = await organization.enrol(enrolment);
        await this.#keep(organization);
        return identity;
    }

    /** As `Network.exportTo`; where peers are comes from the network's profile. */
    async exportTo(folder: string, profile?: NetworkProfile): Promise<readonly string[]> {
        const folders: string[] = [];
        for (const organization of this.organizations) {
            folders.push(await exportOrganization(folder, exported(organization, profile)));
        }
        return folders;
    }

    /** Whether a profile is of this network: of the same authorities, not only of the same names. */
    describes(profile: NetworkProfile): boolean {
        return profile.identities.some(({ certificate, mspId }) => {
            const organization = this.organizations.find((each) => each.mspId === mspId);
            return 'pem' in certificate && organization?.admin.certificate === certificate.pem;
        });
    }

    /** Adds the organisation's users to what is kept now: others may have enrolled meanwhile. */
    #keep(organization: Organization): Promise<void> {
        return exclusively(this.#file, async () => {
            const now = JSON.parse(await readFile(this.#file, 'utf8')) as StoredNetwork;
            const organizations = now.organizations.map((each) => {
                if (each.authority.mspId !== organization.mspId) return each;
                organization.adopt(each.users);
                return { ...each, users: organization.store().users };
            });
            await writeStored(this.#file, { ...now, organizations });
        });
    }
}

function exported(organization: Organization, profile?: NetworkProfile): ExportedOrganization {
    const { authority, users, admin, nodes } = organization;
    const peers = nodes.flatMap((identity): ExportedPeer[] => {
        const found = profile?.peers.find(({ name }) => name === identity.name);
        if (found === undefined) return [];
        return [{ name: identity.name, endpoint: found.endpoint, identity }];
    });
    return { authority, peers, users: [...users, admin] };
}
