import {
    encodePlainOf,
    textClassOf,
    type Codec,
    type EncodePlain,
    type TextClass,
} from './codec.js';
import { codecError, KeyError, placeError } from './errors.js';
import { escapeTerminator, TERMINATOR, unescapeTerminator } from './escape.js';
import { quickJoin, type QuickJoin } from './join-values.js';
import type { KeyLayout } from './ledger-key.js';
import type { AnyPart } from './part.js';
import { checkText, isPlain, utf8Length } from './text.js';

/** Most UTF-8 bytes a key may have. CouchDB puts keys into URLs, escaped to up to three times that. */
export const MAX_KEY_BYTES = 1024;

/** Any object of part values. */
export type Values = Readonly<Record<string, unknown>>;

interface TextPart {
    readonly name: string;
    readonly codec: Codec<unknown>;
    readonly phi: boolean;
    readonly textClass: TextClass;
    readonly encodePlain: EncodePlain;
}

const neverPlain: EncodePlain = () => undefined;

function textOfUnchecked(codec: Codec<unknown>, value: unknown): string {
    const text: unknown = codec.encode(value);
    if (typeof text === 'string' && isPlain(text)) return text;
    try {
        if (typeof text === 'string') return checkText(text);
    } catch (error) {
        throw broken(codec, error);
    }
    throw broken(codec, undefined);
}

function broken(codec: Codec<unknown>, error: unknown): KeyError {
    const reason = error instanceof KeyError ? error.message : 'it is not text';
    return codecError('KEY_CODEC_BROKEN', {
        problem: `was written by the codec ${codec.kind} as text no ledger key may contain`,
        fix:
            error instanceof KeyError && error.code === 'KEY_PART_EMPTY'
                ? 'It is empty. Run codecSuite() on the codec.'
                : `It ${reason.includes('surrogate') ? 'has a lone surrogate' : 'has U+0000 or U+10FFFF, or is no text'}. Run codecSuite() on the codec.`,
    });
}

/** Joins and splits the texts of a key's parts. */
export class KeyText {
    readonly name: string;
    /** What every key begins with: the name and, before and behind it, what the layout demands. */
    readonly start: string;
    readonly #parts: readonly TextPart[];
    readonly #terminator: string;
    readonly #escapes: boolean;
    readonly #quickJoin: QuickJoin;
    /** An object with all the members, because a copy of it is made faster than members are added. */
    readonly #blank: Values;

