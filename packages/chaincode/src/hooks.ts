import { Contract, type Context } from 'fabric-contract-api';
import { clientError } from './coded-error.js';
import type { UnitOfWorkOptions } from './overlay.js';
import { PhaseClock } from './phases.js';
import type { Stub } from './stub.js';
import { isUnitOfWork, unitOf, UnitOfWork } from './unit-of-work.js';

type Hook = (ctx: Context) => Promise<void>;

/** The hooks as the author of the contract wrote them, for a batch to run around each operation. */
export interface AuthorHooks {
    readonly createContext: () => Context;
    readonly beforeTransaction: Hook;
    readonly afterTransaction: (ctx: Context, result: unknown) => Promise<void>;
    readonly aroundTransaction: (ctx: Context, fn: string, parameters: unknown) => Promise<unknown>;
    /** Whether the hooks do anything, or are the empty ones every contract has. */
    readonly has: { readonly before: boolean; readonly after: boolean; readonly around: boolean };
    /** The transaction, if any, around which the author's hooks do not run. */
    hookless: string | undefined;
}

// The shim calls this; the published types leave it out.
interface ShimContext {
    setChaincodeStub(stub: Stub): void;
}

const installed = new WeakMap<Contract, AuthorHooks>();

// Not enumerable, because the shim copies a contract's members into the chaincode's metadata. Not
// writable, because a class field of that name would silently take the flush away.
function define(contract: Contract, name: string, value: unknown): void {
    Object.defineProperty(contract, name, { value });
}

/** Makes any context carry a unit of work, also one whose class knows nothing of it. */
function carryUnitOfWork(ctx: Context, options: UnitOfWorkOptions): Context {
    const setStub = (ctx as unknown as ShimContext).setChaincodeStub.bind(ctx);
    Object.defineProperty(ctx, 'setChaincodeStub', {
        value(stub: Stub) {
            setStub(isUnitOfWork(stub) ? stub : new UnitOfWork(stub, options));
        },
    });
    return ctx;
}

/** The name of the transaction a context was made for, without the contract's name before it. */
function transactionOf(ctx: Context): string {
    const { fcn } = ctx.stub.getFunctionAndParameters();
    return fcn.slice(fcn.indexOf(':') + 1);
}

/** Runs a step of a transaction; its error reaches the client with its code and without health data. */
async function telling<T>(ctx: Context, step: () => Promise<T>): Promise<T> {
    try {
        return await step();
    } catch (thrown) {
        throw clientError(thrown, unitOf(ctx).overlay.phi);
    }
}

type TransactionFunction = (ctx: Context, ...parameters: unknown[]) => Promise<unknown>;

/** Calls a transaction function as the default `aroundTransaction` does. */
export async function call(
    contract: Contract,
    ctx: Context,
    fn: string,
    parameters: unknown[],
): Promise<unknown> {
    return (contract as unknown as Record<string, TransactionFunction>)[fn]?.(ctx, ...parameters);
}

function wrap(contract: Contract, options: UnitOfWorkOptions): AuthorHooks {
    const author: AuthorHooks = {
        createContext: contract.createContext.bind(contract),
        beforeTransaction: contract.beforeTransaction.bind(contract),
        afterTransaction: contract.afterTransaction.bind(contract),
        // Its type says Function and void; what the shim passes is the name, what it uses the result.
        aroundTransaction: contract.aroundTransaction.bind(contract) as unknown as (
            ctx: Context,
            fn: string,
            parameters: unknown,
        ) => Promise<unknown>,
        has: {
            before: contract.beforeTransaction !== Contract.prototype.beforeTransaction,
            after: contract.afterTransaction !== Contract.prototype.afterTransaction,
            around: contract.aroundTransaction !== Contract.prototype.aroundTransaction,
        },
        hookless: undefined,
    };
    const unknownTransaction = contract.unknownTransaction.bind(contract);
    const runsHooks = (ctx: Context): boolean =>
        author.hookless === undefined || transactionOf(ctx) !== author.hookless;

    define(contract, 'createContext', () => carryUnitOfWork(author.createContext(), options));
    define(contract, 'beforeTransaction', async (ctx: Context) => {
        const clock = PhaseClock.of(ctx);
        if (runsHooks(ctx)) await telling(ctx, () => author.beforeTransaction(ctx));
        clock.end('before');
    });
    define(
        contract,
        'aroundTransaction',
        async (ctx: Context, fn: string, parameters: unknown[]): Promise<unknown> => {
            const result = await telling(ctx, () =>
                runsHooks(ctx)
                    ? author.aroundTransaction(ctx, fn, parameters)
                    : call(contract, ctx, fn, parameters),
            );
            PhaseClock.of(ctx).end('run');
            return result;
        },
    );
    define(contract, 'afterTransaction', async (ctx: Context, result: unknown) => {
        const clock = PhaseClock.of(ctx);
        if (runsHooks(ctx)) await telling(ctx, () => author.afterTransaction(ctx, result));
        clock.end('after');
        await unitOf(ctx).flush();
        clock.end('flush');
        clock.report(ctx, contract.getName());
    });
    define(contract, 'unknownTransaction', async (ctx: Context) => {
        await unknownTransaction(ctx);
        await unitOf(ctx).flush();
    });
    return author;
}

/**
 * Puts a unit of work around the transactions of a contract: every context carries one, and it is
 * flushed after the author's own `afterTransaction`, which may therefore still write.
 *
 * The hooks are set on the instance, so that it works whatever a subclass overrides, `super` or not.
 */
export function installUnitOfWork(contract: Contract, options: UnitOfWorkOptions): AuthorHooks {
    let author = installed.get(contract);
    if (author === undefined) {
        author = wrap(contract, options);
        installed.set(contract, author);
    }
    return author;
}
