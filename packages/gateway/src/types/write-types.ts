import {
    assertMetadata,
    isSchema,
    returnsOf,
    type ContractMetadata,
    type DescribedContract,
    type DescribedTransaction,
    type Schema,
} from './metadata.js';

const identifier = /^[A-Za-z_$][\w$]*$/u;

function propertyName(name: string): string {
    return identifier.test(name) ? name : JSON.stringify(name);
}

/** Words that name no parameter. */
const reserved = new Set(
    (
        'break case catch class const continue debugger default delete do else enum export extends false finally for ' +
        'function if implements import in instanceof interface let new null package private protected public return ' +
        'static super switch this throw true try typeof var void while with yield'
    ).split(' '),
);

function parameterName(name: string, index: number): string {
    return identifier.test(name) && !reserved.has(name) ? name : `arg${index}`;
}

/** Turns any name into one that a type may have. */
function typeName(name: string): string {
    const words = name.split(/[^A-Za-z0-9]+/u).filter((word) => word !== '');
    const joined = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
    return /^[A-Za-z]/u.test(joined) ? joined : `Contract${joined}`;
}

function parenthesised(type: string): string {
    return / [|&] |^readonly /u.test(type) ? `(${type})` : type;
}

function schemasIn(value: unknown): readonly Schema[] | undefined {
    return Array.isArray(value) ? value.filter(isSchema) : undefined;
}

function referred({ $ref }: Schema): string | undefined {
    return typeof $ref === 'string' ? $ref.slice($ref.lastIndexOf('/') + 1) : undefined;
}

/**
 * Writes types. What a chaincode says of itself is not to be trusted: a text of it gets into the
 * types as a string in quotes or not at all, and what makes no sense is `unknown`.
 */
class TypeWriter {
    readonly #schemas: ReadonlyMap<string, Schema>;
    readonly #names = new Map<string, string>();
    /** The types that are written use these as they are. */
    readonly #taken = new Set<string>(['Readonly', 'Record']);
    /** The schema being written, while nothing stands between its name and what it refers to. */
    #alias: string | undefined;

    constructor(schemas: Readonly<Record<string, unknown>>) {
        const all = Object.entries(schemas);
        this.#schemas = new Map(
            all.map(([name, schema]) => [name, isSchema(schema) ? schema : {}]),
        );
        for (const name of this.#schemas.keys()) this.#names.set(name, this.#unique(name));
    }

