import { finding, type LintFinding } from './rules.js';

/** Strings, which are skipped, and numbers of a JSON text. */
const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Digits that count, without sign, point, exponent and outer zeros, and the power of the last. */
function digitsOf(number: string): string {
    const [mantissa = '', exponent = '0'] = number.toLowerCase().replace('-', '').split('e');
    const [whole = '', fraction = ''] = mantissa.split('.');
    const digits = (whole + fraction).replace(/^0+/, '');
    const trimmed = digits.replace(/0+$/, '');
    if (trimmed === '') return '0';
    return `${trimmed}e${Number(exponent) - fraction.length + digits.length - trimmed.length}`;
}

/** Whether a number comes back from a 64-bit float as it was written. */
function survives(number: string): boolean {
    // A float has at most 17 digits that count and 308 places; more would only take time to read.
    if (number.length > 400) return false;
    const value = Number(number);
    return Number.isFinite(value) && digitsOf(String(value)) === digitsOf(number);
}

function parseObject(text: string): object | undefined {
    try {
        const value: unknown = JSON.parse(text);
        const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
        return isObject ? value : undefined;
    } catch (error) {
        // Not JSON: CouchDB keeps it as an attachment, which no rule here speaks of.
        if (error instanceof SyntaxError) return undefined;
        throw error;
    }
}

/**
 * Checks a value before it is put: rules K03, K15 and K18. Only JSON objects are looked into, because
 * CouchDB keeps everything else as bytes.
 *
 * @example
 * ```ts
 * import { checkValue } from '@goodput/keys';
 *
 * console.log(checkValue('{"_id":"x"}')[0]?.rule); // => K03
 * console.log(checkValue('{"total":12345678901234567890}')[0]?.rule); // => K18
 * console.log(checkValue('')[0]?.rule); // => K15
 * ```
 */
export function checkValue(value: string | Uint8Array): LintFinding[] {
    if (value.length === 0) return [finding('K15', 'error', 'there is not one byte')];
    // A byte order mark stays, because with one a value is no JSON to a peer either.
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    const text = typeof value === 'string' ? value : decoder.decode(value);
    const object = parseObject(text);
    if (object === undefined) return [];
    const reserved = Object.keys(object).filter(
        (name) => name === '~version' || name.startsWith('_'),
    );
    const changed = (text.match(tokens) ?? []).filter(
        (token) => !token.startsWith('"') && !survives(token),
    );
    return [
        ...(reserved.length > 0 ? [finding('K03', 'error', reserved.join(', '))] : []),
        ...(changed.length > 0
            ? [finding('K18', 'error', `${changed.length} of them lose digits`)]
            : []),
    ];
}
