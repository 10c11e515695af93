import { parseContractError } from './wire.js';
import { GoodputContext } from './context.js';
import type {
    MemoryLedger,
    RecordedTransaction,
    TransactionInput,
} from './memory-ledger.test.fixture.js';

/** A context over a plain stub, as the shim would make it. */
export async function endorse(
    ledger: MemoryLedger,
    work: (ctx: GoodputContext) => Promise<unknown>,
    input?: TransactionInput,
): Promise<RecordedTransaction> {
    return ledger.simulate(async (stub) => {
        const ctx = new GoodputContext();
        ctx.setChaincodeStub(stub);
        await work(ctx);
        await ctx.stub.flush();
    }, input);
}

/** Runs one transaction, commits it and gives its result. */
export async function transact<T>(
    ledger: MemoryLedger,
    work: (ctx: GoodputContext) => Promise<T>,
    input?: TransactionInput,
): Promise<T> {
    let result: T | undefined;
    const recorded = await endorse(ledger, async (ctx) => (result = await work(ctx)), input);
    if (!ledger.commit(recorded)) throw new Error('MVCC_READ_CONFLICT');
    return result as T;
}

/** The code of the error some work ends with. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
    try {
        await work;
    } catch (error) {
        const { code, message } = error as { code?: string; message: string };
        return code ?? parseContractError(message).code ?? message;
    }
    return 'no error';
}

/** Everything an async iterable gives. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
    const found: T[] = [];
    for await (const item of items) found.push(item);
    return found;
}
