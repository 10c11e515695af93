import { codecError } from './errors.js';

function table(width: number): readonly string[] {
    return Array.from({ length: 10 ** width }, (_, n) => String(n).padStart(width, '0'));
}

/** `00` to `99`. */
export const twoDigits = table(2);

/** `000` to `999`. */
export const threeDigits = table(3);

/** Each digit taken from nine, which turns the order of equally long digits round. */
export function ninesComplement(digits: string): string {
    let text = '';
    for (let index = 0; index < digits.length; index++) {
        text += String.fromCharCode(105 - digits.charCodeAt(index));
    }
    return text;
}

export function allDigits(text: string, from: number, to: number): boolean {
    for (let index = from; index < to; index++) {
        const unit = text.charCodeAt(index);
        if (!(unit >= 48 && unit <= 57)) return false;
    }
    return true;
}

/** The number written at [from, to), or NaN when something there is not a digit. */
export function digitsAt(text: string, from: number, to: number): number {
    let value = 0;
    for (let index = from; index < to; index++) {
        const digit = text.charCodeAt(index) - 48;
        if (!(digit >= 0 && digit <= 9)) return Number.NaN;
        value = value * 10 + digit;
    }
    return value;
}

/** Digits of any number, headed by their count so that longer, greater numbers sort later. */
export function lengthCoded(digits: string): string {
    const count = String(digits.length);
    return `${count.length}${count}${digits}`;
}

/** Undoes {@link lengthCoded}; refuses text it never writes. */
export function fromLengthCoded(text: string): string {
    const countWidth = digitsAt(text, 0, 1);
    const count = digitsAt(text, 1, 1 + countWidth);
    const digits = text.slice(1 + countWidth);
    if (
        !(digits.length === count && allDigits(digits, 0, count)) ||
        digits.startsWith('0') ||
        lengthCoded(digits) !== text
    ) {
        throw codecError('KEY_PART_FORMAT', {
            problem: 'is not a length-coded number',
            value: text,
            fix: 'Build such keys with the definition that parses them.',
        });
    }
    return digits;
}
