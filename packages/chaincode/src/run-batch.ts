import type { Context, Contract } from 'fabric-contract-api';
import type { AppliedOps } from './applied-ops.js';
import type { DeclaredTransaction } from './declared.js';
import { ChaincodeError, ContractError } from './errors.js';
import type { JsonValue } from './canonical-json.js';
import { clientError } from './coded-error.js';
import { call, type AuthorHooks } from './hooks.js';
import type { PhiGuard } from './phi-guard.js';
import type { Converter, Converters } from './marshal.js';
import type { Overlay } from './overlay.js';
import {
    parseContractError,
    type BatchFailure,
    type BatchOp,
    type BatchRequest,
    type BatchResponse,
} from './wire.js';
import type { UnitOfWork } from './unit-of-work.js';

/** A contract and everything about it that does not change from batch to batch. */
export interface BatchContract {
    readonly contract: Contract;
    readonly hooks: AuthorHooks;
    readonly transactions: ReadonlyMap<string, DeclaredTransaction>;
    readonly converters: Converters;
}

/** One batch about to run. */
export interface BatchRun {
    readonly of: BatchContract;
    readonly request: BatchRequest;
    /** The context `executeBatch` was called with. */
    readonly outer: Context;
    readonly unit: UnitOfWork;
    readonly applied: AppliedOps;
    /** What stood before the transaction's name in the call, e.g. `Stock:`. */
    readonly prefix: string;
    /** Bytes all receipts together may have. */
    readonly maxResponse: number;
}

type Receipt = string | null | BatchFailure;

interface Callable {
    readonly name: string;
    readonly transaction: DeclaredTransaction | undefined;
    readonly converter: Converter | undefined;
}

interface ShimContext extends Context {
    setChaincodeStub(stub: UnitOfWork): void;
    setClientIdentity(identity: Context['clientIdentity']): void;
}

function failureOf(thrown: unknown, phi: PhiGuard | undefined): BatchFailure {
    const error = clientError(thrown, phi);
    if (error instanceof ContractError) return coded(error.code, error.text, error.details);
    // Another copy of this package, or an author's own errors, may have written the code as we do.
    const { code, text, details } = parseContractError(error.message);
    return code === undefined ? ['CHAINCODE_OP_FAILED', text] : coded(code, text, details);
}

const NO_ROOM = 'the receipts have no room for more';

/** What a receipt takes in the answer, with the comma after it. */
function bytesOf(receipt: Receipt): number {
    return Buffer.byteLength(JSON.stringify(receipt)) + 1;
}

function coded(code: string, text: string, details: JsonValue | undefined): BatchFailure {
    return details === undefined ? [code, text] : [code, text, details];
}

/** Runs the operations of one batch in their order, each over what those before it wrote. */
export class BatchRunner {
    readonly #run: BatchRun;
    readonly #overlay: Overlay;
    readonly #callables: readonly Callable[];
    readonly #receipts: Receipt[] = [];
    readonly #replayed: number[] = [];
    #bytes = 0;

