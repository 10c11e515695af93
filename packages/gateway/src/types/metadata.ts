import { GatewayError } from '../errors.js';

/** As much of JSON schema as contract metadata uses. */
export interface Schema {
    readonly type?: string | readonly string[];
    readonly $ref?: string;
    readonly enum?: readonly unknown[];
    readonly items?: Schema;
    readonly properties?: Readonly<Record<string, Schema>>;
    readonly required?: readonly string[];
    readonly additionalProperties?: boolean | Schema;
    readonly anyOf?: readonly Schema[];
    readonly oneOf?: readonly Schema[];
    readonly allOf?: readonly Schema[];
    readonly description?: string;
}

/** One transaction function. */
export interface DescribedTransaction {
    readonly name: string;
    readonly tag?: readonly string[];
    readonly parameters?: readonly { readonly name: string; readonly schema: Schema }[];
    readonly returns?: Schema | readonly { readonly schema?: Schema }[];
}

/** One contract of a chaincode. */
export interface DescribedContract {
    readonly name: string;
    readonly contractInstance?: { readonly default?: boolean };
    readonly transactions: readonly DescribedTransaction[];
}

/** What a chaincode of `fabric-contract-api` says of itself. */
export interface ContractMetadata {
    readonly contracts: Readonly<Record<string, DescribedContract>>;
    readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

/** Whether something is an object, and so may be a schema. */
export function isSchema(value: unknown): value is Schema {
    return isRecord(value) && !Array.isArray(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === 'object' && value !== null;
}

function isNamed(value: unknown): value is Readonly<Record<string, unknown>> {
    return isRecord(value) && typeof value['name'] === 'string';
}

function isTransaction(value: unknown): boolean {
    if (!isNamed(value)) return false;
    const { parameters = [] } = value;
    return Array.isArray(parameters) && parameters.every(isNamed);
}

function isContract(value: unknown): boolean {
    if (!isRecord(value)) return false;
    const { transactions } = value;
    return Array.isArray(transactions) && transactions.every(isTransaction);
}

/** Checks that something is contract metadata at all, and of its form as far as names go. */
export function assertMetadata(value: unknown): ContractMetadata {
    const { contracts, components } = (value ?? {}) as Readonly<Record<string, unknown>>;
    if (!isSchema(contracts)) {
        throw malformed('has no member "contracts"');
    }
    for (const [name, contract] of Object.entries(contracts)) {
        if (!isContract(contract)) {
            throw malformed(
                `describes the contract ${JSON.stringify(name)} without a list of transactions whose names, and names of parameters, are texts`,
            );
        }
    }
    const { schemas } = (components ?? {}) as Readonly<Record<string, unknown>>;
    if (schemas !== undefined && !isSchema(schemas)) {
        throw malformed('has "components.schemas" that are not an object');
    }
    return value as ContractMetadata;
}

function malformed(what: string): GatewayError {
    return new GatewayError(
        'GATEWAY_RESPONSE_MALFORMED',
        `The metadata ${what}; it is not what org.hyperledger.fabric:GetMetadata answers.`,
    );
}

/** What a function returns; undefined when it says nothing of that. */
export function returnsOf({ returns }: DescribedTransaction): Schema | undefined {
    if (!Array.isArray(returns)) return returns as Schema | undefined;
    const [first] = returns as readonly { readonly schema?: Schema }[];
    return first?.schema ?? (first as Schema | undefined);
}

/** The contract of that name, or the default one. */
export function contractOf(
    metadata: ContractMetadata,
    name: string | undefined,
): DescribedContract | undefined {
    const all = Object.entries(metadata.contracts);
    const own = all.filter(([each]) => each !== 'org.hyperledger.fabric');
    if (name !== undefined) return own.find(([each]) => each === name)?.[1];
    const declared = own.find(([, each]) => each.contractInstance?.default === true);
    return (declared ?? own[0])?.[1];
}
