import type { IdentityProfile, NetworkProfile } from '@goodput/network';
import type { SigningIdentity } from '../identity/signing-identity.js';
import type { Peer } from '../peer/peer.js';
import type { Organization } from './organization.js';

/** What goes into a profile. */
export interface ProfileParts {
    readonly name: string;
    readonly channel: string;
    readonly organizations: readonly Organization[];
    readonly peers: readonly Peer[];
    readonly orderer: {
        readonly name: string;
        readonly mspId: string;
        readonly endpoint: string;
        readonly tlsRootCertificate: string;
    };
    readonly chaincodes: readonly string[];
    readonly tls: boolean;
}

function identityOf(identity: SigningIdentity, name: string): IdentityProfile {
    return {
        name,
        mspId: identity.mspId,
        certificate: { pem: identity.certificate },
        privateKey: { pem: identity.privateKey },
    };
}

/** `org1` of `org1.example.com`: what an organisation's peers and identities are named by. */
function shortName(organization: Organization): string {
    return organization.domain.split('.')[0] ?? organization.domain;
}

/** The profile by which every tool reaches the network, with everything it needs inside. */
export function profileOf(parts: ProfileParts): NetworkProfile {
    const rootOf = new Map(
        parts.organizations.map(({ mspId, authority }) => [mspId, authority.tlsRootCertificate]),
    );
    const users = parts.organizations.flatMap((organization) =>
        organization.users.map((user) =>
            identityOf(user, `${user.name}.${shortName(organization)}`),
        ),
    );
    const admins = parts.organizations.map((organization) =>
        identityOf(organization.admin, `admin.${shortName(organization)}`),
    );
    const { orderer } = parts;
    return {
        name: parts.name,
        channel: parts.channel,
        peers: parts.peers.map((peer) => ({
            name: peer.name,
            mspId: peer.mspId,
            endpoint: peer.endpoint,
            ...(parts.tls && { tlsRootCert: { pem: rootOf.get(peer.mspId) ?? '' } }),
        })),
        orderers: [
            {
                name: orderer.name,
                mspId: orderer.mspId,
                endpoint: orderer.endpoint,
                ...(parts.tls && { tlsRootCert: { pem: orderer.tlsRootCertificate } }),
            },
        ],
        identities: [...users, ...admins],
        ...(parts.chaincodes.length > 0 && {
            chaincodes: Object.fromEntries(parts.chaincodes.map((name) => [name, name])),
        }),
    };
}
