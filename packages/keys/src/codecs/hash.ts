import { builtIn, type Codec } from '../codec.js';
import { refuse, refuseOption, refuseType } from '../refuse.js';
import { compareKeys } from '../text.js';

// As long as there are code units, so that reading it needs no check of the index.
const hexDigit = new Uint8Array(65_536);
for (const digit of '0123456789abcdef') hexDigit[digit.charCodeAt(0)] = 1;

/** Two digits at a time, without a branch: hex digits are what branch predictors guess worst. */
function isLowerHex(text: string): boolean {
    let all = 1;
    for (let index = 0; index < text.length; index += 2) {
        const high = hexDigit[text.charCodeAt(index)] ?? 0;
        const low = hexDigit[text.charCodeAt(index + 1)] ?? 0;
        all &= high & low;
    }
    return all === 1;
}

/** Options of {@link hash}. */
export interface HashOptions {
    /** Bytes of the hash, each two hex digits; 1 to 64. @default 32 @example 20 */
    readonly bytes?: number;
}

/** A hash or transaction id: lower-case hex of one length, written as it is. */
export function hash(options: HashOptions = {}): Codec<string> {
    const { bytes = 32 } = options;
    if (!Number.isSafeInteger(bytes) || bytes < 1 || bytes > 64) {
        refuseOption('bytes', 'a whole number from 1 to 64', bytes);
    }
    const length = bytes * 2;

    function check(value: string): string {
        if (typeof value !== 'string') refuseType('hex text', value);
        if (value.length !== length || !isLowerHex(value)) {
            refuse(
                'KEY_PART_FORMAT',
                `must be exactly ${length} lower-case hex digits`,
                value,
                'Use toLowerCase(), and state the length with hash({ bytes }).',
            );
        }
        return value;
    }
    return builtIn('plain', {
        kind: `hash(${bytes})`,
        encode: check,
        decode: check,
        compare: compareKeys,
    });
}

/** A Fabric transaction id: the hash of 32 bytes that `stub.getTxID()` returns. */
export function txId(): Codec<string> {
    return hash({ bytes: 32 });
}
