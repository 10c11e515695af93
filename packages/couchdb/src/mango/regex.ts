import { createContext, Script } from 'node:vm';
import { CouchdbError } from '../errors.js';

// CouchDB runs PCRE over bytes. Where a pattern means the same in JavaScript it is run; what
// JavaScript spells otherwise is rewritten; what it lacks is refused rather than approximated.
const POSIX_CLASSES: Readonly<Record<string, string>> = {
    alpha: 'A-Za-z',
    digit: '0-9',
    alnum: 'A-Za-z0-9',
    upper: 'A-Z',
    lower: 'a-z',
    space: ' \\t\\r\\n\\v\\f',
    xdigit: 'A-Fa-f0-9',
    word: 'A-Za-z0-9_',
    punct: '!-\\/:-@\\[-`{-~',
};

const LACKING = [
    /(?:[*+?]|\})\+/, // possessive quantifiers
    /\(\?>/, // atomic groups
    /\(\?\(/, // conditionals
    /\(\?(?:R|\d|&|P>|P=|\|)/, // recursion, subroutines, branch reset
    /\\[GKXRhHvVNQCE]/, // escapes JavaScript reads as letters or otherwise
    /\\p|\\P/, // properties, which PCRE matches only in its UTF mode
    /\(\*/, // verbs
];

/** Turns text into one character a byte, which is what PCRE sees. */
function bytes(text: string): string {
    // eslint-disable-next-line no-control-regex -- the point is to see whether all is ASCII
    return /^[\x00-\x7f]*$/.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

function withoutEscapes(pattern: string): string {
    return pattern.replace(/\\\\/g, '');
}

function translate(pattern: string): RegExp {
    const lacking = LACKING.find((part) => part.test(withoutEscapes(pattern)));
    if (lacking !== undefined) throw new SyntaxError(`JavaScript has no ${lacking.source}`);
    const [whole = '', flags = ''] = /^\(\?([imsx]+)\)/.exec(pattern) ?? [];
    if (flags.includes('x')) throw new SyntaxError('JavaScript has no (?x)');
    const multiline = flags.includes('m');
    const source = pattern
        .slice(whole.length)
        .replace(/\[:(\^?)(\w+):\]/g, (text, not: string, name: string) => {
            const members = POSIX_CLASSES[name];
            if (not !== '' || members === undefined)
                throw new SyntaxError(`JavaScript has no ${text}`);
            return members;
        })
        .replace(/\(\?P</g, '(?<')
        .replace(/\\A/g, '^')
        .replace(/\\z/g, '$(?![\\s\\S])')
        .replace(/\\Z/g, '(?=\\n?$(?![\\s\\S]))');
    if (multiline && /\\[AzZ]/.test(pattern)) throw new SyntaxError('(?m) with \\A, \\z or \\Z');
    const dotAll = flags.includes('s');
    // PCRE's dot stops at a line feed only, and its dollar also matches before a last line feed.
    const adapted = rewriteOutsideClasses(source, dotAll, multiline);
    return new RegExp(bytes(adapted), flags.replace(/[^im]/g, '') + (dotAll ? 's' : ''));
}

function rewriteOutsideClasses(source: string, dotAll: boolean, multiline: boolean): string {
    let inClass = false;
    return source.replace(/\\[\s\S]|[[\].$]/g, (token, at: number) => {
        if (token.length > 1) return token;
        if (token === '[' && !inClass) inClass = true;
        else if (token === ']' && inClass) {
            // PCRE takes a bracket that stands first in a class for itself.
            if (/(?<!\\)\[\^?$/.test(source.slice(0, at))) return '\\]';
            inClass = false;
        } else if (token === '.' && !inClass && !dotAll) return '[^\\n]';
        else if (token === '$' && !inClass && !multiline && !source.startsWith('$(?!', at)) {
            return '(?=\\n?$(?![\\s\\S]))';
        }
        return token;
    });
}

/** Whether a pattern can be compiled; a pattern beyond JavaScript counts, and fails when it is run. */
export function checkRegex(pattern: string): boolean {
    try {
        translate(pattern);
        return true;
    } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        return error.message.startsWith('JavaScript has no') || /[(][?]/.test(pattern);
    }
}

/** Longest time a regular expression may search one text, in milliseconds. */
export const MAX_REGEX_MILLISECONDS = 2000;

// A repeated group, or several repetitions, can take time without end where a text almost matches.
function mayExplode(pattern: string): boolean {
    const repeats = withoutEscapes(pattern).match(/[*+}]/g) ?? [];
    return repeats.length > 1 || /\)[*+{]/.test(pattern);
}

const search = new Script('regex.test(text)');

/** Runs a regular expression that is stopped when it takes too long; PCRE has a limit of its own. */
function watched(regex: RegExp): (text: string) => boolean {
    const scope = { regex, text: '' };
    const context = createContext(scope);
    return (text) => {
        scope.text = text;
        return search.runInContext(context, { timeout: MAX_REGEX_MILLISECONDS }) as boolean;
    };
}

function unsupported(pattern: string, cause: unknown): CouchdbError {
    const message =
        `The embedded engine cannot run the regular expression ${JSON.stringify(pattern)}: ` +
        `${cause instanceof Error ? cause.message : String(cause)}. ` +
        'Use a pattern that means the same in PCRE and JavaScript.';
    return new CouchdbError('COUCHDB_REGEX_UNSUPPORTED', message, { cause });
}

/**
 * Compiles a `$regex` pattern.
 *
 * @throws CouchdbError `COUCHDB_REGEX_UNSUPPORTED` when the pattern uses what only PCRE has, and from
 *   the function returned when it searches one text longer than {@link MAX_REGEX_MILLISECONDS}
 */
export function compileRegex(pattern: string): (text: string) => boolean {
    let regex: RegExp;
    try {
        regex = translate(pattern);
    } catch (cause) {
        throw unsupported(pattern, cause);
    }
    if (!mayExplode(pattern)) return (text) => regex.test(bytes(text));
    const test = watched(regex);
    return (text) => {
        try {
            return test(bytes(text));
        } catch (cause) {
            throw unsupported(pattern, cause);
        }
    };
}
