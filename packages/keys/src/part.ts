import { isCodec, type Codec } from './codec.js';
import { KeyError } from './errors.js';
import { refuseOption } from './refuse.js';

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
    const { phi = false } = options;
    const made = { name, codec, phi };
    checkPart(made);
    return Object.freeze(made);
}

/** Refuses a part that cannot be used, also one that was made without {@link part}. */
export function checkPart(made: AnyPart): void {
    const given: unknown = made;
    if (typeof given !== 'object' || given === null) {
        refuseOption('parts', 'a list of part(name, codec)', given);
    }
    const { name, codec } = made;
    // Every object has a member of such a name, so a value left out would not be missed.
    if (typeof name !== 'string' || !partName.test(name) || name in Object.prototype) {
        throw new KeyError('KEY_NAME_INVALID', {
            problem:
                'a part name must be a letter and then letters, digits or "_", 64 at most, and nothing every object has, such as constructor',
            value: name,
            fix: 'Rename the part.',
        });
    }
    if (!isCodec(codec)) {
        throw new KeyError('KEY_DEFINITION_INVALID', {
            part: name,
            problem: 'needs a codec, an object with kind, encode, decode and compare',
            value: codec,
            fix: 'Give one of the codecs, called: string(), not string.',
        });
    }
    // Anything but true would be taken for false in one place and for true in another.
    const phi: unknown = made.phi;
    if (typeof phi !== 'boolean') refuseOption('phi', 'true or false', phi);
}

/** Flattens an intersection, so that editors show the members. */
export type Flat<T> = { readonly [K in keyof T]: T[K] };

/** The value of one part. */
export type PartValue<P> = P extends { readonly codec: Codec<infer T> } ? T : never;

/** The values of a list of parts, by name; parts that may be absent need not be given. */
export type PartValues<P extends readonly AnyPart[]> = Flat<
    {
        readonly [
            E in P[number] as undefined extends PartValue<E> ? never : E['name']
        ]: PartValue<E>;
    } & {
        readonly [
            E in P[number] as undefined extends PartValue<E> ? E['name'] : never
        ]?: PartValue<E>;
    }
>;

/**
 * Values of the first parts of a key: none, one, two… but not all. Each part that is named must be
 * given, and none after the last one.
 */
export type PrefixValues<
    P extends readonly AnyPart[],
    Given extends readonly AnyPart[] = readonly [],
> = number extends P['length']
    ? Readonly<Record<string, unknown>>
    : P extends readonly [infer Head extends AnyPart, ...infer Tail extends readonly AnyPart[]]
      ? | Flat<
              { readonly [E in Given[number] as E['name']]: PartValue<E> } & {
                  readonly [E in P[number] as E['name']]?: never;
              }
          >
        | PrefixValues<Tail, readonly [...Given, Head]>
      : never;

/** The part that follows a prefix. */
export type PartAfter<P extends readonly AnyPart[], X> = number extends P['length']
    ? AnyPart
    : P extends readonly [infer Head extends AnyPart, ...infer Tail extends readonly AnyPart[]]
      ? Head['name'] extends keyof X
          ? PartAfter<Tail, X>
          : Head
      : never;

/** The template of a key, as a type: `vital/{patient}/{at}`. */
export type TemplateText<
    N extends string,
    P extends readonly AnyPart[],
> = number extends P['length']
    ? string
    : P extends readonly [infer Head extends AnyPart, ...infer Tail extends readonly AnyPart[]]
      ? TemplateText<`${N}/{${Head['name']}}`, Tail>
      : N;
