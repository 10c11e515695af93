import type { Codec } from './codec.js';
import { KeyError } from './errors.js';

/** One named part of a key. */
export interface Part<N extends string, T> {
    readonly name: N;
    readonly codec: Codec<T>;
    /** Protected health information: shown nowhere, only as an HMAC. */
    readonly phi: boolean;
}

/** Any part, whatever its value. */
export type AnyPart = Part<string, unknown>;

/** Options of {@link part}. */
export interface PartOptions {
    /** Keep the value out of messages, templates and other text. @default false @example true */
    readonly phi?: boolean;
}

const partName = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

/**
 * Names a part of a key and says how its values are written.
 *
 * @example
 * ```ts
 * import { part, string } from '@goodput/keys';
 *
 * const patient = part('patient', string(), { phi: true });
 * console.log(patient.name); // => patient
 * ```
 */
export function part<const N extends string, T>(
    name: N,
    codec: Codec<T>,
    options: PartOptions = {},
): Part<N, T> {
    if (!partName.test(name)) {
        throw new KeyError('KEY_NAME_INVALID', {
            problem: 'a part name must be a letter and then letters, digits or "_", 64 at most',
            value: name,
            fix: 'Rename the part.',
        });
    }
    const members = codec as Partial<Codec<T>> | undefined;
    const isCodec = [members?.encode, members?.decode, members?.compare].every(
        (method) => typeof method === 'function',
    );
    if (!isCodec || typeof members?.kind !== 'string') {
        throw new KeyError('KEY_DEFINITION_INVALID', {
            part: name,
            problem: 'needs a codec, an object with kind, encode, decode and compare',
            value: codec,
            fix: 'Give one of the codecs, called: string(), not string.',
        });
    }
    return Object.freeze({ name, codec, phi: options.phi ?? false });
}

/** Flattens an intersection, so that editors show the members. */
export type Flat<T> = { readonly [K in keyof T]: T[K] };

/** The value of one part. */
export type PartValue<P> = P extends { readonly codec: Codec<infer T> } ? T : never;

type Required<P extends AnyPart> = {
    readonly [E in P as undefined extends PartValue<E> ? never : E['name']]: PartValue<E>;
};

type Absentable<P extends AnyPart> = {
    readonly [E in P as undefined extends PartValue<E> ? E['name'] : never]?: PartValue<E>;
};

/** The values of a list of parts, by name; parts that may be absent need not be given. */
export type PartValues<P extends readonly AnyPart[]> = Flat<
    Required<P[number]> & Absentable<P[number]>
>;

/** Values of leading parts: each named part must be given, and none after the last one. */
type Leading<Given extends readonly AnyPart[], Rest extends readonly AnyPart[]> = Flat<
    { readonly [E in Given[number] as E['name']]: PartValue<E> } & {
        readonly [E in Rest[number] as E['name']]?: never;
    }
>;

/** Values of the first parts of a key: none, one, two… but not all. */
export type PrefixValues<P extends readonly AnyPart[]> = number extends P['length']
    ? Readonly<Record<string, unknown>>
    : Prefixes<P>;

type Prefixes<
    P extends readonly AnyPart[],
    Given extends readonly AnyPart[] = readonly [],
> = P extends readonly [infer Head extends AnyPart, ...infer Tail extends readonly AnyPart[]]
    ? Leading<Given, P> | Prefixes<Tail, readonly [...Given, Head]>
    : never;

/** The part that follows a prefix. */
export type PartAfter<P extends readonly AnyPart[], X> = number extends P['length']
    ? AnyPart
    : After<P, X>;

type After<P extends readonly AnyPart[], X> = P extends readonly [
    infer Head extends AnyPart,
    ...infer Tail extends readonly AnyPart[],
]
    ? Head['name'] extends keyof X
        ? After<Tail, X>
        : Head
    : never;

/** The template of a key, as a type: `vital/{patient}/{at}`. */
export type TemplateText<
    N extends string,
    P extends readonly AnyPart[],
> = number extends P['length'] ? string : Placeholders<N, P>;

type Placeholders<N extends string, P extends readonly AnyPart[]> = P extends readonly [
    infer Head extends AnyPart,
    ...infer Tail extends readonly AnyPart[],
]
    ? Placeholders<`${N}/{${Head['name']}}`, Tail>
    : N;
