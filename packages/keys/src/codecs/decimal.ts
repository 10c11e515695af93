import { builtIn, compareValues, type Codec } from '../codec.js';
import { refuse, refuseOption, refuseType } from '../refuse.js';
import { decodeBig, encodeBig } from './bigint.js';

/** Options of {@link decimal}. */
export interface DecimalOptions {
    /** Digits after the point, 0 to 100; fixed for the life of the key. @example 2 */
    readonly scale: number;
}

/** A longer number fits no key, and would take long to read. */
const longestText = 1000;

/**
 * Exact decimal numbers of any size, as text with exactly `scale` digits after the point. `1.5`, `01.50`
 * and `-0.00` are refused at scale 2, because each would be a second way to write a number.
 */
export function decimal(options: DecimalOptions): Codec<string> {
    const { scale } = options;
    if (!Number.isSafeInteger(scale) || scale < 0 || scale > 100) {
        refuseOption('scale', 'a whole number from 0 to 100', scale);
    }
    const kind = `decimal(${scale})`;
    const form = new RegExp(`^-?(0|[1-9][0-9]*)${scale > 0 ? `\\.[0-9]{${scale}}` : ''}$`);

    function unitsOf(value: string): bigint {
        return BigInt(value.replace('.', ''));
    }
    return builtIn('plain', {
        kind,
        encode(value) {
            if (typeof value !== 'string') {
                refuseType('decimal text', value, `Write it with value.toFixed(${scale}).`);
            }
            if (value.length > longestText) {
                refuse(
                    'KEY_PART_RANGE',
                    `must have at most ${longestText} characters`,
                    value,
                    'No key holds more.',
                );
            }
            const units = form.test(value) ? unitsOf(value) : undefined;
            if (units === undefined || (units === 0n && value.startsWith('-'))) {
                return refuse(
                    'KEY_PART_FORMAT',
                    `must be a decimal with exactly ${scale} digits after the point, no "+", no leading zeros and no negative zero`,
                    value,
                    'Write the number in that form.',
                );
            }
            return units < 0n
                ? encodeBig(true, (-units).toString())
                : encodeBig(false, units.toString());
        },
        decode(text) {
            const { negative, magnitude } = decodeBig(kind, text);
            const digits = magnitude.padStart(scale + 1, '0');
            const whole = digits.slice(0, digits.length - scale);
            const sign = negative ? '-' : '';
            return scale === 0
                ? sign + whole
                : `${sign}${whole}.${digits.slice(digits.length - scale)}`;
        },
        compare: (a, b) => compareValues(unitsOf(a), unitsOf(b)),
    });
}
