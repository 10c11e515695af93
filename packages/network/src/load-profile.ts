import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { NetworkError } from './errors.js';
import type { NetworkProfile, PemSource } from './profile.js';
import { validateProfile } from './validate-profile.js';
import { whyUnreadable } from './why-unreadable.js';

/** A peer or orderer with its TLS root certificate read. */
export interface NetworkNode {
    readonly name: string;
    readonly mspId: string;
    readonly endpoint: string;
    /** PEM; absent for plain text. */
    readonly tlsRootCert?: string;
    readonly hostOverride?: string;
}

/** Somebody who may sign, with certificate and key read. */
export interface NetworkIdentity {
    readonly name: string;
    readonly mspId: string;
    /** PEM. */
    readonly certificate: string;
    /** PEM; not enumerable, so that it is never printed by accident. */
    readonly privateKey: string;
}

/** A profile with every file it points to read: ready to connect with. */
export interface Network {
    readonly name: string;
    readonly channel: string;
    readonly peers: readonly NetworkNode[];
    readonly orderers: readonly NetworkNode[];
    readonly identities: readonly NetworkIdentity[];
    readonly chaincodes: Readonly<Record<string, string>>;
    readonly couchdbUrl?: string;
    /** The identity of that name, or the first one. Throws `NETWORK_IDENTITY_UNKNOWN`. */
    identity(name?: string): NetworkIdentity;
    /** The peer of that name, or the first one. Throws `NETWORK_PEER_UNKNOWN`. */
    peer(name?: string): NetworkNode;
}

function readText(file: string, what: string): string {
    try {
        return readFileSync(file, 'utf8');
    } catch (cause) {
        throw new NetworkError(
            'NETWORK_PROFILE_UNREADABLE',
            `Cannot read ${what} at ${file}: ${whyUnreadable(cause)}. Check the path.`,
            { cause },
        );
    }
}

function pemReader(folder: string): (source: PemSource, what: string) => string {
    return (source, what) =>
        'pem' in source ? source.pem : readText(resolve(folder, source.path), what);
}

function pick<T extends { readonly name: string }>(
    items: readonly T[],
    name: string | undefined,
    code: 'NETWORK_IDENTITY_UNKNOWN' | 'NETWORK_PEER_UNKNOWN',
): T {
    const found = name === undefined ? items[0] : items.find((item) => item.name === name);
    if (found !== undefined) return found;
    const known = items.map((item) => item.name).join(', ');
    const what = code === 'NETWORK_PEER_UNKNOWN' ? 'peer' : 'identity';
    throw new NetworkError(
        code,
        `The network profile has no ${what} "${name ?? ''}"; it has ${known}.`,
    );
}

/**
 * Reads every file a profile points to.
 *
 * @param folder - what relative paths in the profile are relative to
 */
export function resolveProfile(profile: NetworkProfile, folder = process.cwd()): Network {
    const readPem = pemReader(folder);
    const readNode = ({ tlsRootCert, ...node }: NetworkProfile['peers'][number]): NetworkNode => ({
        ...node,
        ...(tlsRootCert && { tlsRootCert: readPem(tlsRootCert, `the TLS root of ${node.name}`) }),
    });
    const identities = profile.identities.map(({ name, mspId, certificate, privateKey }) => {
        const key = readPem(privateKey, `the private key of ${name}`);
        const person = {
            name,
            mspId,
            certificate: readPem(certificate, `the certificate of ${name}`),
        };
        return Object.defineProperty(person, 'privateKey', { value: key }) as NetworkIdentity;
    });
    const peers = profile.peers.map(readNode);
    return {
        name: profile.name,
        channel: profile.channel,
        peers,
        orderers: (profile.orderers ?? []).map(readNode),
        identities,
        chaincodes: profile.chaincodes ?? {},
        ...(profile.couchdb && { couchdbUrl: profile.couchdb.url }),
        identity: (name) => pick(identities, name, 'NETWORK_IDENTITY_UNKNOWN'),
        peer: (name) => pick(peers, name, 'NETWORK_PEER_UNKNOWN'),
    };
}

/**
 * Reads a network profile and every file it points to.
 *
 * @example
 * ```ts
 * const network = loadNetwork('profile.json');
 * console.log(network.channel, network.identity().mspId);
 * ```
 */
export function loadNetwork(file: string): Network {
    const text = readText(file, 'the network profile');
    let value: unknown;
    try {
        value = JSON.parse(text);
    } catch (cause) {
        throw new NetworkError(
            'NETWORK_PROFILE_NOT_JSON',
            `The network profile ${file} is not JSON: ${(cause as Error).message}.`,
            { cause },
        );
    }
    return resolveProfile(validateProfile(value), dirname(resolve(file)));
}
