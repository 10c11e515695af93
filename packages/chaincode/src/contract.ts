import { Contract } from 'fabric-contract-api';
import { GoodputContext } from './context.js';
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

    /** Makes the context of a transaction; a subclass may return its own kind of it. */
    override createContext(): GoodputContext {
        return new GoodputContext();
    }
}
