import { KeyError } from '../errors.js';
import { MAX_KEY_BYTES } from '../key-text.js';
import type { KeyRegistry } from '../registry.js';
import { checkText, utf8Length } from '../text.js';
import { finding, type LintFinding } from './rules.js';

/** Keys longer than this are worth a look; those above {@link MAX_KEY_BYTES} are refused. */
export const LONG_KEY_BYTES = 256;

/** Options of {@link checkKey}. */
export interface CheckKeyOptions {
    /**
     * Definitions: a key of one of them was checked when it was built, so only its length, and what its
     * unmarked parts give away, are looked at. @default none
     */
    readonly registry?: KeyRegistry;
}

const uuids = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
const isoTimes = /\d{4}-\d{2}-\d{2}(?:T[0-9:.]+(?:Z|[+-]\d{2}:?\d{2})?)?/g;
const spokenDate =
    /(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? .{0,4}(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)|\b\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b/;
// Eight digits and more may be dates or fixed-width numbers.
const unpadded = /^[1-9]\d{0,6}$/;

const personal: readonly (readonly [string, RegExp])[] = [
    ['an e-mail address', /[^\s@/:]+@[^\s@/:]+\.[a-z]{2,}/i],
    ['a US social security number', /(?:^|[^0-9])\d{3}-\d{2}-\d{4}(?:$|[^0-9])/],
    ['a medical record number', /(?:^|[^a-z])mrn[-_:#. ]?\d{3,}/i],
    ['a telephone number', /(?:^|[^0-9])\+\d{10,14}(?:$|[^0-9])/],
    ['a date of birth', /(?:dob|birth(?:day|date)?)[-_:#. ]?\d/i],
];

function hazards(texts: readonly string[]): LintFinding[] {
    return texts.flatMap((text) => {
        try {
            checkText(text);
            return [];
        } catch (error) {
            if (!(error instanceof KeyError)) throw error;
            const what: Partial<Record<string, string>> = {
                KEY_PART_EMPTY: 'an attribute is empty, which the Node shim refuses',
                KEY_PART_SURROGATE:
                    'a lone surrogate is dropped on the way to the peer, so two keys become one',
            };
            const detail = what[error.code] ?? 'U+0000 or U+10FFFF is a delimiter of Fabric';
            return [finding('K01', 'error', detail)];
        }
    });
}

/** The pieces in which data may stand: attributes, or what delimiters separate. */
function piecesOf(key: string): string[] {
    if (key.startsWith('\0')) return key.slice(1).split('\0').slice(0, -1);
    if (key.includes('\u0001')) return key.split('\u0001');
    return key
        .replace(uuids, 'x')
        .replace(isoTimes, 'x')
        .split(/[:/|~#_.,;-]/);
}

function checkShape(key: string): LintFinding[] {
    const composite = key.startsWith('\0');
    if (composite && !(key.length > 2 && key.endsWith('\0'))) {
        return [finding('K01', 'error', 'it begins with U+0000 but is no composite key')];
    }
    return hazards(composite ? piecesOf(key) : [key]);
}

function checkOrder(key: string, pieces: readonly string[]): LintFinding[] {
    const found: LintFinding[] = [];
    const data = pieces.filter((piece) => /\d/.test(piece) || piece === 'x');
    const joined = !key.startsWith('\0') && !key.includes('\u0001') && pieces.length > 1;
    if (joined && data.length > 0) {
        found.push(finding('K04', 'warning', `it has ${pieces.length} pieces between delimiters`));
    }
    if (spokenDate.test(key)) {
        found.push(finding('K05', 'error', 'a date is written as people say it'));
    } else if (pieces.slice(1).some((piece) => unpadded.test(piece))) {
        found.push(
            finding('K05', 'warning', 'a number has no leading zeros, so 10 sorts before 9'),
        );
    }
    return found;
}

function checkPersonal(whole: string): LintFinding[] {
    // Some patterns take the square of the length, and nobody vouches for the length of a raw key.
    const text = whole.slice(0, MAX_KEY_BYTES);
    return personal
        .filter(([, pattern]) => pattern.test(text))
        .map(([what]) => finding('K24', 'warning', `something looks like ${what}`));
}

function checkLength(key: string): LintFinding[] {
    const bytes = utf8Length(key);
    if (bytes <= LONG_KEY_BYTES) return [];
    return bytes > MAX_KEY_BYTES
        ? [finding('K23', 'error', `${bytes} bytes, and ${MAX_KEY_BYTES} is the limit`)]
        : [finding('K23', 'warning', `${bytes} bytes; up to ${LONG_KEY_BYTES} is comfortable`)];
}

/**
 * Checks a raw ledger key: rules K01, K02, K04, K05, K23 and K24. Findings never show the key.
 *
 * @example
 * ```ts
 * import { checkKey } from '@goodput/keys';
 *
 * console.log(checkKey('_config').map(({ rule }) => rule).join()); // => K02
 * console.log(checkKey('asset-7').map(({ rule }) => rule).join()); // => K04,K05
 * ```
 */
export function checkKey(key: string, options: CheckKeyOptions = {}): LintFinding[] {
    if (key === '') return [finding('K02', 'error', 'the key is empty')];
    const described = options.registry?.describe(key);
    if (described?.known === true) {
        const open = described.parts.filter(({ phi }) => !phi).map(({ text }) => text);
        return [...checkLength(key), ...open.flatMap(checkPersonal)];
    }
    const pieces = piecesOf(key);
    return [
        ...(key.startsWith('_') ? [finding('K02', 'error', 'the key begins with "_"')] : []),
        ...checkShape(key),
        ...checkOrder(key, pieces),
        ...checkLength(key),
        ...checkPersonal(key),
    ];
}
