import { Contract, type Context } from 'fabric-contract-api';
import { GoodputContext } from './context.js';
import { ChaincodeError } from './errors.js';
import { installUnitOfWork } from './hooks.js';
import type { UnitOfWorkOptions } from './overlay.js';

/**
 * A contract whose transactions read their own writes, and whose context is deterministic.
 *
 * @example
 * ```ts
 * import { GoodputContract, type GoodputContext } from '@goodput/chaincode';
 *
 * export class Stock extends GoodputContract {
 *   async add(ctx: GoodputContext, sku: string): Promise<void> {
 *     const count = Number((await ctx.stub.getState(sku)).toString() || '0');
 *     await ctx.stub.putState(sku, String(count + 1));
 *     ctx.emit('added', { sku, at: ctx.time.iso });
 *   }
 * }
 * ```
 */
export class GoodputContract extends Contract {
    constructor(name?: string, options: UnitOfWorkOptions = {}) {
        super(name);
        installUnitOfWork(this, options);
    }

    /** Refuses a transaction this contract has not. Fabric's own refusal logs what it was called with. */
    override unknownTransaction(ctx: Context): Promise<void> {
        const { params } = ctx.stub.getFunctionAndParameters();
        return Promise.reject(
            new ChaincodeError(
                'CHAINCODE_FUNCTION_UNKNOWN',
                `this contract has no transaction of the name that was called, with ${params.length} arguments; capital letters matter`,
            ),
        );
    }

    /** Makes the context of a transaction; a subclass may return its own kind of it. */
    override createContext(): GoodputContext {
        return new GoodputContext();
    }
}
