import {
    validateProfile,
    type IdentityProfile,
    type NetworkProfile,
    type OrdererProfile,
    type PeerProfile,
} from '@goodput/network';
import { writeWhole } from '../files/write-whole.js';
import type { ExportedOrganization } from './export-organization.js';

/** What a network profile is made of. */
export interface ProfileParts {
    readonly name: string;
    readonly channel: string;
    readonly organizations: readonly ExportedOrganization[];
    readonly orderers?: readonly OrdererProfile[];
    /** What a chaincode is for, and the name it was deployed under. */
    readonly chaincodes?: Readonly<Record<string, string>>;
    readonly couchdbUrl?: string;
}

function peersOf({ authority, peers }: ExportedOrganization): PeerProfile[] {
    return peers.map(({ name, endpoint }) => ({
        name,
        mspId: authority.mspId,
        endpoint,
        tlsRootCert: { pem: authority.tlsRootCertificate },
        hostOverride: name,
    }));
}

function identitiesOf(organizations: readonly ExportedOrganization[]): IdentityProfile[] {
    const everybody = organizations.flatMap(({ users }) => users);
    const isShared = (name: string): boolean =>
        everybody.filter((user) => user.name === name).length > 1;
    return everybody.map((user) => ({
        // A profile's names are unique; two organisations may both have a "user1".
        name: isShared(user.name) ? `${user.name}@${user.mspId}` : user.name,
        mspId: user.mspId,
        certificate: { pem: user.certificate },
        privateKey: { pem: user.privateKey },
    }));
}

/** The network profile of a network: the one file that every tool takes. PEMs stand in place. */
export function networkProfile(parts: ProfileParts): NetworkProfile {
    const { name, channel, organizations, orderers, chaincodes, couchdbUrl } = parts;
    return validateProfile({
        name,
        channel,
        peers: organizations.flatMap(peersOf),
        identities: identitiesOf(organizations),
        ...(orderers && orderers.length > 0 && { orderers }),
        ...(chaincodes && { chaincodes }),
        ...(couchdbUrl !== undefined && { couchdb: { url: couchdbUrl } }),
    });
}

/** Writes a profile, whole or not at all; only its owner may read it, for it holds private keys. */
export async function writeProfile(file: string, profile: NetworkProfile): Promise<void> {
    await writeWhole(file, `${JSON.stringify(validateProfile(profile), undefined, 2)}\n`);
}
