import { builtIn, type Codec } from '../codec.js';
import { refuse, refuseOption, refuseType } from '../refuse.js';
import { checkText, compareKeys, isPlain, utf8Length } from '../text.js';

/** Options of {@link string}. */
export interface StringOptions {
    /** Most UTF-8 bytes a value may have. @default 256 @example 32 */
    readonly maxBytes?: number;
    /** What a value must look like. @default anything @example /^P[0-9]+$/ */
    readonly pattern?: RegExp;
}

/**
 * Text, written as it is, in the order of its UTF-8 bytes (not JavaScript's order).
 * Refuses the empty string, U+0000, U+10FFFF and lone surrogates.
 */
export function string(options: StringOptions = {}): Codec<string> {
    const { maxBytes = 256, pattern } = options;
    if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) {
        refuseOption('maxBytes', 'a whole number of at least 1', maxBytes);
    }
    if (pattern !== undefined && (pattern.global || pattern.sticky)) {
        refuseOption('pattern', 'without the flags g and y, which make it remember', pattern.flags);
    }
    const surelyShort = Math.floor(maxBytes / 3);

    function checkForm(value: string): string {
        if (value.length > surelyShort && utf8Length(value) > maxBytes) {
            refuse(
                'KEY_PART_RANGE',
                `must have at most ${maxBytes} UTF-8 bytes`,
                value,
                'Shorten it, or raise maxBytes.',
            );
        }
        if (pattern !== undefined && !pattern.test(value)) {
            refuse('KEY_PART_FORMAT', `must match ${pattern.source}`, value, 'Mend the value.');
        }
        return value;
    }
    function check(value: string): string {
        if (typeof value !== 'string') refuseType('a string', value);
        return checkForm(isPlain(value) ? value : checkText(value));
    }
    return builtIn(
        'legal',
        { kind: 'string', encode: check, decode: check, compare: compareKeys },
        (value) => (typeof value === 'string' && isPlain(value) ? checkForm(value) : undefined),
    );
}
