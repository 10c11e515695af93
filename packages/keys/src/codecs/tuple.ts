import { builtIn, isCodec, textClassOf, type Codec } from '../codec.js';
import { escapeTerminator, TERMINATOR, unescapeTerminator } from '../escape.js';
import { refuseOption, refuseText, refuseType } from '../refuse.js';
import { checkText } from '../text.js';

/** The values that a list of codecs encode. */
export type TupleValues<C extends readonly Codec<unknown>[]> = {
    readonly [I in keyof C]: C[I] extends Codec<infer T> ? T : never;
};

/** Several values as one part, in the order of the first that differs. Tuples may be nested. */
export function tuple<const C extends readonly Codec<unknown>[]>(
    ...members: C
): Codec<TupleValues<C>> {
    if (members.length === 0) refuseOption('members', 'at least one codec', 'none');
    const stranger = members.find((member) => !isCodec(member));
    if (stranger !== undefined) refuseOption('members', 'codecs, one argument each', stranger);
    const count = members.length;

    function encodeMember(codec: Codec<unknown>, value: unknown): string {
        const text = codec.encode(value);
        const textClass = textClassOf(codec);
        if (textClass === 'plain') return text;
        return escapeTerminator(textClass === 'legal' ? text : checkText(text));
    }
    return builtIn<TupleValues<C>>('legal', {
        kind: `tuple(${members.map(({ kind }) => kind).join(', ')})`,
        encode(values: readonly unknown[]) {
            if (!Array.isArray(values) || values.length !== count) {
                refuseType(`a list of ${count} values`, values);
            }
            let text = '';
            members.forEach((codec, index) => {
                text += encodeMember(codec, values[index]) + TERMINATOR;
            });
            return text;
        },
        decode(text) {
            const texts = text.split(TERMINATOR);
            if (texts.length !== count + 1 || texts[count] !== '') refuseText('tuple', text);
            return members.map((codec, index) => {
                const member = unescapeTerminator(texts[index] ?? '');
                return member === undefined ? refuseText('tuple', text) : codec.decode(member);
            }) as unknown as TupleValues<C>;
        },
        compare(a, b) {
            for (let index = 0; index < count; index++) {
                const order = members[index]?.compare(a[index], b[index]) ?? 0;
                if (order !== 0) return order;
            }
            return 0;
        },
    });
}
