import { NetworkError } from './errors.js';

// Orders of the two curves Fabric identities use; the signature's size says which one it is of.
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const P384_ORDER =
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n;

/** The curves whose signatures can be normalised. */
export type SigningCurve = 'P-256' | 'P-384';

interface Curve {
    readonly order: bigint;
    /** The largest `s` that is low, big-endian. */
    readonly half: Buffer;
}

function curveOf(order: bigint): Curve {
    return { order, half: Buffer.from((order / 2n).toString(16), 'hex') };
}

const curves: Readonly<Record<SigningCurve, Curve>> = {
    'P-256': curveOf(P256_ORDER),
    'P-384': curveOf(P384_ORDER),
};

function malformed(why: string): never {
    throw new NetworkError(
        'NETWORK_SIGNATURE_MALFORMED',
        `An ECDSA signature must be a DER sequence of two integers; ${why}.`,
    );
}

interface Located {
    /** Offset of the first content byte. */
    readonly start: number;
    readonly end: number;
}

// Signatures of both curves are below 128 bytes of content, so every DER length is one byte.
function integerAt(der: Uint8Array, offset: number): Located {
    const length = der[offset + 1] ?? 0;
    const end = offset + 2 + length;
    if (der[offset] !== 0x02 || length === 0 || length > 0x7f || end > der.length) {
        malformed('an integer is broken');
    }
    return { start: offset + 2, end };
}

function locateS(der: Uint8Array): Located {
    if (der[0] !== 0x30 || der[1] !== der.length - 2) malformed('the sequence is broken');
    const s = integerAt(der, integerAt(der, 2).end);
    if (s.end !== der.length) malformed('bytes follow the second integer');
    return s;
}

function toBigInt(der: Uint8Array, { start, end }: Located): bigint {
    return BigInt(`0x${Buffer.from(der.subarray(start, end)).toString('hex')}`);
}

function toDerInteger(value: bigint): Buffer {
    let hex = value.toString(16);
    if (hex.length % 2 === 1) hex = `0${hex}`;
    const bytes = Buffer.from(hex, 'hex');
    const signed = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
    return Buffer.concat([Buffer.of(0x02, signed.length), signed]);
}

// Compared as bytes: every signature passes here, and few of them have to be reckoned with.
function isLow(der: Uint8Array, { start, end }: Located, { half }: Curve): boolean {
    let first = start;
    while (first < end && der[first] === 0) first += 1;
    if (end - first !== half.length) return end - first < half.length;
    return Buffer.compare(der.subarray(first, end), half) <= 0;
}

/** Whether Fabric would accept the signature: its `s` is not in the upper half of the curve's order. */
export function isLowS(der: Uint8Array, curve: SigningCurve = 'P-256'): boolean {
    return isLow(der, locateS(der), curves[curve]);
}

/**
 * The same signature in the form Fabric demands: `s` replaced by `order - s` when it is in the upper half.
 *
 * @param der - a DER encoded ECDSA signature
 */
export function toLowS(der: Uint8Array, curve: SigningCurve = 'P-256'): Uint8Array {
    const located = locateS(der);
    if (isLow(der, located, curves[curve])) return der;
    const flipped = toDerInteger(curves[curve].order - toBigInt(der, located));
    const r = der.subarray(2, located.start - 2);
    return Buffer.concat([Buffer.of(0x30, r.length + flipped.length), r, flipped]);
}
