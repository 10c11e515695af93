import { join } from 'node:path';
import type { CertificateAuthority } from './certificate-authority.js';
import { inFolder, mspFiles, writeFiles, type FileTree } from './export-msp.js';
import type { SigningIdentity } from './signing-identity.js';

/** A TLS key pair. */
export interface TlsPair {
    /** PEM. */
    readonly certificate: string;
    /** PEM. */
    readonly privateKey: string;
}

/** A peer of an organisation, as others reach it. */
export interface ExportedPeer {
    /** Its host name, e.g. `peer0.org1.example.com`. */
    readonly name: string;
    /** `host:port`. */
    readonly endpoint: string;
    readonly identity: SigningIdentity;
    /** Where it is known: a peer that runs elsewhere keeps it to itself. */
    readonly tls?: TlsPair;
}

/** An organisation to be written down. */
export interface ExportedOrganization {
    readonly authority: CertificateAuthority;
    readonly peers: readonly ExportedPeer[];
    readonly users: readonly SigningIdentity[];
}

function peerFiles({ authority }: ExportedOrganization, peer: ExportedPeer): FileTree {
    return inFolder(`peers/${peer.name}`, {
        ...inFolder('msp', mspFiles(authority, peer.identity)),
        'tls/ca.crt': authority.tlsRootCertificate,
        ...(peer.tls && {
            'tls/server.crt': peer.tls.certificate,
            'tls/server.key': peer.tls.privateKey,
        }),
    });
}

/** Folders of those whom Fabric's own tools make begin with a capital: `Admin@`, `User1@`. */
function userFolder({ name }: SigningIdentity, domain: string): string {
    if (name.includes('@')) return `users/${name}`;
    return `users/${name.replace(/^(?:admin|user\d+)$/, capitalized)}@${domain}`;
}

function capitalized(name: string): string {
    return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** The connection profile that Caliper and older SDKs read. */
function connectionProfile({ authority, peers }: ExportedOrganization): string {
    const nodes = peers.map(({ name, endpoint }) => [
        name,
        {
            url: `grpcs://${endpoint}`,
            tlsCACerts: { pem: authority.tlsRootCertificate },
            grpcOptions: { 'ssl-target-name-override': name, hostnameOverride: name },
        },
    ]);
    const organization = { mspid: authority.mspId, peers: peers.map(({ name }) => name) };
    const profile = {
        name: authority.domain,
        version: '1.0.0',
        client: { organization: authority.mspId },
        organizations: { [authority.mspId]: organization },
        peers: Object.fromEntries(nodes) as Record<string, unknown>,
    };
    return `${JSON.stringify(profile, undefined, 2)}\n`;
}

/**
 * Writes an organisation down where Fabric's samples and tools look for it: under
 * `peerOrganizations/DOMAIN`, with `msp`, `peers/NAME/{msp,tls}`, `users/Name@DOMAIN/msp`, `ca`, `tlsca`
 * and `connection.json`. The authorities' private keys are not written.
 *
 * @returns the organisation's folder: a sample's `CRYPTO_PATH`
 */
export async function exportOrganization(
    folder: string,
    organization: ExportedOrganization,
): Promise<string> {
    const { authority, peers, users } = organization;
    const { domain } = authority;
    const top = join(folder, 'peerOrganizations', domain);
    const files: FileTree[] = [
        inFolder('msp', mspFiles(authority)),
        {
            [`ca/ca.${domain}-cert.pem`]: authority.rootCertificate,
            [`tlsca/tlsca.${domain}-cert.pem`]: authority.tlsRootCertificate,
            'connection.json': connectionProfile(organization),
        },
        ...peers.map((peer) => peerFiles(organization, peer)),
        ...users.map((user) =>
            inFolder(userFolder(user, domain), {
                ...inFolder('msp', mspFiles(authority, user)),
                'tls/ca.crt': authority.tlsRootCertificate,
            }),
        ),
    ];
    for (const each of files) await writeFiles(top, each);
    return top;
}

/**
 * Writes down what one needs to reach an ordering node where Fabric's samples and tools look for it: under
 * `ordererOrganizations/DOMAIN`, with `msp`, `tlsca` and `orderers/NAME/tls/ca.crt`, which the `peer` command
 * takes as `--cafile`.
 */
export async function exportOrderer(
    folder: string,
    authority: CertificateAuthority,
    name: string,
): Promise<void> {
    const { domain, tlsRootCertificate } = authority;
    const tlsRoot = `tlsca.${domain}-cert.pem`;
    await writeFiles(join(folder, 'ordererOrganizations', domain), {
        ...inFolder('msp', mspFiles(authority)),
        [`tlsca/${tlsRoot}`]: tlsRootCertificate,
        [`orderers/${name}/msp/tlscacerts/${tlsRoot}`]: tlsRootCertificate,
        [`orderers/${name}/tls/ca.crt`]: tlsRootCertificate,
    });
}
