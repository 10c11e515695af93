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

/**
 * Reads a document somebody is responsible for. A member that stands in an object twice is refused: the
 * parser takes the last, and who reads the text may have seen only the first.
 */
export function parseDocument(text: string, code: ContractsErrorCode, what: string): unknown {
    const value = parseJson(text, code, what);
    if (!hasRepeatedMember(text)) return value;
    throw new ContractsError(code, `${what} has an object with one member twice`);
}

const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/** Whether an object in JSON text, which must be valid, has two members of one name. */
function hasRepeatedMember(text: string): boolean {
    // For each object that is open the names it has; for each list nothing.
    const open: (Set<string> | undefined)[] = [];
    let last = '';
    for (const [token] of text.matchAll(TOKENS)) {
        const names = open.at(-1);
        if (token === '{') open.push(new Set());
        else if (token === '[') open.push(undefined);
        else if (token === '}' || token === ']') open.pop();
        else if (token === ':' && names !== undefined) {
            const name = JSON.parse(last) as string;
            if (names.has(name)) return true;
            names.add(name);
        }
        last = token;
    }
    return false;
}

/** Reads an argument that is a whole number of at least 0. */
export function parseWhole(text: string, code: ContractsErrorCode, what: string): number {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value)) return value;
    throw new ContractsError(code, `${what} must be a whole number of at least 0`);
}
