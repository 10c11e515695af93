import { builtIn, compareValues, type Codec } from '../codec.js';
import { digitsAt, ninesComplement } from '../digits.js';
import { checkInteger, refuse, refuseText } from '../refuse.js';
import { integerWidth, type IntegerOptions } from './uint.js';

/**
 * Whole numbers, negative ones included: `0` and the padded digits, or `-` and the digits' nines'
 * complement, so that -10 comes before -9 and both before 0.
 */
export function int(options: IntegerOptions = {}): Codec<number> {
    const { digits, max } = integerWidth(options);
    const kind = `int(${digits})`;
    return builtIn('plain', {
        kind,
        encode(value) {
            checkInteger(value);
            if (value < -max || value > max) {
                refuse(
                    'KEY_PART_RANGE',
                    `must be from -${max} to ${max}`,
                    value,
                    'Use more digits, or bigint().',
                );
            }
            const padded = String(Math.abs(value)).padStart(digits, '0');
            return value < 0 ? `-${ninesComplement(padded)}` : `0${padded}`;
        },
        decode(text) {
            const negative = text.startsWith('-');
            const body = negative ? ninesComplement(text.slice(1)) : text.slice(1);
            const size = text.length === digits + 1 ? digitsAt(body, 0, digits) : Number.NaN;
            if (!(size <= max) || (negative ? size === 0 : !text.startsWith('0'))) {
                refuseText(kind, text);
            }
            return negative ? -size : size;
        },
        compare: compareValues,
    });
}