    constructor(name: string, layout: KeyLayout, parts: readonly AnyPart[]) {
        const composite = layout === 'composite';
        this.name = name;
        this.#terminator = composite ? '\u0000' : TERMINATOR;
        this.#escapes = !composite;
        this.start = `${composite ? '\u0000' : ''}${name}${this.#terminator}`;
        this.#parts = parts.map(({ name: partName, codec, phi }) => ({
            name: partName,
            codec,
            phi,
            textClass: textClassOf(codec),
            encodePlain: encodePlainOf(codec) ?? neverPlain,
        }));
        this.#quickJoin = quickJoin(this.start, this.#terminator, this.#parts);
        this.#blank = Object.fromEntries(parts.map((part) => [part.name, undefined]));
    }

    #part(index: number): TextPart {
        const part = this.#parts[index];
        if (part === undefined) throw new RangeError(`key ${this.name} has no part ${index}`);
        return part;
    }

    /** The text of one part as it stands in the key. */
    #textOf(part: TextPart, value: unknown): string {
        const text =
            part.textClass === 'unchecked'
                ? textOfUnchecked(part.codec, value)
                : part.codec.encode(value);
        return this.#escapes ? escapeTerminator(text) : text;
    }

    /** The key of these values. */
    build(values: Values): string {
        let text: string | undefined;
        try {
            text = this.#quickJoin(values);
        } catch {
            // The slow way meets the same error, and says at which part.
        }
        if (text === undefined) return this.join(values, this.#parts.length);
        if (text.length > MAX_KEY_BYTES / 3) this.#checkLength(text);
        return text;
    }

    /** `start` and the first `count` parts, each terminated. */
    join(values: Values, count: number): string {
        const terminator = this.#terminator;
        let text = this.start;
        let index = 0;
        try {
            for (const part of this.#parts) {
                if (index === count) break;
                text += this.#textOf(part, values[part.name]) + terminator;
                index++;
            }
        } catch (error) {
            throw this.#place(error, index, values);
        }
        if (text.length > MAX_KEY_BYTES / 3) this.#checkLength(text);
        return text;
    }

    /** One more value behind a joined prefix, terminated. */
    extend(prefix: string, index: number, value: unknown): string {
        const part = this.#part(index);
        let text = prefix;
        try {
            text += this.#textOf(part, value) + this.#terminator;
        } catch (error) {
            throw this.#place(error, index, { [part.name]: value });
        }
        this.#checkLength(text);
        return text;
    }

    /** The texts of all parts, unescaped. */
    attributes(values: Values): string[] {
        return this.split(this.build(values)) ?? [];
    }

    #place(error: unknown, index: number, values: unknown): KeyError {
        const part = this.#part(index);
        if (typeof values !== 'object' || values === null) {
            return new KeyError('KEY_PART_TYPE', {
                key: this.name,
                problem: 'the values must be an object with a member for each part',
                fix: `Give { ${this.#parts.map(({ name }) => name).join(', ')} }.`,
            });
        }
        const value = (values as Values)[part.name];
        if (value === undefined && !(part.name in values)) {
            return new KeyError('KEY_PART_MISSING', {
                key: this.name,
                part: part.name,
                problem: 'is missing',
                fix: `The key needs { ${this.#parts.map(({ name }) => name).join(', ')} }.`,
            });
        }
        return placeError(error, { key: this.name, part: part.name, phi: part.phi, value });
    }

    #checkLength(text: string): void {
        const bytes = utf8Length(text);
        if (bytes <= MAX_KEY_BYTES) return;
        throw new KeyError('KEY_TOO_LONG', {
            key: this.name,
            problem: `the key has ${bytes} UTF-8 bytes, and ${MAX_KEY_BYTES} is the limit`,
            fix: 'Put long data into the value, and its hash() into the key.',
        });
    }

    /** The texts of a key's parts, unescaped; `undefined` for a key of another definition. */
    split(key: string): string[] | undefined {
        if (typeof key !== 'string' || !key.startsWith(this.start)) return undefined;
        const texts: string[] = [];
        let from = this.start.length;
        while (from < key.length) {
            const end = key.indexOf(this.#terminator, from);
            if (end < 0) return undefined;
            const text = key.slice(from, end);
            const plain = this.#escapes ? unescapeTerminator(text) : text;
            if (plain === undefined) return undefined;
            texts.push(plain);
            from = end + 1;
        }
        return texts;
    }

    /** The values of a key's parts. */
    parse(key: string): Values {
        if (typeof key !== 'string' || !key.startsWith(this.start)) return this.#explain(key);
        // Before anything is decoded: nobody vouches for the length of a raw key.
        if (key.length > MAX_KEY_BYTES) this.#checkLength(key);
        const values: Record<string, unknown> = { ...this.#blank };
        let from = this.start.length;
        for (const part of this.#parts) {
            const end = key.indexOf(this.#terminator, from);
            if (end < 0) return this.#explain(key);
            const text = key.slice(from, end);
            const plain =
                this.#escapes && part.textClass !== 'plain' ? unescapeTerminator(text) : text;
            if (plain === undefined) return this.#explain(key);
            values[part.name] = this.#decode(part, plain);
            from = end + 1;
        }
        if (from !== key.length) return this.#explain(key);
        if (from > MAX_KEY_BYTES / 3) this.#checkLength(key);
        return values;
    }

    /** Says what is wrong with a key that could not be taken apart. */
    #explain(key: string): never {
        const texts = this.split(key);
        if (texts === undefined) {
            // The text may be some other key with a patient in it, so it is not shown.
            throw new KeyError('KEY_PARSE_FOREIGN', {
                key: this.name,
                problem: 'the text is not a key of this definition',
                fix: 'Use a registry, which finds the definition a key belongs to.',
            });
        }
        throw new KeyError('KEY_PARSE_ARITY', {
            key: this.name,
            problem: `the key has ${texts.length} parts, and the definition ${this.#parts.length}`,
            fix: 'Give each shape of key a name of its own.',
        });
    }

    #decode(part: TextPart, text: string): unknown {
        try {
            return part.codec.decode(text);
        } catch (error) {
            throw new KeyError('KEY_PARSE_PART', {
                key: this.name,
                part: part.name,
                phi: part.phi,
                problem: `is not text the codec ${part.codec.kind} writes`,
                value: text,
                fix: 'The key was built by something else, or by another version of the definition.',
                ...(part.phi ? undefined : { cause: error }),
            });
        }
    }
}
