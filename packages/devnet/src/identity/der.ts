import { DevnetError } from '../errors.js';

// The part of DER that certificates need. A general X.509 library takes 70-100 ms to load and 5 ms a
// certificate, which would be a fifth of the second a whole network may take to start; this is 0.1 ms.

/** Universal and context tags used in certificates. */
export const TAG = {
    boolean: 0x01,
    integer: 0x02,
    bitString: 0x03,
    octetString: 0x04,
    objectIdentifier: 0x06,
    utf8String: 0x0c,
    printableString: 0x13,
    utcTime: 0x17,
    generalizedTime: 0x18,
    sequence: 0x30,
    set: 0x31,
} as const;

function lengthOf(bytes: number): Buffer {
    if (bytes < 0x80) return Buffer.of(bytes);
    if (bytes < 0x100) return Buffer.of(0x81, bytes);
    if (bytes < 0x10000) return Buffer.of(0x82, bytes >> 8, bytes & 0xff);
    return Buffer.of(0x83, bytes >> 16, (bytes >> 8) & 0xff, bytes & 0xff);
}

/** One element: a tag, the length, and the parts joined. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    return Buffer.concat([Buffer.of(tag), lengthOf(length), ...parts]);
}

/** A SEQUENCE of the parts. */
export function sequence(...parts: readonly Uint8Array[]): Buffer {
    return der(TAG.sequence, ...parts);
}

/** A positive INTEGER from big-endian bytes. */
export function unsignedInteger(bytes: Uint8Array): Buffer {
    let start = 0;
    while (start < bytes.length - 1 && bytes[start] === 0) start++;
    const digits = bytes.subarray(start);
    return (digits[0] ?? 0) >= 0x80
        ? der(TAG.integer, Buffer.of(0), digits)
        : der(TAG.integer, digits);
}

/** An OBJECT IDENTIFIER from its dotted form. */
export function objectIdentifier(dotted: string): Buffer {
    const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
    const bytes: number[] = [];
    for (const arc of [first * 40 + second, ...rest]) {
        const groups = [arc & 0x7f];
        for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
        bytes.push(...groups);
    }
    return der(TAG.objectIdentifier, Buffer.from(bytes));
}

/** A BIT STRING of whole bytes. */
export function bitString(bytes: Uint8Array): Buffer {
    return der(TAG.bitString, Buffer.of(0), bytes);
}

/** A point in time, in the form certificates use for its year. */
export function time(date: Date): Buffer {
    const digits = date.toISOString().replace(/[-:T]|\.\d+/g, '');
    return date.getUTCFullYear() < 2050
        ? der(TAG.utcTime, Buffer.from(digits.slice(2), 'latin1'))
        : der(TAG.generalizedTime, Buffer.from(digits, 'latin1'));
}

/** An element found in DER. */
export interface DerElement {
    readonly tag: number;
    /** The element whole: tag, length and content. */
    readonly raw: Buffer;
    readonly content: Buffer;
}

function malformed(why: string): never {
    throw new DevnetError(
        'DEVNET_CERTIFICATE_MALFORMED',
        `A certificate's DER is broken: ${why}. Give the certificate as its authority issued it.`,
    );
}

/** The elements that follow each other in `bytes`. */
export function readElements(bytes: Uint8Array): DerElement[] {
    const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const elements: DerElement[] = [];
    for (let offset = 0; offset < source.length;) {
        const tag = source[offset] ?? 0;
        let length = source[offset + 1] ?? malformed('it ends within a length');
        let start = offset + 2;
        if (length >= 0x80) {
            const digits = length & 0x7f;
            if (digits === 0 || digits > 4 || start + digits > source.length) {
                malformed('a length has no sense');
            }
            length = source.readUIntBE(start, digits);
            start += digits;
        }
        const end = start + length;
        if (end > source.length) malformed('an element is longer than what holds it');
        const raw = source.subarray(offset, end);
        elements.push({ tag, raw, content: source.subarray(start, end) });
        offset = end;
    }
    return elements;
}

/** The elements inside the one element that `bytes` is. */
export function readInside(bytes: Uint8Array): DerElement[] {
    const [outer] = readElements(bytes);
    return readElements((outer ?? malformed('it is empty')).content);
}
