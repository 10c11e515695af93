import type { Context, Contract } from 'fabric-contract-api';
import { AppliedOps } from './applied-ops.js';
import { Caller } from './caller.js';
import {
    declaredObjects,
    declaredTransactions,
    declareTransactions,
    type DeclaredTransaction,
    type SuppliedMetadata,
} from './declared.js';
import { ChaincodeError } from './errors.js';
import { installUnitOfWork } from './hooks.js';
import { Converters, type Serializers } from './marshal.js';
import type { UnitOfWorkOptions } from './overlay.js';
import { parseBatch } from './parse-batch.js';
import { BatchRunner, type BatchContract } from './run-batch.js';
import { unitOf } from './unit-of-work.js';
import { BATCH_FORMAT, BATCH_FUNCTION, type BatchLimits } from './wire.js';

/** How a contract runs batches. */
export interface BatchingOptions {
    /**
     * How much one batch may be.
     *
     * @default 100,000 operations, 4 MiB each way, 5,000 distinct keys
     */
    readonly limits?: Partial<BatchLimits>;
    /** How the overlay of a contract treats queries; used unless the contract has its own. */
    readonly unitOfWork?: UnitOfWorkOptions;
    /**
     * Whether a class derived from the contract has the contract's transactions too. Fabric's contract API
     * lists a class's own methods only.
     *
     * @default false
     */
    readonly inherited?: boolean;
    /** The chaincode's metadata, when it brings a metadata file: the shim believes that one. */
    readonly metadata?: SuppliedMetadata;
    /** The chaincode's serializers, when its main module exports some. */
    readonly serializers?: Serializers;
}

/** What {@link withBatching} adds to a contract. */
export interface BatchExecutor {
    /** Runs a batch; see docs/batching.md for the form of the request and of the answer. */
    executeBatch(ctx: Context, batch: string): Promise<string>;
}

// TypeScript asks mixins for constructors of this very form.
/* eslint-disable @typescript-eslint/no-explicit-any */
/** A class of contract, as a mixin takes it. */
export type ContractClass = new (...args: any[]) => Contract;

/** A class of contract that runs batches, as a mixin gives it. */
export type BatchExecutorClass = new (...args: any[]) => BatchExecutor;
/* eslint-enable @typescript-eslint/no-explicit-any */

/** The limits of a contract that sets none. */
export const DEFAULT_BATCH_LIMITS: BatchLimits = {
    ops: 100_000,
    bytes: 4 * 1024 * 1024,
    keys: 5_000,
};

function checkedLimits(limits: Partial<BatchLimits> = {}): BatchLimits {
    const all = { ...DEFAULT_BATCH_LIMITS, ...limits };
    for (const [name, value] of Object.entries(all)) {
        if (!Number.isSafeInteger(value) || value < 1) {
            throw new ChaincodeError(
                'CHAINCODE_SETUP_INVALID',
                `the batch limit "${name}" is ${String(value)}; give a whole number above 0`,
            );
        }
    }
    return all;
}

function executorTransaction(limits: BatchLimits): DeclaredTransaction {
    const { ops, bytes, keys } = limits;
    return {
        name: BATCH_FUNCTION,
        tag: ['SUBMIT', 'submitTx'],
        parameters: [
            {
                name: 'batch',
                description: `JSON of the form ${BATCH_FORMAT}`,
                schema: { type: 'string' },
            },
        ],
        returns: { type: 'string' },
        // Clients look here: the form of batches this contract takes, and how large they may be.
        goodput: { format: BATCH_FORMAT, limits: { ops, bytes, keys } },
    };
}

function prepare(contract: Contract, bare: object, options: BatchingOptions): BatchContract {
    const hooks = installUnitOfWork(contract, options.unitOfWork ?? {});
    hooks.hookless = BATCH_FUNCTION;
    const supplied = options.metadata?.contracts?.[contract.getName()]?.transactions;
    const all = supplied ?? declaredTransactions(contract, bare, options.inherited);
    const callable = all.filter(({ name }) => name !== BATCH_FUNCTION);
    return {
        contract,
        hooks,
        transactions: new Map(callable.map((each) => [each.name, each])),
        converters: new Converters(
            options.serializers,
            () => options.metadata?.components?.schemas ?? declaredObjects(),
        ),
    };
}

/**
 * Gives a contract the transaction `executeBatch`: many operations in one transaction, in their order,
 * each seeing what those before it wrote, each failing alone.
 *
 * @example
 * ```ts
 * import { GoodputContract, withBatching, type GoodputContext } from '@goodput/chaincode';
 *
 * export class Counter extends withBatching(GoodputContract, { limits: { ops: 10_000 } }) {
 *   async increment(ctx: GoodputContext, key: string): Promise<number> {
 *     const next = Number((await ctx.stub.getState(key)).toString() || '0') + 1;
 *     await ctx.stub.putState(key, String(next));
 *     return next;
 *   }
 * }
 * ```
 */
export function withBatching<Base extends ContractClass>(
    base: Base,
    options: BatchingOptions = {},
): Base & BatchExecutorClass {
    const limits = checkedLimits(options.limits);
    if (BATCH_FUNCTION in base.prototype) {
        throw new ChaincodeError(
            'CHAINCODE_SETUP_INVALID',
            `${base.name} has ${BATCH_FUNCTION} already; mix batching in once`,
        );
    }

    class Batching extends base implements BatchExecutor {
        readonly #batch: BatchContract;

        // eslint-disable-next-line @typescript-eslint/no-explicit-any
        constructor(...args: any[]) {
            // eslint-disable-next-line @typescript-eslint/no-unsafe-argument
            super(...args);
            this.#batch = prepare(this, Batching.prototype, options);
            declareTransactions(this, [
                ...this.#batch.transactions.values(),
                executorTransaction(limits),
            ]);
        }

        async executeBatch(ctx: Context, batch: string): Promise<string> {
            const request = parseBatch(batch, limits);
            const unit = unitOf(ctx);
            unit.overlay.maxKeys = limits.keys;
            const { fcn } = ctx.stub.getFunctionAndParameters();
            const runner = new BatchRunner({
                of: this.#batch,
                request,
                outer: ctx,
                unit,
                applied: new AppliedOps(unit, [this.getName(), new Caller(ctx.clientIdentity).key]),
                prefix: fcn.slice(0, fcn.indexOf(':') + 1),
                maxResponse: limits.bytes,
            });
            return JSON.stringify(await runner.run());
        }
    }
    // The shim names a contract after its class unless told otherwise.
    Object.defineProperty(Batching, 'name', { value: base.name });
    return Batching;
}
