import { builtIn, type Codec } from '../codec.js';
import { refuse, refuseOption, refuseText, refuseType } from '../refuse.js';

const alphabet = '0123456789abcdefghijklmnopqrstuv';
const valueOf = new Int8Array(128).fill(-1);
for (let digit = 0; digit < 32; digit++) valueOf[alphabet.charCodeAt(digit)] = digit;

function encodeBase32Hex(value: Uint8Array): string {
    let text = '';
    let pending = 0;
    let bits = 0;
    for (const byte of value) {
        pending = ((pending << 8) | byte) & 0xfff;
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            text += alphabet.charAt((pending >> bits) & 31);
        }
    }
    return bits > 0 ? text + alphabet.charAt((pending << (5 - bits)) & 31) : text;
}

function decodeBase32Hex(text: string): Uint8Array | undefined {
    const value = new Uint8Array(Math.floor((text.length * 5) / 8));
    let pending = 0;
    let bits = 0;
    let at = 0;
    for (let index = 0; index < text.length; index++) {
        const digit = valueOf[text.charCodeAt(index)] ?? -1;
        if (digit < 0) return undefined;
        pending = ((pending << 5) | digit) & 0xfff;
        bits += 5;
        if (bits < 8) continue;
        bits -= 8;
        value[at++] = (pending >> bits) & 255;
    }
    return value;
}

/** Options of {@link bytes}. */
export interface BytesOptions {
    /** Most bytes a value may have. @default 256 @example 16 */
    readonly maxBytes?: number;
}

/** The order of byte strings: the first difference, then the length. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
    const shared = Math.min(a.length, b.length);
    for (let index = 0; index < shared; index++) {
        const difference = (a[index] ?? 0) - (b[index] ?? 0);
        if (difference !== 0) return difference;
    }
    return a.length - b.length;
}

/** Bytes of any content, at least one, as base32hex in lower case without padding. */
export function bytes(options: BytesOptions = {}): Codec<Uint8Array> {
    const { maxBytes = 256 } = options;
    if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) {
        refuseOption('maxBytes', 'a whole number of at least 1', maxBytes);
    }
    return builtIn('plain', {
        kind: 'bytes',
        encode(value) {
            if (!(value instanceof Uint8Array)) refuseType('a Uint8Array', value);
            if (value.length === 0) {
                refuse('KEY_PART_EMPTY', 'must not be empty', value, 'Wrap it in optional().');
            }
            if (value.length > maxBytes) {
                refuse(
                    'KEY_PART_RANGE',
                    `must have at most ${maxBytes} bytes`,
                    value,
                    'Store it in the value and its hash() in the key.',
                );
            }
            return encodeBase32Hex(value);
        },
        decode(text) {
            const value = decodeBase32Hex(text);
            // Writing it again finds stray bits, impossible lengths and the empty text.
            if (value === undefined || value.length === 0 || value.length > maxBytes) {
                return refuseText('bytes', text);
            }
            if (encodeBase32Hex(value) !== text) refuseText('bytes', text);
            return value;
        },
        compare: compareBytes,
    });
}
