/**
 * Turns the values of one type into text and back, keeping their order.
 *
 * Promises, which {@link codecSuite} checks: the text is never empty and contains no U+0000, no
 * U+10FFFF and no lone surrogate; different values have different text; `decode` undoes `encode`
 * and refuses any text `encode` would not have written; and {@link compareKeys} of two texts has the
 * sign of `compare` of their values.
 *
 * @example
 * ```ts
 * import { codecSuite, type Codec } from '@goodput/keys';
 *
 * const bloodGroup: Codec<'A' | 'B'> = {
 *   kind: 'blood-group',
 *   encode: (value) => value,
 *   decode: (text) => {
 *     if (text !== 'A' && text !== 'B') throw new Error('must be A or B');
 *     return text;
 *   },
 *   compare: (a, b) => (a < b ? -1 : a > b ? 1 : 0),
 * };
 * ```
 */
export interface Codec<T> {
    /** Short name shown in templates and tools, e.g. `timestamp` or `uint(10)`. */
    readonly kind: string;
    /** Text of a value; throws for a value outside the codec's domain. */
    encode(value: T): string;
    /** Value of a text; throws for text that `encode` never writes. */
    decode(text: string): T;
    /** The order of the *texts*, told from the values. */
    compare(a: T, b: T): number;
    /** Set when greater values come first, as in newest-first times; ranges then swap their ends. */
    readonly descending?: boolean;
}

/**
 * What a built-in codec's text may contain: `plain` has no control characters at all, so it needs no
 * escaping anywhere; `legal` is checked but may hold U+0001 and U+0002. Custom codecs are `unchecked`.
 */
export type TextClass = 'plain' | 'legal' | 'unchecked';

/** What this package knows of its own codecs. */
interface BuiltIn {
    readonly textClass: TextClass;
    readonly encodePlain?: EncodePlain;
}

/** Text without control characters, or `undefined` when only `encode` can tell. */
export type EncodePlain = (value: unknown) => string | undefined;

const known = new WeakMap<object, BuiltIn>();

/**
 * Marks a codec of ours as needing no check of its text, and freezes it. A `legal` codec may offer
 * `encodePlain`, which gives the text when that has no control characters, so that it is read once.
 */
export function builtIn<T>(
    textClass: TextClass,
    codec: Codec<T>,
    encodePlain?: (value: T) => string | undefined,
): Codec<T> {
    // Codecs of ours use no `this`, so their `encode` may be called on its own.
    // eslint-disable-next-line @typescript-eslint/unbound-method
    const quick = textClass === 'plain' ? codec.encode : encodePlain;
    known.set(
        codec,
        quick === undefined ? { textClass } : { textClass, encodePlain: quick as EncodePlain },
    );
    return Object.freeze(codec);
}

export function textClassOf(codec: object): TextClass {
    return known.get(codec)?.textClass ?? 'unchecked';
}

export function encodePlainOf(codec: object): EncodePlain | undefined {
    return known.get(codec)?.encodePlain;
}

/** Whether something has what a codec must have. */
export function isCodec(value: unknown): boolean {
    if (typeof value !== 'object' || value === null) return false;
    const members = value as Partial<Codec<unknown>>;
    return (
        typeof members.kind === 'string' &&
        typeof members.encode === 'function' &&
        typeof members.decode === 'function' &&
        typeof members.compare === 'function'
    );
}

/** The order of numbers, bigints and code units. */
export function compareValues<T extends number | bigint | boolean>(a: T, b: T): number {
    return a < b ? -1 : a > b ? 1 : 0;
}
