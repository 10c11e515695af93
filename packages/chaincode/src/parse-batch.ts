import { ChaincodeError } from './errors.js';
import type { BatchLimits, BatchOp, BatchRequest } from './wire.js';

const LONGEST_ID = 128;

function malformed(why: string): never {
    throw new ChaincodeError(
        'CHAINCODE_BATCH_MALFORMED',
        `${why}; the form is {"v":1,"fns":["f"],"ops":[[0,"arg"]]}`,
    );
}

function tooLarge(what: keyof BatchLimits, got: number, limit: number): never {
    throw new ChaincodeError(
        'CHAINCODE_BATCH_TOO_LARGE',
        `the batch has ${got} ${what}, and this contract takes ${limit}; send it in parts`,
        { what, got, limit },
    );
}

function parseJson(text: string): Record<string, unknown> {
    let parsed: unknown;
    try {
        parsed = JSON.parse(text);
    } catch {
        malformed('the batch is not JSON'); // what the parser would say quotes the arguments
    }
    if (typeof parsed !== 'object' || parsed === null) malformed('the batch is not an object');
    return parsed as Record<string, unknown>;
}

function checkFunctions(fns: unknown): asserts fns is readonly string[] {
    if (!Array.isArray(fns) || !fns.every((fn) => typeof fn === 'string')) {
        malformed('"fns" is not a list of names');
    }
}

function checkOp(op: unknown, index: number, functions: number): asserts op is BatchOp {
    if (!Array.isArray(op)) malformed(`operation ${index} is not a list`);
    const fn: unknown = op[0];
    if (typeof fn !== 'number' || !Number.isInteger(fn) || fn < 0 || fn >= functions) {
        malformed(`operation ${index} does not begin with the index of one of the "fns"`);
    }
    for (let arg = 1; arg < op.length; arg++) {
        if (typeof op[arg] !== 'string')
            malformed(`argument ${arg} of operation ${index} is not text`);
    }
}

function checkIds(ids: unknown, count: number): void {
    if (ids === undefined) return;
    if (!Array.isArray(ids) || ids.length !== count) {
        malformed('"ids" does not have one id, or null, for each operation');
    }
    for (const id of ids as unknown[]) {
        if (id === null) continue;
        const isName = typeof id === 'string' && id !== '' && id.length <= LONGEST_ID;
        if (!isName || !/^[\x20-\x7e]+$/.test(id)) {
            malformed(`an id is 1 to ${LONGEST_ID} printable ASCII characters`);
        }
    }
}

function checkAtomic(atomic: unknown, count: number): void {
    if (atomic === undefined) return;
    if (!Array.isArray(atomic)) malformed('"atomic" is not a list');
    let free = 0;
    for (const group of atomic as unknown[]) {
        const [first, size] = (Array.isArray(group) ? group : []) as unknown[];
        const fits =
            Number.isInteger(first) &&
            Number.isInteger(size) &&
            (first as number) >= free &&
            (size as number) >= 1 &&
            (first as number) + (size as number) <= count;
        if (!fits)
            malformed('"atomic" is not ascending [first, count] pairs within the operations');
        free = (first as number) + (size as number);
    }
}

const MEMBERS = new Set(['v', 'fns', 'ops', 'ids', 'atomic']);

/** Reads the request of a batch, refusing all of it when any of it is not as documented. */
export function parseBatch(text: string, limits: BatchLimits): BatchRequest {
    const bytes = Buffer.byteLength(text);
    if (bytes > limits.bytes) tooLarge('bytes', bytes, limits.bytes);
    const request = parseJson(text);
    const stranger = Object.keys(request).find((member) => !MEMBERS.has(member));
    if (stranger !== undefined) malformed(`the member ${JSON.stringify(stranger)} is unknown`);
    if (request['v'] !== 1) malformed('"v" is not 1');
    const { fns, ops, ids, atomic } = request;
    checkFunctions(fns);
    if (!Array.isArray(ops)) malformed('"ops" is not a list');
    if (ops.length > limits.ops) tooLarge('ops', ops.length, limits.ops);
    for (let index = 0; index < ops.length; index++) checkOp(ops[index], index, fns.length);
    checkIds(ids, ops.length);
    checkAtomic(atomic, ops.length);
    return request as unknown as BatchRequest;
}
