import { builtIn, compareValues, type Codec } from '../codec.js';
import { fromLengthCoded, lengthCoded, ninesComplement } from '../digits.js';
import { refuseText, refuseType } from '../refuse.js';

/** Text of a whole number of any size; `magnitude` has no sign and no leading zero. */
export function encodeBig(negative: boolean, magnitude: string): string {
    if (magnitude === '0') return '0';
    const coded = lengthCoded(magnitude);
    return negative ? `-${ninesComplement(coded)}` : `p${coded}`;
}

/** Undoes {@link encodeBig}. */
export function decodeBig(kind: string, text: string): { negative: boolean; magnitude: string } {
    if (text === '0') return { negative: false, magnitude: '0' };
    const negative = text.startsWith('-');
    if (!negative && !text.startsWith('p')) refuseText(kind, text);
    const coded = negative ? ninesComplement(text.slice(1)) : text.slice(1);
    return { negative, magnitude: fromLengthCoded(coded) };
}

/**
 * Whole numbers of any size. `0` is zero; positive numbers are `p`, the width of their digit count,
 * the digit count and the digits; negative ones are `-` and the nines' complement of the same.
 */
export function bigint(): Codec<bigint> {
    return builtIn('plain', {
        kind: 'bigint',
        encode(value) {
            if (typeof value !== 'bigint') {
                refuseType('a bigint', value, 'Write it as 1n or BigInt(1).');
            }
            return value < 0n
                ? encodeBig(true, (-value).toString())
                : encodeBig(false, value.toString());
        },
        decode(text) {
            const { negative, magnitude } = decodeBig('bigint', text);
            return negative ? -BigInt(magnitude) : BigInt(magnitude);
        },
        compare: compareValues,
    });
}