    /** The schemas that others refer to. */
    aliases(): string[] {
        return [...this.#schemas].map(([name, schema]) => {
            this.#alias = name;
            const type = this.#typeOf(schema);
            this.#alias = undefined;
            return `export type ${this.#names.get(name) ?? ''} = ${type};`;
        });
    }

    contract(name: string, { transactions }: DescribedContract): string {
        const own = new Map(transactions.map((each) => [each.name, each]));
        own.delete('executeBatch');
        return [
            `/** Transaction functions of the contract ${JSON.stringify(name).replaceAll('*/', '* /')}. */`,
            `export interface ${this.#unique(name)} {`,
            ...[...own.values()].map((transaction) => this.#transaction(transaction)),
            '}',
        ].join('\n');
    }

    /** Different names may turn into one. */
    #unique(name: string): string {
        const wanted = typeName(name);
        let own = wanted;
        for (let n = 2; this.#taken.has(own); n++) own = `${wanted}${n}`;
        this.#taken.add(own);
        return own;
    }

    #transaction(transaction: DescribedTransaction): string {
        const { name, parameters = [] } = transaction;
        const args = parameters.map(
            (parameter, index) =>
                `${parameterName(parameter.name, index)}: ${this.#typeOf(parameter.schema)}`,
        );
        const result = this.#typeOf(returnsOf(transaction));
        return `    ${propertyName(name)}: { args: [${args.join(', ')}]; result: ${result} };`;
    }

    /** The TypeScript type of what a schema describes. */
    #typeOf(schema: unknown): string {
        if (!isSchema(schema)) return 'unknown';
        const name = referred(schema);
        if (name !== undefined) return this.#reference(name);
        if (Array.isArray(schema.enum)) {
            const values = schema.enum.map((value) => JSON.stringify(value));
            return values.join(' | ') || 'never';
        }
        const either = schemasIn(schema.anyOf) ?? schemasIn(schema.oneOf);
        if (either !== undefined) return this.#joined(either, ' | ');
        const all = schemasIn(schema.allOf);
        if (all !== undefined) return this.#joined(all, ' & ');
        const types = typeof schema.type === 'string' ? [schema.type] : schema.type;
        if (!Array.isArray(types) || types.length === 0) {
            return schema.properties ? this.#object(schema) : 'unknown';
        }
        const named = types.map((type) => this.#named(type, schema));
        return named.length === 1 ? (named[0] ?? '') : named.map(parenthesised).join(' | ');
    }

    #joined(schemas: readonly Schema[], by: string): string {
        const types = schemas.map((each) => parenthesised(this.#typeOf(each)));
        return types.join(by) || 'unknown';
    }

    /** A type must not be made of nothing but itself. */
    #reference(name: string): string {
        const known = this.#names.get(name);
        if (known === undefined) return 'unknown';
        if (this.#alias !== undefined && this.#leadsTo(name, this.#alias)) return 'unknown';
        return known;
    }

    #leadsTo(from: string, to: string, seen = new Set<string>()): boolean {
        if (from === to) return true;
        if (seen.has(from)) return false;
        seen.add(from);
        const next = (schema: Schema): boolean => {
            const name = referred(schema);
            if (name !== undefined) return this.#leadsTo(name, to, seen);
            const parts = [schema.anyOf, schema.oneOf, schema.allOf];
            return parts.flatMap((part) => schemasIn(part) ?? []).some(next);
        };
        return next(this.#schemas.get(from) ?? {});
    }

    #named(type: unknown, schema: Schema): string {
        switch (type) {
            case 'string':
            case 'boolean':
            case 'null':
                return type;
            case 'number':
            case 'integer':
                return 'number';
            case 'array':
                return this.#apart(() => `readonly ${parenthesised(this.#typeOf(schema.items))}[]`);
            case 'object':
                return this.#object(schema);
            default:
                return 'unknown';
        }
    }

    #object({ properties, required, additionalProperties }: Schema): string {
        return this.#apart(() => {
            const always = Array.isArray(required) ? (required as readonly unknown[]) : [];
            const members = Object.entries(isSchema(properties) ? properties : {}).map(
                ([name, schema]) => {
                    const optional = always.includes(name) ? '' : '?';
                    return `readonly ${propertyName(name)}${optional}: ${this.#typeOf(schema)}`;
                },
            );
            const types = members.length === 0 ? [] : [`{ ${members.join('; ')} }`];
            if (isSchema(additionalProperties)) {
                types.push(`{ readonly [name: string]: ${this.#typeOf(additionalProperties)} }`);
            }
            return types.join(' & ') || 'Readonly<Record<string, unknown>>';
        });
    }

    /** Within an array or object a type may well be made of itself. */
    #apart(write: () => string): string {
        const alias = this.#alias;
        this.#alias = undefined;
        const type = write();
        this.#alias = alias;
        return type;
    }
}

/**
 * Writes the TypeScript declarations of a chaincode's contracts from its metadata.
 *
 * @param metadata - what `client.metadata(name)` gives
 * @returns the text of a `.d.ts` file
 * @example
 * ```ts
 * import { typesOf } from '@goodput/gateway';
 *
 * const transactions = [{ name: 'add', parameters: [{ name: 'key', schema: { type: 'string' } }] }];
 * console.log(typesOf({ contracts: { counter: { name: 'counter', transactions } } }).includes('add'));
 * // => true
 * ```
 */
export function typesOf(metadata: unknown): string {
    const { contracts, components }: ContractMetadata = assertMetadata(metadata);
    const writer = new TypeWriter(components?.schemas ?? {});
    const own = Object.entries(contracts).filter(([name]) => name !== 'org.hyperledger.fabric');
    return [
        '// Written from the metadata of a chaincode; write it anew when the contract changes.',
        ...writer.aliases(),
        ...own.map(([name, contract]) => writer.contract(name, contract)),
        '',
    ].join('\n\n');
}
