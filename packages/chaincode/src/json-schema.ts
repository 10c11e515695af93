import type { JsonValue } from './canonical-json.js';

/** A JSON schema as {@link repository} takes it: plain JSON Schema and the keyword `phi`. */
export interface RowSchema {
    readonly type: 'object';
    readonly properties: Readonly<Record<string, PropertySchema>>;
    readonly required?: readonly string[];
    readonly additionalProperties?: boolean;
    readonly [keyword: string]: unknown;
}

/** The schema of one member. */
export interface PropertySchema {
    /** Protected health information: kept in private collections, out of keys, events and messages. */
    readonly phi?: boolean;
    readonly [keyword: string]: unknown;
}

/** The same members, shown one by one. */
export type Flat<T> = { [K in keyof T]: T[K] };

/** Names of the members a schema requires. */
export type RequiredOf<S> = S extends { readonly required: readonly (infer R)[] } ? R : never;

/** The members of an object, some of them optional. */
export type SchemaMembers<P, R> = Flat<
    { readonly [K in keyof P as K extends R ? K : never]: FromSchema<P[K]> } & {
        readonly [K in keyof P as K extends R ? never : K]?: FromSchema<P[K]>;
    }
>;

/** JSON Schema's simple types, by name. */
export interface SimpleTypes {
    string: string;
    number: number;
    integer: number;
    boolean: boolean;
    null: null;
}

/** The type of the values a JSON schema allows. */
export type FromSchema<S> = S extends { readonly const: infer C }
    ? C
    : S extends { readonly enum: readonly (infer E)[] }
      ? E
      : S extends { readonly type: infer T extends keyof SimpleTypes }
        ? SimpleTypes[T]
        : S extends { readonly type: 'array'; readonly items: infer I }
          ? readonly FromSchema<I>[]
          : S extends { readonly type: 'object'; readonly properties: infer P }
            ? SchemaMembers<P, RequiredOf<S>>
            : JsonValue;
