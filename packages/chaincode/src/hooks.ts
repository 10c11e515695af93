import { Contract, type Context } from 'fabric-contract-api';
import type { UnitOfWorkOptions } from './overlay.js';
import type { Stub } from './stub.js';
import { unitOf, UnitOfWork } from './unit-of-work.js';

type Hook = (ctx: Context) => Promise<void>;

/** The hooks as the author of the contract wrote them, for a batch to run around each operation. */
export interface AuthorHooks {
    readonly createContext: () => Context;
    readonly beforeTransaction: Hook;
    readonly afterTransaction: (ctx: Context, result: unknown) => Promise<void>;
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
            setStub(stub instanceof UnitOfWork ? stub : new UnitOfWork(stub, options));
        },
    });
    return ctx;
}

/** The name of the transaction a context was made for, without the contract's name before it. */
function transactionOf(ctx: Context): string {
    const { fcn } = ctx.stub.getFunctionAndParameters();
    return fcn.slice(fcn.indexOf(':') + 1);
}

function wrap(contract: Contract, options: UnitOfWorkOptions): AuthorHooks {
    const author: AuthorHooks = {
        createContext: contract.createContext.bind(contract),
        beforeTransaction: contract.beforeTransaction.bind(contract),
        afterTransaction: contract.afterTransaction.bind(contract),
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
        if (runsHooks(ctx)) await author.beforeTransaction(ctx);
    });
    define(contract, 'afterTransaction', async (ctx: Context, result: unknown) => {
        if (runsHooks(ctx)) await author.afterTransaction(ctx, result);
        await unitOf(ctx).flush();
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
