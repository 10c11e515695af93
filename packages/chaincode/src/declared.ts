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

const ofEveryContract = new Set(Object.getOwnPropertyNames(Contract.prototype));

function inferFrom(prototype: object): DeclaredTransaction[] {
    return Object.entries(Object.getOwnPropertyDescriptors(prototype)).flatMap(
        ([name, { value }]: [string, PropertyDescriptor]) => {
            if (typeof value !== 'function' || name.startsWith('_') || ofEveryContract.has(name))
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
 * @param inherited - whether the methods of the classes between the contract's own and that one count too
 */
export function declaredTransactions(
    contract: Contract,
    bare: object,
    inherited = false,
): DeclaredTransaction[] {
    const decorated = metadata.getMetadata(TRANSACTIONS, contract) as
        DeclaredTransaction[] | undefined;
    const own: unknown = Object.getPrototypeOf(contract);
    const above = inherited ? inferAbove(own as object, bare) : [];
    if (decorated !== undefined && decorated.length > 0) {
        // Classes with a decorated base share its list, which then names functions of other classes.
        return once([...decorated.filter(({ name }) => name in contract), ...above]);
    }
    const prototype: unknown = own === bare ? Object.getPrototypeOf(own) : own;
    return once([...inferFrom(prototype as object), ...above]);
}

/** The methods of the classes above one, up to the one that only mixes something in. */
function inferAbove(own: object, bare: object): DeclaredTransaction[] {
    const all: DeclaredTransaction[] = [];
    if (own === bare) return all;
    for (
        let each = Object.getPrototypeOf(own) as object;
        each !== bare;
        each = Object.getPrototypeOf(each) as object
    ) {
        all.push(...inferFrom(each));
    }
    return all;
}

function once(all: readonly DeclaredTransaction[]): DeclaredTransaction[] {
    const names = new Set<string>();
    return all.filter(({ name }) => !names.has(name) && names.add(name));
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
