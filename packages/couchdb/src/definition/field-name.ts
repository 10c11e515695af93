type Depth = [never, 0, 1, 2, 3];

type Nested<T, Name extends string, D extends number> = T extends readonly unknown[]
    ? Name
    : T extends object
      ? Name | `${Name}.${FieldNames<T, Depth[D]>}`
      : Name;

type FieldNames<T, D extends number> = [D] extends [never]
    ? never
    : { [K in keyof T & string]: Nested<NonNullable<T[K]>, K, D> }[keyof T & string];

/** Fields every document of a state database has. */
export type RowField = '_id' | '~version';

/**
 * Names of the fields of a type, nested ones with dots, four levels deep. With no type given, any text.
 *
 * @example
 * ```ts
 * type Names = FieldName<{ owner: { name: string }; size: number }>; // 'owner' | 'owner.name' | 'size'
 * ```
 */
export type FieldName<T> = unknown extends T ? string : FieldNames<T, 4> | RowField;

/** The part of a JSON schema an index is checked against. */
export interface DocumentSchema {
    readonly type?: string | readonly string[];
    readonly properties?: Readonly<Record<string, DocumentSchema>>;
    readonly items?: unknown;
    readonly enum?: readonly unknown[];
    readonly const?: unknown;
}

/** Names of the fields a JSON schema (given `as const`) describes. */
export type SchemaFieldName<S> = S extends {
    readonly properties: infer P extends Readonly<Record<string, unknown>>;
}
    ? { [K in keyof P & string]: K | `${K}.${SchemaFieldName<P[K]>}` }[keyof P & string]
    : never;

/** The schema of a field, or undefined when the schema does not describe it. */
export function schemaOf(
    schema: DocumentSchema,
    path: readonly string[],
): DocumentSchema | undefined {
    let current: DocumentSchema | undefined = schema;
    for (const name of path) {
        const members: DocumentSchema['properties'] = current?.properties;
        if (members === undefined || !Object.hasOwn(members, name)) return undefined;
        current = members[name];
    }
    return current;
}