    constructor(run: BatchRun) {
        this.#run = run;
        this.#overlay = run.unit.overlay;
        this.#callables = run.request.fns.map((name): Callable => {
            const transaction = run.of.transactions.get(name);
            const converter = transaction && run.of.converters.for(transaction);
            return { name, transaction, converter };
        });
    }

    async run(): Promise<BatchResponse> {
        const { ops, atomic = [] } = this.#run.request;
        let index = 0;
        for (const [first, count] of atomic) {
            while (index < first) await this.#single(index++);
            await this.#group(first, count);
            index = first + count;
        }
        while (index < ops.length) await this.#single(index++);
        const { counts } = this.#overlay;
        counts.batchSize = ops.length;
        counts.batchFailed = this.#receipts.filter(Array.isArray).length;
        return {
            v: 1,
            r: this.#receipts,
            ...(this.#replayed.length > 0 && { replayed: this.#replayed }),
        };
    }

    async #single(index: number): Promise<void> {
        this.#receipts[index] = await this.#isolated(index);
    }

    /** Runs operations that stand or fall together. */
    async #group(first: number, count: number): Promise<void> {
        const overlay = this.#overlay;
        const mark = overlay.mark();
        const bytes = this.#bytes;
        const replayed = this.#replayed.length;
        for (let index = first; index < first + count; index++) {
            const receipt = await this.#isolated(index);
            this.#receipts[index] = receipt;
            if (!Array.isArray(receipt)) continue;
            overlay.rollback(mark);
            this.#bytes = bytes;
            this.#replayed.length = replayed;
            this.#failGroup(first, count, index);
            for (const each of this.#receipts.slice(first)) this.#bytes += bytesOf(each);
            return;
        }
        overlay.release(mark);
    }

    #failGroup(first: number, count: number, failed: number): void {
        const message = `operation ${failed} of the same atomic group failed`;
        for (let index = first; index < first + count; index++) {
            if (index === failed) continue;
            this.#receipts[index] = ['CHAINCODE_GROUP_ROLLED_BACK', message, { failed }];
        }
    }

    /** Runs one operation; when it fails, nothing of it is left but its receipt. */
    async #isolated(index: number): Promise<Receipt> {
        const overlay = this.#overlay;
        const mark = overlay.mark();
        overlay.operation = index + 1;
        let receipt: Receipt;
        try {
            receipt = await this.#once(index, this.#run.request.ops[index] ?? [0]);
            this.#countBytes(receipt);
        } catch (error) {
            overlay.rollback(mark);
            return this.#fitting(failureOf(error, overlay.phi));
        }
        overlay.release(mark);
        return receipt;
    }

    async #once(index: number, op: BatchOp): Promise<string | null> {
        const callable = this.#callables[op[0]];
        const args = op.slice(1) as string[];
        const id = this.#run.request.ids?.[index] ?? null;
        if (id === null || callable === undefined) return this.#call(callable, args);
        const { applied } = this.#run;
        const call = [callable.name, ...args];
        const before = await applied.find(id, call);
        if (before !== undefined) {
            this.#replayed.push(index);
            return before.result;
        }
        const result = await this.#call(callable, args);
        await applied.record(id, call, result);
        return result;
    }

    async #call(callable: Callable | undefined, args: readonly string[]): Promise<string | null> {
        if (callable?.converter === undefined) {
            const name = JSON.stringify(callable?.name ?? '');
            throw new ChaincodeError(
                'CHAINCODE_FUNCTION_UNKNOWN',
                `this contract declares no transaction ${name} that a batch can call`,
            );
        }
        const { name, converter } = callable;
        const view = this.#run.unit.forOperation(this.#run.prefix + name, args);
        try {
            const ctx = this.#context(view);
            const result = await this.#invoke(ctx, name, converter.parameters(args));
            return converter.result(result);
        } finally {
            view.close();
        }
    }

    #context(view: UnitOfWork): Context {
        const { outer, of } = this.#run;
        const ctx = of.hooks.createContext() as ShimContext;
        ctx.setChaincodeStub(view);
        ctx.setClientIdentity(outer.clientIdentity);
        ctx.logging = outer.logging;
        return ctx;
    }

    // What the shim does around a direct call.
    async #invoke(ctx: Context, name: string, parameters: unknown[]): Promise<unknown> {
        const { contract, hooks } = this.#run.of;
        if (hooks.has.before) await hooks.beforeTransaction(ctx);
        const result = await (hooks.has.around
            ? hooks.aroundTransaction(ctx, name, parameters)
            : call(contract, ctx, name, parameters));
        if (hooks.has.after) await hooks.afterTransaction(ctx, result);
        return result;
    }

    /** The failure as it is, or no more than its code when there is no room for what it says. */
    #fitting(failure: BatchFailure): BatchFailure {
        const bytes = bytesOf(failure);
        if (this.#bytes + bytes > this.#run.maxResponse) return [failure[0], NO_ROOM];
        this.#bytes += bytes;
        return failure;
    }

    #countBytes(receipt: Receipt): void {
        const bytes = bytesOf(receipt);
        if (this.#bytes + bytes > this.#run.maxResponse) {
            throw new ChaincodeError(
                'CHAINCODE_BATCH_TOO_LARGE',
                `the receipts of the batch would be more than ${this.#run.maxResponse} bytes; send the operation again in another batch`,
                { what: 'bytes', got: this.#bytes + bytes, limit: this.#run.maxResponse },
            );
        }
        this.#bytes += bytes;
    }
}
