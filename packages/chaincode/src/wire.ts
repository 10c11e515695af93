import { canonicalJson, type JsonValue } from './canonical-json.js';

/** Name of the format, as the contract's metadata gives it. */
export const BATCH_FORMAT = 'goodput.batch/1';

/** Name of the transaction that runs a batch. */
export const BATCH_FUNCTION = 'executeBatch';

/** Name of the event that carries several; see {@link readEvents}. */
export const EVENTS_FORMAT = 'goodput.events/1';

/** One operation: the index of its function in {@link BatchRequest.fns}, then its arguments as text. */
export type BatchOp = readonly [fn: number, ...args: string[]];

/** What `executeBatch` takes, as JSON text in its only argument. */
export interface BatchRequest {
    readonly v: 1;
    /** Names of transactions of the same contract, each once. */
    readonly fns: readonly string[];
    /** The operations, in the order they are to run. */
    readonly ops: readonly BatchOp[];
    /** An id an operation, or null; as many as there are operations. */
    readonly ids?: readonly (string | null)[];
    /** Runs of operations that stand or fall together: first index and count, ascending, apart. */
    readonly atomic?: readonly (readonly [first: number, count: number])[];
}

/** Why an operation failed: its error's code, text and, when it has any, details. */
export type BatchFailure = readonly [code: string, message: string, details?: JsonValue];

/** What `executeBatch` answers, as JSON text. */
export interface BatchResponse {
    readonly v: 1;
    /** In the order of the operations: the result as text, null for none, or why it failed. */
    readonly r: readonly (string | null | BatchFailure)[];
    /** Indexes of the operations whose id had been applied before; absent when there are none. */
    readonly replayed?: readonly number[];
}

/** How much a contract takes in one batch. */
export interface BatchLimits {
    /** Operations. */
    readonly ops: number;
    /** Bytes of the request. */
    readonly bytes: number;
    /** Distinct keys read or written. */
    readonly keys: number;
}

/** An operation, as a client has it. */
export interface BatchCall {
    readonly fn: string;
    readonly args: readonly string[];
    /** Makes the operation apply once, however often it is sent. */
    readonly id?: string;
}

/** What became of one operation. */
export type Receipt =
    | { readonly ok: true; readonly result: string | undefined; readonly replayed: boolean }
    | {
          readonly ok: false;
          readonly code: string;
          readonly message: string;
          readonly details: JsonValue | undefined;
      };

/**
 * Writes the request of a batch.
 *
 * @param atomic - runs of operations that stand or fall together
 */
export function encodeBatch(
    calls: readonly BatchCall[],
    atomic?: readonly (readonly [first: number, count: number])[],
): string {
    const fns: string[] = [];
    const indexes = new Map<string, number>();
    const ops = calls.map(({ fn, args }): BatchOp => {
        let index = indexes.get(fn);
        if (index === undefined) {
            index = fns.push(fn) - 1;
            indexes.set(fn, index);
        }
        return [index, ...args];
    });
    const request: BatchRequest = {
        v: 1,
        fns,
        ops,
        ...(calls.some(({ id }) => id !== undefined) && { ids: calls.map(({ id }) => id ?? null) }),
        ...(atomic !== undefined && atomic.length > 0 && { atomic }),
    };
    return JSON.stringify(request);
}

/** Reads the answer of a batch. */
export function decodeReceipts(response: Uint8Array | string): Receipt[] {
    const text = typeof response === 'string' ? response : Buffer.from(response).toString();
    const { r, replayed } = JSON.parse(text) as BatchResponse;
    const again = new Set(replayed);
    return r.map((receipt, index): Receipt => {
        if (receipt === null || typeof receipt === 'string') {
            return { ok: true, result: receipt ?? undefined, replayed: again.has(index) };
        }
        const [code, message, details] = receipt;
        return { ok: false, code, message, details };
    });
}

interface DescribedTransaction {
    readonly name: string;
    readonly goodput?: { readonly format?: string; readonly limits?: BatchLimits };
}

interface DescribedContract {
    readonly name?: string;
    readonly contractInstance?: { readonly default?: boolean };
    readonly transactions: readonly DescribedTransaction[];
}

/**
 * Tells from a chaincode's metadata whether a contract runs batches, and how large they may be.
 *
 * @param metadata - what `org.hyperledger.fabric:GetMetadata` answers, parsed
 * @param contract - the contract's name; the default contract when left out
 * @returns undefined when the contract has no batch executor of this format
 */
export function batchLimitsOf(metadata: unknown, contract?: string): BatchLimits | undefined {
    const { contracts } = metadata as { contracts: Record<string, DescribedContract> };
    const all = Object.entries(contracts);
    const found =
        contract === undefined
            ? all.find(([, each]) => each.contractInstance?.default === true)
            : all.find(([name]) => name === contract);
    const executor = found?.[1].transactions.find(({ name }) => name === BATCH_FUNCTION);
    return executor?.goodput?.format === BATCH_FORMAT ? executor.goodput.limits : undefined;
}

/** What a contract's error message says once taken apart. */
export interface ParsedContractError {
    /** The code, or undefined when the message carries none. */
    readonly code: string | undefined;
    readonly text: string;
    readonly details: JsonValue | undefined;
}

function parseDetails(line: string): JsonValue | undefined {
    try {
        return JSON.parse(line) as JsonValue;
    } catch {
        return undefined; // an ordinary second line
    }
}

/**
 * Takes apart the message of a contract's error, with or without the peer's words before it.
 *
 * @example
 * ```ts
 * import { parseContractError } from '@goodput/chaincode/wire';
 *
 * console.log(parseContractError('chaincode response 500, OUT_OF_STOCK: none left').code); // => OUT_OF_STOCK
 * ```
 */
export function parseContractError(message: string): ParsedContractError {
    const own = message.replace(/^[\s\S]*?chaincode response \d+, /, '');
    const coded = /^([A-Z][A-Z0-9_]{2,63}): ([\s\S]*)$/.exec(own);
    const rest = coded?.[2] ?? own;
    const cut = rest.lastIndexOf('\n');
    const details = coded === null || cut < 0 ? undefined : parseDetails(rest.slice(cut + 1));
    return {
        code: coded?.[1],
        text: details === undefined ? rest : rest.slice(0, cut),
        details,
    };
}

/** The message of an error that {@link parseContractError} reads back. */
export function formatContractError(code: string, text: string, details?: JsonValue): string {
    return details === undefined
        ? `${code}: ${text}`
        : `${code}: ${text}\n${canonicalJson(details)}`;
}

/** An event of a contract, one of perhaps several of a transaction. */
export interface ContractEvent {
    readonly name: string;
    readonly payload: Buffer;
}

/**
 * The events of a transaction, whether it had one or several.
 *
 * @param name - the event name Fabric delivers
 * @param payload - the payload Fabric delivers
 */
export function readEvents(name: string, payload: Uint8Array): ContractEvent[] {
    if (name !== EVENTS_FORMAT) return [{ name, payload: Buffer.from(payload) }];
    const { events } = JSON.parse(Buffer.from(payload).toString()) as {
        events: readonly (readonly [string, string, 'base64'?])[];
    };
    return events.map(([each, text, encoding]) => ({
        name: each,
        payload: Buffer.from(text, encoding ?? 'utf8'),
    }));
}
