import { canonicalJson, type GoodputContext } from '@goodput/chaincode';
import { ContractsError, type ContractsErrorCode } from './errors.js';

/** What the ledger has under a key; undefined when there is nothing. */
export async function readJson<T>(ctx: GoodputContext, key: string): Promise<T | undefined> {
    const value = await ctx.stub.getState(key);
    // Parsed always: state databases give back other bytes than were written.
    return value.length === 0 ? undefined : (JSON.parse(value.toString()) as T);
}

/** Writes canonical JSON. */
export async function writeJson(ctx: GoodputContext, key: string, value: unknown): Promise<void> {
    await ctx.stub.putState(key, canonicalJson(value));
}

/** Reads an argument that is JSON. */
export function parseJson(text: string, code: ContractsErrorCode, what: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        // What the parser would say of it quotes it.
        throw new ContractsError(code, `${what} is not JSON`);
    }
}

/** Reads an argument that is a whole number of at least 0. */
export function parseWhole(text: string, code: ContractsErrorCode, what: string): number {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value)) return value;
    throw new ContractsError(code, `${what} must be a whole number of at least 0`);
}
