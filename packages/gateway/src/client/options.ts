import type { RetryOptions } from '../failure/retry-policy.js';
import type { DeclaredKeys } from '../lanes/key-use.js';
import type { Logger } from '../observe/logger.js';
import type { Priority } from '../queue/fair-queue.js';
import type { CustomSigner } from '../transport/signing.js';
import type { Receipt, StrategyName } from './receipt.js';

/** A strategy, or the choice left to the client. */
export type StrategyChoice = StrategyName | 'auto';

/** Every strategy there is. */
export const strategyChoices: readonly StrategyChoice[] = [
    'auto',
    'direct',
    'retry',
    'serialize',
    'reorder',
    'merge',
];

/** How one transaction function is to be submitted. */
export interface FunctionOptions {
    /** @default the contract's strategy */
    readonly strategy?: StrategyChoice;
    /**
     * The ledger keys a call will touch, from its arguments; ones listed plainly count as written.
     * Without it the client learns them from endorsed read/write sets.
     * @example keys: ([id]) => [`account:${id}`]
     */
    readonly keys?: (args: readonly string[]) => DeclaredKeys;
    /** How reads of this function through `contract.read` are cached. @default for a minute */
    readonly cache?: CacheRule;
}

/** How long and how strictly a cached read may be used. */
export interface CacheRule {
    /** Longest age of an entry, in milliseconds. @default 60000 */
    readonly ttlMs?: number;
    /**
     * Age from which an entry is renewed in the background while it is still served.
     * @default never
     */
    readonly staleAfterMs?: number;
}

/** How a contract is to be used. */
export interface ContractOptions {
    /** Contract name within the chaincode. @default the chaincode's default contract */
    readonly contract?: string;
    /** @default the client's strategy */
    readonly strategy?: StrategyChoice;
    /** By name of the transaction function. */
    readonly functions?: Readonly<Record<string, FunctionOptions>>;
}

/** One submission. */
export interface SubmitOptions {
    /**
     * A name for the operation, unique in the application; with an outbox, the same id is never done
     * twice, whatever its function and arguments are.
     */
    readonly id?: string;
    /** Overrides what the function's `keys` says. */
    readonly keys?: DeclaredKeys;
    /** Overrides the function's strategy. */
    readonly strategy?: StrategyChoice;
    /** Whose operation it is; callers get even shares. @default '' */
    readonly caller?: string;
    /** @default 'normal' */
    readonly priority?: Priority;
    /**
     * Not sent after this many milliseconds from now; see the documentation for what shares a
     * transaction.
     *
     * @default no limit
     */
    readonly timeoutMs?: number;
    /** Cancels it, as long as it was not sent. */
    readonly signal?: AbortSignal;
    /** Data for the endorsers' eyes only; such operations are never merged or written to an outbox. */
    readonly transient?: Readonly<Record<string, string | Uint8Array>>;
    readonly endorsingOrganizations?: readonly string[];
}

/** One of several submissions. */
export interface Submission extends SubmitOptions {
    readonly transaction: string;
    readonly args?: readonly (string | Uint8Array)[];
}

/** One read. */
export interface EvaluateOptions {
    /** Time limit, in milliseconds. @default the client's `timeouts.evaluateMs` */
    readonly timeoutMs?: number;
    readonly signal?: AbortSignal;
    readonly transient?: Readonly<Record<string, string | Uint8Array>>;
    readonly endorsingOrganizations?: readonly string[];
}

/** Keeps cached reads where several processes can share them. */
export interface SecondLevelCache {
    get(key: string): Promise<Uint8Array | undefined>;
    set(key: string, value: Uint8Array, ttlMs: number): Promise<void>;
    delete(key: string): Promise<void>;
}

/** How a client works; every part has a default. */
export interface ClientOptions {
    /** Name of an identity of the profile. @default the first */
    readonly identity?: string;
    /** Signs instead of an identity of the profile, e.g. with an HSM. */
    readonly signer?: CustomSigner;
    /** For functions that say nothing else. @default 'auto' */
    readonly strategy?: StrategyChoice;
    /** Time from submit to receipt to aim for, in milliseconds. @default 2000 */
    readonly latencyMs?: number;
    /** What may be held at once; beyond it `QUEUE_FULL` is thrown. */
    readonly queue?: {
        /** @default 100000 */
        readonly operations?: number;
        /** @default 268435456 */
        readonly bytes?: number;
    };
    readonly retry?: RetryOptions;
    /** Bounds of a merged transaction; the contract's own limits hold besides. */
    readonly batch?: {
        /** @default 20000 */
        readonly operations?: number;
        /** @default 1500000 */
        readonly bytes?: number;
        /** Distinct keys. @default 200 */
        readonly keys?: number;
        /** Merged transactions of one contract at a time. @default 4 */
        readonly lanes?: number;
        /** Longest that endorsing a batch should take, in milliseconds. @default 1500 */
        readonly endorseMs?: number;
    };
    readonly concurrency?: {
        /** Most calls to one peer at once; stay below its gateway limit of 500. @default 400 */
        readonly calls?: number;
        /** Transactions between endorsing and commit. @default 2000 */
        readonly transactions?: number;
    };
    /** In milliseconds. */
    readonly timeouts?: {
        /** One endorse call. @default 35000 */
        readonly endorseMs?: number;
        /** One submit call. @default 30000 */
        readonly submitMs?: number;
        /** Wait for a block before the transaction is looked up and sent again. @default 15000 */
        readonly commitMs?: number;
        /** Wait before an outcome is given up as unknown. @default 120000 */
        readonly outcomeMs?: number;
        /** How long unreachable or overloaded peers are tried again. @default 60000 */
        readonly unavailableMs?: number;
        /** One read. @default 30000 */
        readonly evaluateMs?: number;
        /** Wait for the block stream before a verdict is asked for. @default 3000 */
        readonly stallMs?: number;
    };
    /** Keeps accepted operations on disk until they have their receipts. @default none */
    readonly outbox?: {
        /** A folder of its own, made when missing. */
        readonly path: string;
        /** Force each write to the disk itself, against power loss too. @default true */
        readonly sync?: boolean;
        /** How long receipts are kept, so that an operation submitted again by id is recognised. @default 86400000 */
        readonly keepMs?: number;
        /** Told the receipts of operations that an earlier process had accepted. */
        readonly onRecovered?: (receipt: Receipt) => void;
    };
    readonly cache?: {
        /** Entries. @default 10000 */
        readonly entries?: number;
        /** Bytes of results. @default 67108864 */
        readonly bytes?: number;
        /** Names hold arguments in plain text. @default none */
        readonly secondLevel?: SecondLevelCache;
    };
    /**
     * Follow whole blocks, not only verdicts: lets `reorder` recognise what others have changed, and
     * `read` drop what has changed.
     * @default true when `cache` is given or `strategy` is `reorder`
     */
    readonly wholeBlocks?: boolean;
    /** Gets structured lines without payloads, arguments or keys. @default none */
    readonly logger?: Logger;
    /** Make OpenTelemetry spans when `@opentelemetry/api` is installed. @default true */
    readonly tracing?: boolean;
}
