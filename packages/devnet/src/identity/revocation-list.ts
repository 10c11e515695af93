import { verify, type X509Certificate } from 'node:crypto';
import { DevnetError } from '../errors.js';
import { extensionOf } from './certificate.js';
import { objectIdentifier, readInside, TAG, type DerElement } from './der.js';

const AUTHORITY_KEY_IDENTIFIER = objectIdentifier('2.5.29.35');
const REVOKED_LIST_MIN_ELEMENTS = 4;

function derOf(list: Uint8Array): Buffer {
    const text = Buffer.from(list).toString('latin1');
    const pem = /-----BEGIN X509 CRL-----([^-]+)-----END/.exec(text)?.[1];
    return pem === undefined ? Buffer.from(list) : Buffer.from(pem, 'base64');
}

function authorityKeyOf(body: readonly DerElement[]): Buffer | undefined {
    const holder = body.find((element) => element.tag === 0xa0);
    const extensions = holder ? readInside(holder.content) : [];
    for (const { raw } of extensions) {
        const parts = readInside(raw);
        if (!parts[0]?.raw.equals(AUTHORITY_KEY_IDENTIFIER)) continue;
        const content = parts.at(-1)?.content;
        return content && readInside(content).find((element) => element.tag === 0x80)?.content;
    }
    return undefined;
}

/** A certificate revocation list, in PEM or DER. */
export class RevocationList {
    readonly #signed: Buffer;
    readonly #signature: Buffer;
    readonly #authorityKey: Buffer | undefined;
    readonly #serials: ReadonlySet<string>;

    constructor(list: Uint8Array) {
        const [body, , signature] = readInside(derOf(list));
        if (body === undefined || signature === undefined) {
            throw new DevnetError(
                'DEVNET_MSP_INVALID',
                'A revocation list is neither PEM nor DER of an X.509 CRL. Export it from the authority again.',
            );
        }
        this.#signed = body.raw;
        this.#signature = signature.content.subarray(1);
        const elements = readInside(body.raw);
        this.#authorityKey = authorityKeyOf(elements);
        // Behind the version, the algorithm and the issuer come one or two times, then the revoked.
        const revoked = elements
            .slice(REVOKED_LIST_MIN_ELEMENTS - 1)
            .find((element) => element.tag === TAG.sequence);
        const entries = revoked ? readInside(revoked.raw) : [];
        const serials = entries.map(({ raw }) => readInside(raw)[0]?.content.toString('hex') ?? '');
        this.#serials = new Set(serials.map((serial) => serial.replace(/^0+/, '')));
    }

    /** Whether this list is of the certificate's issuer and names the certificate. */
    revokes(certificate: X509Certificate, issuer: X509Certificate): boolean {
        const identifier = extensionOf(issuer, '2.5.29.14');
        const key = identifier && readElementsOnce(identifier);
        if (key === undefined || !this.#authorityKey?.equals(key)) return false;
        const serial = certificate.serialNumber.toLowerCase().replace(/^0+/, '');
        if (!this.#serials.has(serial)) return false;
        return verify('sha256', this.#signed, issuer.publicKey, this.#signature);
    }
}

function readElementsOnce(octetString: Buffer): Buffer {
    // The extension's value is an OCTET STRING of at most 127 bytes.
    return octetString.subarray(2);
}
