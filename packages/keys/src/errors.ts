/** Every code a {@link KeyError} can carry, with what it means. */
export const ERROR_CODES = {
    KEY_NAME_INVALID: 'The name of a key, part or key space cannot be used.',
    KEY_DEFINITION_INVALID: 'A definition (key, codec, pattern, key space) contradicts itself.',
    KEY_PART_MISSING: 'A part the key needs was not given.',
    KEY_PART_UNKNOWN: 'A part was given that the key does not have.',
    KEY_PART_TYPE: 'A part has the wrong JavaScript type.',
    KEY_PART_EMPTY: 'A part is empty; Fabric refuses empty attributes.',
    KEY_PART_CHARACTER: 'A part contains U+0000 or U+10FFFF, which Fabric reserves.',
    KEY_PART_SURROGATE: 'A part contains a lone surrogate, which is lost on the way to the peer.',
    KEY_PART_NOT_FINITE: 'A numeric part is NaN or infinite.',
    KEY_PART_NEGATIVE_ZERO: 'A numeric part is -0, which equals 0 yet is another value.',
    KEY_PART_RANGE: 'A part lies outside what its codec can hold.',
    KEY_PART_FORMAT: 'A part is not written in the one form its codec accepts.',
    KEY_PART_NOT_MEMBER: 'A part is not a member of its enumeration.',
    KEY_PART_UNALIGNED: 'An instant is not the start of a time bucket or slot.',
    KEY_TOO_LONG: 'The key has more UTF-8 bytes than the limit allows.',
    KEY_CODEC_BROKEN: 'A custom codec made text that no ledger key may contain.',
    KEY_PREFIX_GAP: 'A prefix names a part but leaves out one before it.',
    KEY_PREFIX_FULL: 'A prefix names every part, so there is nothing left to scan.',
    KEY_RANGE_COMPOSITE: 'Composite keys have no range scan in Fabric.',
    KEY_RANGE_REVERSED: 'A range begins after it ends.',
    KEY_PARSE_FOREIGN: 'The text is not a key of this definition.',
    KEY_PARSE_ARITY: 'The key has more or fewer parts than its definition.',
    KEY_PARSE_PART: 'A part of the key is not something its codec writes.',
    KEY_PLAN_TOO_WIDE: 'A plan would need more scans or keys than its limit.',
    KEY_SPACE_OVERLAP: 'Two keys of one namespace could be taken for each other.',
    KEY_SPACE_UNKNOWN: 'No key space has that name, or no space holds that key.',
    KEY_SPACE_MIXED: 'One transaction writes key spaces that must stay apart.',
} as const;

/** A stable error code of this package. */
export type KeyErrorCode = keyof typeof ERROR_CODES;

/** What a {@link KeyError} is made of. */
export interface KeyErrorDetail {
    /** What is wrong, as a predicate: `must be a string`. Never contains the value. */
    readonly problem: string;
    /** What to do instead, as a sentence. Never contains the value. */
    readonly fix: string;
    /** The offending value; shown in the message unless the part is marked `phi`. */
    readonly value?: unknown;
    /** Name of the key definition. */
    readonly key?: string;
    /** Name of the part. */
    readonly part?: string;
    /** Whether the value must not be shown. */
    readonly phi?: boolean;
    readonly cause?: unknown;
}

const longestShown = 60;

function shorten(text: string): string {
    return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
}

/** A value as an error message shows it. */
export function showValue(value: unknown): string {
    if (Object.is(value, -0)) return '-0';
    switch (typeof value) {
        case 'string':
            return shorten(JSON.stringify(value));
        case 'bigint':
            return shorten(`${value}n`);
        case 'number':
        case 'boolean':
        case 'undefined':
            return String(value);
        case 'object':
            if (value === null) return 'null';
            return `an object (${Object.prototype.toString.call(value).slice(8, -1)})`;
        default:
            return `a ${typeof value}`;
    }
}

function messageOf(detail: KeyErrorDetail): string {
    const key = detail.key === undefined ? '' : `Key ${detail.key}: `;
    const part = detail.part === undefined ? '' : `part ${detail.part} `;
    let got = '';
    if ('value' in detail) {
        const shown = detail.phi === true ? 'a value that is not shown' : showValue(detail.value);
        got = `; got ${shown}`;
    }
    const text = `${key}${part}${detail.problem}${got}. ${detail.fix}`;
    return text.slice(0, 1).toUpperCase() + text.slice(1);
}

const details = new WeakMap<KeyError, KeyErrorDetail>();

/** What went wrong while defining, building, parsing or checking a key. */
export class KeyError extends Error {
    override readonly name = 'KeyError';
    readonly code: KeyErrorCode;
    /** Name of the key definition, when known. */
    readonly key: string | undefined;
    /** Name of the part, when the trouble is one part's. */
    readonly part: string | undefined;
    /** What to do instead. */
    readonly fix: string;

    constructor(code: KeyErrorCode, detail: KeyErrorDetail) {
        super(messageOf(detail), 'cause' in detail ? { cause: detail.cause } : undefined);
        this.code = code;
        this.key = detail.key;
        this.part = detail.part;
        this.fix = detail.fix;
        details.set(this, detail);
    }
}

const ours = new WeakSet<KeyError>();

/** An error of a codec whose problem and fix were written here, and so never contain the value. */
export function codecError(code: KeyErrorCode, detail: KeyErrorDetail): KeyError {
    const error = new KeyError(code, detail);
    ours.add(error);
    return error;
}

/** Where a codec's complaint arose. */
export interface ErrorPlace {
    readonly key: string;
    readonly part: string;
    readonly phi: boolean;
    readonly value: unknown;
}

/**
 * Turns what a codec threw into an error that names key and part. For a `phi` part nothing a custom
 * codec said is passed on but its code, and of ours only code, problem and fix.
 */
export function placeError(error: unknown, place: ErrorPlace): KeyError {
    const detail = error instanceof KeyError ? details.get(error) : undefined;
    if (error instanceof KeyError && detail !== undefined && (!place.phi || ours.has(error))) {
        return new KeyError(error.code, {
            problem: detail.problem,
            fix: detail.fix,
            ...place,
            ...(place.phi ? undefined : { cause: error }),
        });
    }
    return new KeyError(error instanceof KeyError ? error.code : 'KEY_PART_FORMAT', {
        problem: 'was refused by its codec',
        fix: place.phi
            ? 'Call the codec with a harmless value to see its reason.'
            : `Its codec says: ${error instanceof Error ? error.message : String(error)}.`,
        ...place,
        ...(place.phi ? undefined : { cause: error }),
    });
}
