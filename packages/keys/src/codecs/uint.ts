import { builtIn, compareValues, type Codec } from '../codec.js';
import { digitsAt } from '../digits.js';
import { checkInteger, refuse, refuseOption, refuseText } from '../refuse.js';

/** Options of {@link uint} and {@link int}. */
export interface IntegerOptions {
    /**
     * How many decimal digits every value is padded to, 1 to 16. It bounds the values and cannot be
     * changed once keys are on the ledger. @default 16 @example 6
     */
    readonly digits?: number;
}

/** The width asked for and the greatest value it holds. */
export function integerWidth(options: IntegerOptions): { digits: number; max: number } {
    const { digits = 16 } = options;
    if (!Number.isSafeInteger(digits) || digits < 1 || digits > 16) {
        refuseOption('digits', 'a whole number from 1 to 16', digits);
    }
    return { digits, max: Math.min(Number.MAX_SAFE_INTEGER, 10 ** digits - 1) };
}

/** Whole numbers from 0, padded with zeros so that 9 comes before 10. */
export function uint(options: IntegerOptions = {}): Codec<number> {
    const { digits, max } = integerWidth(options);
    const kind = `uint(${digits})`;
    return builtIn('plain', {
        kind,
        encode(value) {
            checkInteger(value);
            if (value < 0 || value > max) {
                refuse(
                    'KEY_PART_RANGE',
                    `must be from 0 to ${max}`,
                    value,
                    value < 0 ? 'Use int() for signed numbers.' : 'Use more digits, or bigint().',
                );
            }
            return String(value).padStart(digits, '0');
        },
        decode(text) {
            const value = text.length === digits ? digitsAt(text, 0, digits) : Number.NaN;
            if (!(value <= max)) refuseText(kind, text);
            return value;
        },
        compare: compareValues,
    });
}
