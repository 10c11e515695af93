import type { Contract } from '../client/contract.js';
import type { EvaluateOptions, SubmitOptions } from '../client/options.js';
import type { CommittedReceipt } from '../client/receipt.js';
import { GatewayError } from '../errors.js';
import { returnsOf, type DescribedContract, type Schema } from './metadata.js';

/** Transaction functions by name, as {@link typesOf} writes them. */
export type ContractTypes<T> = {
    readonly [name in keyof T]: { args: readonly unknown[]; result: unknown };
};

/** A contract whose functions, arguments and results are typed. */
export interface TypedContract<T extends ContractTypes<T>> {
    /** Submits an operation and waits until it is on the ledger. */
    submit<F extends keyof T & string>(
        transaction: F,
        args: T[F]['args'],
        options?: SubmitOptions,
    ): Promise<{ readonly value: T[F]['result']; readonly receipt: CommittedReceipt }>;
    /** Runs a function on one peer, for its answer only. */
    evaluate<F extends keyof T & string>(
        transaction: F,
        args: T[F]['args'],
        options?: EvaluateOptions,
    ): Promise<T[F]['result']>;
    /** The contract itself. */
    readonly untyped: Contract;
}

function encode(arg: unknown): string {
    return typeof arg === 'string' ? arg : JSON.stringify(arg);
}

/** Contracts send text as it is, and everything else as JSON. */
function decode(bytes: Uint8Array, schema: Schema | undefined): unknown {
    const text = Buffer.from(bytes).toString('utf8');
    if (schema?.type === 'string' || text === '') return text;
    try {
        return JSON.parse(text);
    } catch {
        // A function that says nothing of its result may well answer plain text.
        return text;
    }
}

/** Gives a contract the types that its metadata declares. */
export function typedContract<T extends ContractTypes<T>>(
    contract: Contract,
    described: DescribedContract,
): TypedContract<T> {
    const functions = new Map(described.transactions.map((each) => [each.name, each]));
    const schemaOf = (name: string, args: readonly unknown[]): Schema | undefined => {
        const transaction = functions.get(name);
        const expected = transaction?.parameters?.length;
        if (transaction === undefined || (expected !== undefined && expected !== args.length)) {
            throw new GatewayError(
                'GATEWAY_OPTIONS_INVALID',
                transaction === undefined
                    ? `The contract has no function ${JSON.stringify(name)}; it has ${[...functions.keys()].join(', ')}.`
                    : `${name} takes ${String(expected)} arguments, got ${args.length}.`,
            );
        }
        return returnsOf(transaction);
    };
    return {
        untyped: contract,
        async submit(name, args, options) {
            const schema = schemaOf(name, args);
            const receipt = await contract.submit(name, args.map(encode), options);
            return { value: decode(receipt.result, schema), receipt };
        },
        async evaluate(name, args, options) {
            const schema = schemaOf(name, args);
            return decode(await contract.evaluate(name, args.map(encode), options), schema);
        },
    };
}
