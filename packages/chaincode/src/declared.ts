import { Contract } from 'fabric-contract-api';

/** A parameter, as contract metadata describes it. */
export interface DeclaredParameter {
    readonly name: string;
    readonly description?: string;
    readonly schema: { readonly type?: string; readonly [keyword: string]: unknown };
}

/** A transaction, as contract metadata describes it. */
export interface DeclaredTransaction {
    readonly name: string;
    readonly tag?: readonly string[];
    readonly parameters?: readonly DeclaredParameter[];
    readonly returns?: { readonly schema?: unknown; readonly [keyword: string]: unknown };
    readonly [member: string]: unknown;
}

/** The metadata a chaincode may bring along as a file; the shim then believes it instead of the code. */
export interface SuppliedMetadata {
    readonly contracts?: Readonly<
        Record<string, { readonly transactions: readonly DeclaredTransaction[] }>
    >;
    readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> };
}

// The contract API's decorators keep their findings with the metadata polyfill it loads.
const metadata = Reflect as unknown as {
    getMetadata(key: string, target: object): unknown;
    defineMetadata(key: string, value: unknown, target: object): void;
};
const TRANSACTIONS = 'fabric:transactions';

const inherited = new Set(Object.getOwnPropertyNames(Contract.prototype));

function inferFrom(prototype: object): DeclaredTransaction[] {
    return Object.entries(Object.getOwnPropertyDescriptors(prototype)).flatMap(
        ([name, { value }]: [string, PropertyDescriptor]) => {
            if (typeof value !== 'function' || name.startsWith('_') || inherited.has(name))
                return [];
            const count = (value as { readonly length: number }).length;
            const parameters = Array.from({ length: Math.max(0, count - 1) }, (_, index) => ({
                name: `arg${index}`,
                description: `Argument ${index}`,
                schema: { type: 'string' },
            }));
            const tags = ['SUBMIT', 'submitTx'];
            return [{ name, tags, ...(parameters.length > 0 && { parameters }) }];
        },
    );
}

/**
 * The transactions a contract declares, by the shim's own rules: what the decorators say or, in a class
 * without any, its methods that do not begin with `_`.
 *
 * @param bare - a prototype whose methods do not count, because it only mixes something in
 */
export function declaredTransactions(contract: Contract, bare: object): DeclaredTransaction[] {
    const decorated = metadata.getMetadata(TRANSACTIONS, contract) as
        DeclaredTransaction[] | undefined;
    if (decorated !== undefined && decorated.length > 0) {
        // Classes with a decorated base share its list, which then names functions of other classes.
        return decorated.filter(({ name }) => name in contract);
    }
    const own: unknown = Object.getPrototypeOf(contract);
    const prototype: unknown = own === bare ? Object.getPrototypeOf(own) : own;
    return inferFrom(prototype as object);
}

/** Declares the transactions of this one contract, which the shim will publish and allow. */
export function declareTransactions(contract: Contract, all: readonly DeclaredTransaction[]): void {
    metadata.defineMetadata(TRANSACTIONS, [...all], contract);
}

/** The object types the chaincode's decorators have described. */
export function declaredObjects(): Readonly<Record<string, unknown>> {
    const found = metadata.getMetadata('fabric:objects', globalThis);
    return (found as Readonly<Record<string, unknown>> | undefined) ?? {};
}
