import { NetworkError } from './errors.js';

// Orders of the two curves Fabric identities use; the signature's size says which one it is of.
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const P384_ORDER =
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n;

/** The curves whose signatures can be normalised. */
export type SigningCurve = 'P-256' | 'P-384';

const curves = {
    'P-256': { order: P256_ORDER, half: P256_ORDER / 2n, bytes: 32 },
    'P-384': { order: P384_ORDER, half: P384_ORDER / 2n, bytes: 48 },
} as const;

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

/** Whether Fabric would accept the signature: its `s` is not in the upper half of the curve's order. */
export function isLowS(der: Uint8Array, curve: SigningCurve = 'P-256'): boolean {
    return toBigInt(der, locateS(der)) <= curves[curve].half;
}

/**
 * The same signature in the form Fabric demands: `s` replaced by `order - s` when it is in the upper half.
 *
 * @param der - a DER encoded ECDSA signature
 */
export function toLowS(der: Uint8Array, curve: SigningCurve = 'P-256'): Uint8Array {
    const { order, half, bytes } = curves[curve];
    const located = locateS(der);
    // Most of the time the length alone decides nothing, but a short s is always low.
    if (located.end - located.start < bytes) return der;
    const s = toBigInt(der, located);
    if (s <= half) return der;
    const flipped = toDerInteger(order - s);
    const r = der.subarray(2, located.start - 2);
    return Buffer.concat([Buffer.of(0x30, r.length + flipped.length), r, flipped]);
}
