import {
    assertMetadata,
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

/** Turns any name into one that a type may have. */
function typeName(name: string): string {
    const words = name.split(/[^A-Za-z0-9]+/u).filter((word) => word !== '');
    const joined = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
    return /^[A-Za-z]/u.test(joined) ? joined : `Contract${joined}`;
}

function objectType({ properties = {}, required = [], additionalProperties }: Schema): string {
    const members = Object.entries(properties).map(([name, schema]) => {
        const optional = required.includes(name) ? '' : '?';
        return `readonly ${propertyName(name)}${optional}: ${typeOf(schema)}`;
    });
    if (typeof additionalProperties === 'object') {
        members.push(`readonly [name: string]: ${typeOf(additionalProperties)}`);
    }
    if (members.length === 0) return 'Readonly<Record<string, unknown>>';
    return `{ ${members.join('; ')} }`;
}

function typeNamed(type: string, schema: Schema): string {
    switch (type) {
        case 'string':
        case 'boolean':
        case 'null':
            return type;
        case 'number':
        case 'integer':
            return 'number';
        case 'array':
            return `readonly ${parenthesised(typeOf(schema.items ?? {}))}[]`;
        case 'object':
            return objectType(schema);
        default:
            return 'unknown';
    }
}

function parenthesised(type: string): string {
    return / [|&] |^readonly /u.test(type) ? `(${type})` : type;
}

/** The TypeScript type of what a schema describes. */
function typeOf(schema: Schema): string {
    if (schema.$ref !== undefined)
        return typeName(schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1));
    if (schema.enum !== undefined) {
        return schema.enum.map((value) => JSON.stringify(value)).join(' | ') || 'never';
    }
    const either = schema.anyOf ?? schema.oneOf;
    if (either !== undefined) return either.map(typeOf).map(parenthesised).join(' | ');
    if (schema.allOf !== undefined) return schema.allOf.map(typeOf).map(parenthesised).join(' & ');
    const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
    if (types.length === 0) return schema.properties ? objectType(schema) : 'unknown';
    return types.map((type) => typeNamed(type, schema)).join(' | ');
}

function parameterName(name: string, index: number): string {
    return identifier.test(name) ? name : `arg${index}`;
}

function transactionType(transaction: DescribedTransaction): string {
    const { name, parameters = [] } = transaction;
    const args = parameters.map(
        (parameter, index) =>
            `${parameterName(parameter.name, index)}: ${typeOf(parameter.schema)}`,
    );
    const returns = returnsOf(transaction);
    const result = returns === undefined ? 'unknown' : typeOf(returns);
    return `    ${propertyName(name)}: { args: [${args.join(', ')}]; result: ${result} };`;
}

function contractType(name: string, { transactions }: DescribedContract): string {
    const own = transactions.filter((transaction) => transaction.name !== 'executeBatch');
    const members = own.map(transactionType);
    return [
        `/** Transaction functions of the contract ${JSON.stringify(name).replaceAll('*/', '* /')}. */`,
        `export interface ${typeName(name)} {`,
        ...members,
        '}',
    ].join('\n');
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
    const schemas = Object.entries(components?.schemas ?? {}).map(
        ([name, schema]) => `export type ${typeName(name)} = ${typeOf(schema)};`,
    );
    const own = Object.entries(contracts).filter(([name]) => name !== 'org.hyperledger.fabric');
    return [
        '// Written from the metadata of a chaincode; write it anew when the contract changes.',
        ...schemas,
        ...own.map(([name, contract]) => contractType(name, contract)),
        '',
    ].join('\n\n');
}
