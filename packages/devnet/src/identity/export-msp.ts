import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { onFiles } from '../files/file-failure.js';
import type { CertificateAuthority } from './certificate-authority.js';
import type { SigningIdentity } from './signing-identity.js';

const NODE_OUS = ['client', 'peer', 'admin', 'orderer'] as const;

/** Files to write: text by path, relative to a folder. */
export type FileTree = Readonly<Record<string, string>>;

/** Writes files, making the folders they need. Private keys are for the owner only. */
export async function writeFiles(folder: string, files: FileTree): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
        const file = join(folder, path);
        await onFiles(`Writing ${file}`, async () => {
            await mkdir(dirname(file), { recursive: true });
            await writeFile(file, text, { mode: text.includes('PRIVATE KEY') ? 0o600 : 0o644 });
        });
    }
}

/** The same files, a folder deeper. */
export function inFolder(folder: string, files: FileTree): FileTree {
    return Object.fromEntries(
        Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]),
    );
}

function nodeOusYaml(certificate: string): string {
    const identifiers = NODE_OUS.map((role) => {
        const name = `${role[0]?.toUpperCase() ?? ''}${role.slice(1)}OUIdentifier`;
        return `  ${name}:\n    Certificate: ${certificate}\n    OrganizationalUnitIdentifier: ${role}\n`;
    });
    return `NodeOUs:\n  Enable: true\n${identifiers.join('')}`;
}

/**
 * The files of an MSP directory: an organisation's, or, with an identity, the local MSP of that
 * identity, as `CORE_PEER_MSPCONFIGPATH` wants it.
 */
export function mspFiles(authority: CertificateAuthority, identity?: SigningIdentity): FileTree {
    const ca = `ca.${authority.domain}-cert.pem`;
    return {
        [`cacerts/${ca}`]: authority.rootCertificate,
        [`tlscacerts/tlsca.${authority.domain}-cert.pem`]: authority.tlsRootCertificate,
        'config.yaml': nodeOusYaml(`cacerts/${ca}`),
        ...(identity && {
            [`signcerts/${identity.name}-cert.pem`]: identity.certificate,
            'keystore/priv_sk': identity.privateKey,
        }),
    };
}

/**
 * Writes an MSP directory.
 *
 * @example
 * ```ts
 * await exportMsp('msp', ca, await ca.enrol({ name: 'Admin@org1.example.com', role: 'admin' }));
 * // CORE_PEER_MSPCONFIGPATH=msp CORE_PEER_LOCALMSPID=Org1MSP peer channel getinfo -c mychannel
 * ```
 */
export async function exportMsp(
    folder: string,
    authority: CertificateAuthority,
    identity?: SigningIdentity,
): Promise<void> {
    await writeFiles(folder, mspFiles(authority, identity));
}
