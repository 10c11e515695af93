import { builtIn, isCodec, textClassOf, type Codec } from '../codec.js';
import { refuseOption, refuseText } from '../refuse.js';

/** A value or `undefined`: `0` for none, which comes first, else `1` and the value's text. */
export function optional<T>(codec: Codec<T>): Codec<T | undefined> {
    if (!isCodec(codec)) refuseOption('codec', 'a codec', codec);
    const wrapped: Codec<T | undefined> = {
        kind: `optional(${codec.kind})`,
        encode: (value) => (value === undefined ? '0' : `1${codec.encode(value)}`),
        decode(text) {
            if (text === '0') return undefined;
            if (!text.startsWith('1')) refuseText('optional', text);
            const value = codec.decode(text.slice(1));
            // Of an optional in an optional: there is one way to write nothing.
            if (value === undefined) refuseText('optional', text);
            return value;
        },
        compare(a, b) {
            if (a === undefined) return b === undefined ? 0 : -1;
            return b === undefined ? 1 : codec.compare(a, b);
        },
        ...(codec.descending === true ? { descending: true } : undefined),
    };
    return builtIn(textClassOf(codec), wrapped);
}
