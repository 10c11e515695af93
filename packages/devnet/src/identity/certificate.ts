import {
    createHash,
    createPublicKey,
    randomBytes,
    sign,
    type KeyObject,
    type X509Certificate,
} from 'node:crypto';
import { isIP } from 'node:net';
import { toLowS } from '@goodput/network';
import {
    bitString,
    der,
    objectIdentifier,
    readInside,
    sequence,
    TAG,
    time,
    unsignedInteger,
} from './der.js';

/** Attributes of a distinguished name, in the order they are written. */
export type DistinguishedName = readonly (readonly [keyof typeof NAME_OIDS, string])[];

const NAME_OIDS = {
    C: '2.5.4.6',
    ST: '2.5.4.8',
    L: '2.5.4.7',
    O: '2.5.4.10',
    OU: '2.5.4.11',
    CN: '2.5.4.3',
} as const;

/** The certificate extension in which a Fabric CA puts an enrolment's attributes. */
export const ATTRIBUTES_OID = '1.2.3.4.5.6.7.8.1';

const ECDSA_WITH_SHA256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));

/** What is asked of an authority. */
export interface CertificateRequest {
    readonly subject: DistinguishedName;
    readonly publicKey: KeyObject;
    readonly notBefore: Date;
    readonly notAfter: Date;
    readonly use: 'authority' | 'identity' | 'tls';
    /** Names and addresses of a TLS server. */
    readonly hosts?: readonly string[];
    /** The content of the attribute extension. */
    readonly attributes?: string;
}

/** Who signs: an authority's name and ECDSA key. */
export interface Issuer {
    readonly subject: DistinguishedName;
    readonly privateKey: KeyObject;
}

function nameOf(attributes: DistinguishedName): Buffer {
    const parts = attributes.map(([type, value]) => {
        const tag = type === 'C' ? TAG.printableString : TAG.utf8String;
        const pair = sequence(objectIdentifier(NAME_OIDS[type]), der(tag, Buffer.from(value)));
        return der(TAG.set, pair);
    });
    return sequence(...parts);
}

function extension(oid: string, value: Uint8Array, critical = false): Buffer {
    const flag = critical ? [der(TAG.boolean, Buffer.of(0xff))] : [];
    return sequence(objectIdentifier(oid), ...flag, der(TAG.octetString, value));
}

/** What Fabric's own tools take as the identifier of a key: SHA-256 of the public key's bits. */
export function keyIdentifier(publicKey: KeyObject): Buffer {
    const [, bits] = readInside(publicKey.export({ type: 'spki', format: 'der' }));
    return createHash('sha256')
        .update((bits?.content ?? Buffer.alloc(0)).subarray(1))
        .digest();
}

// Key usage is a bit string: the first byte says how many bits of the second are unused.
const KEY_USAGE = {
    authority: Buffer.of(1, 0xa6), // digital signature, key encipherment, sign certificates and CRLs
    identity: Buffer.of(7, 0x80), // digital signature
    tls: Buffer.of(5, 0xa0), // digital signature, key encipherment
} as const;

function addressBytes(address: string): Buffer {
    if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
    const [head = '', tail] = address.split('::');
    const groups = (part: string): number[] =>
        part === '' ? [] : part.split(':').map((group) => parseInt(group, 16));
    const before = groups(head);
    const after = tail === undefined ? [] : groups(tail);
    const zeros = new Array<number>(8 - before.length - after.length).fill(0);
    const words = [...before, ...zeros, ...after];
    return Buffer.from(words.flatMap((word) => [word >> 8, word & 0xff]));
}

function alternativeNames(hosts: readonly string[]): Buffer {
    const names = hosts.map((host) =>
        isIP(host) === 0 ? der(0x82, Buffer.from(host, 'latin1')) : der(0x87, addressBytes(host)),
    );
    return sequence(...names);
}

function extensionsOf(request: CertificateRequest, issuerKey: KeyObject): Buffer {
    const isAuthority = request.use === 'authority';
    const usage = KEY_USAGE[request.use];
    const list = [extension('2.5.29.15', der(TAG.bitString, usage), true)];
    if (request.use !== 'identity') {
        const uses = ['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.1'].map(objectIdentifier);
        list.push(extension('2.5.29.37', sequence(...uses)));
    }
    const constraints = isAuthority ? sequence(der(TAG.boolean, Buffer.of(0xff))) : sequence();
    list.push(extension('2.5.29.19', constraints, true));
    if (isAuthority) {
        const identifier = der(TAG.octetString, keyIdentifier(request.publicKey));
        list.push(extension('2.5.29.14', identifier));
    } else {
        list.push(extension('2.5.29.35', sequence(der(0x80, keyIdentifier(issuerKey)))));
    }
    if (request.hosts !== undefined) {
        list.push(extension('2.5.29.17', alternativeNames(request.hosts)));
    }
    if (request.attributes !== undefined) {
        list.push(extension(ATTRIBUTES_OID, Buffer.from(request.attributes)));
    }
    return der(0xa3, sequence(...list));
}

/** PEM text of a certificate's DER. */
export function certificatePem(bytes: Uint8Array): string {
    const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
    const lines = base64.match(/.{1,64}/g) ?? [];
    return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** Issues a certificate, signed with ECDSA over SHA-256 in low-S form. Returns PEM. */
export function issueCertificate(request: CertificateRequest, issuer: Issuer): string {
    const serial = randomBytes(16);
    const issuerKey = createPublicKey(issuer.privateKey);
    const body = sequence(
        der(0xa0, der(TAG.integer, Buffer.of(2))),
        unsignedInteger(serial),
        ECDSA_WITH_SHA256,
        nameOf(issuer.subject),
        sequence(time(request.notBefore), time(request.notAfter)),
        nameOf(request.subject),
        request.publicKey.export({ type: 'spki', format: 'der' }),
        extensionsOf(request, issuerKey),
    );
    const signature = toLowS(sign('sha256', body, issuer.privateKey));
    return certificatePem(sequence(body, ECDSA_WITH_SHA256, bitString(signature)));
}

/** The content of one extension of a certificate, if it has it. */
export function extensionOf(certificate: X509Certificate, oid: string): Buffer | undefined {
    const wanted = objectIdentifier(oid);
    const [body] = readInside(certificate.raw);
    const holder = body && readInside(body.raw).find((element) => element.tag === 0xa3);
    if (holder === undefined) return undefined;
    for (const { raw } of readInside(holder.content)) {
        const parts = readInside(raw);
        if (parts[0]?.raw.equals(wanted)) return parts.at(-1)?.content;
    }
    return undefined;
}

const ECDSA_FAMILY = objectIdentifier('1.2.840.10045.4.3.2').subarray(0, -1);

/**
 * A certificate's DER with its signature in low-S form, as Fabric keeps it: two encodings of one
 * certificate that differ only in their signature are one identity.
 */
export function sanitizedCertificate(certificate: X509Certificate): Buffer {
    const [body, algorithm, signature] = readInside(certificate.raw);
    if (body === undefined || algorithm === undefined || signature === undefined) {
        return certificate.raw;
    }
    const [oid] = readInside(algorithm.raw);
    const isEcdsa = oid?.raw.subarray(0, ECDSA_FAMILY.length).equals(ECDSA_FAMILY) ?? false;
    if (!isEcdsa) return certificate.raw;
    const given = signature.content.subarray(1);
    const low = toLowS(given, given.length > 80 ? 'P-384' : 'P-256');
    return low === given ? certificate.raw : sequence(body.raw, algorithm.raw, bitString(low));
}
