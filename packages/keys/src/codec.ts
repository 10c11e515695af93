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

const classes = new WeakMap<object, TextClass>();

/** Marks a codec of ours as needing no check of its text, and freezes it. */
export function builtIn<T>(textClass: TextClass, codec: Codec<T>): Codec<T> {
    classes.set(codec, textClass);
    return Object.freeze(codec);
}

export function textClassOf(codec: object): TextClass {
    return classes.get(codec) ?? 'unchecked';
}

/** The order of numbers, bigints and code units. */
export function compareValues<T extends number | bigint | boolean>(a: T, b: T): number {
    return a < b ? -1 : a > b ? 1 : 0;
}
