import { GatewayError } from '../errors.js';
import { pauseUnless, refusal } from '../queue/cancellation.js';
import type { Call } from '../transport/transport.js';
import type { Submittal } from '../strategy/planner.js';
import { assertEvaluateOptions, assertSubmitOptions, assertSubmittable } from './accept.js';
import { assertDuration, assertKnown, assertName, assertStrategy, invalid } from './checks.js';
import type {
    CacheRule,
    ContractOptions,
    EvaluateOptions,
    FunctionOptions,
    Submission,
    SubmitOptions,
} from './options.js';
import { refusedReceipt, type CommittedReceipt, type Receipt } from './receipt.js';
import type { Ticket } from './ticket.js';

/** What a contract needs of its client. */
export interface ContractHost {
    accept(submittal: Submittal): Promise<Ticket>;
    evaluate(call: Call, options: EvaluateOptions): Promise<Uint8Array>;
    read(call: Call, rule: CacheRule): Promise<Uint8Array>;
}

/** Arguments of a call. */
export type Args = readonly (string | Uint8Array)[];

/** A deployed contract: submit to it, read from it. */
export class Contract {
    readonly chaincode: string;
    readonly #host: ContractHost;
    readonly #options: ContractOptions;
    readonly #scope: string;

    /** @internal */
    constructor(host: ContractHost, chaincode: string, options: ContractOptions) {
        this.chaincode = chaincode;
        this.#host = host;
        assertContractOptions(options);
        this.#options = options;
        const { contract } = options;
        this.#scope = contract === undefined ? chaincode : `${chaincode}:${contract}`;
    }

    /**
     * Submits an operation and waits until it is on the ledger.
     *
     * @returns the receipt, with what the contract returned
     * @throws GatewayError when the contract rejects it or it fails
     * @example
     * ```ts no-run
     * import { connect } from '@goodput/gateway';
     *
     * async function main(): Promise<void> {
     *     const client = await connect('profile.json');
     *     const receipt = await client.contract('counter').submit('add', ['visits', '1']);
     *     console.log(receipt.text(), receipt.transactionId);
     *     await client.close();
     * }
     * void main();
     * ```
     */
    async submit(
        transaction: string,
        args: Args = [],
        options: SubmitOptions = {},
    ): Promise<CommittedReceipt> {
        const ticket = await this.submitAsync(transaction, args, options);
        const receipt = await ticket.receipt;
        if (receipt.outcome === 'committed') return receipt;
        throw receipt.error;
    }

    /** Hands an operation over; resolves once it is accepted, with a ticket for its receipt. */
    async submitAsync(
        transaction: string,
        args: Args = [],
        options: SubmitOptions = {},
    ): Promise<Ticket> {
        assertSubmittable(transaction, args);
        assertSubmitOptions(options);
        return this.#host.accept({
            call: this.#call(transaction, args, options),
            scope: this.#scope,
            options,
            function: this.#function(transaction),
        });
    }

    /**
     * Submits many operations and waits for all their receipts, in the order given. One that is not
     * accepted, rejected or fails has a receipt that says so; the others are not affected. What the
     * queue would not take waits here until there is room.
     */
    async submitMany(submissions: Iterable<Submission>): Promise<Receipt[]> {
        const receipts: Promise<Receipt>[] = [];
        for (const submission of submissions) {
            const { transaction, args = [], ...options } = Object(submission) as Submission;
            try {
                const ticket = await this.#acceptPatiently(transaction, args, options);
                receipts.push(ticket.receipt);
            } catch (error) {
                // Thrown, it would take the receipts of those before it along.
                if (!(error instanceof GatewayError)) throw error;
                receipts.push(Promise.resolve(refusedReceipt(options.id, error)));
            }
        }
        return Promise.all(receipts);
    }

    /** Runs a transaction function on one peer, for its answer only. */
    async evaluate(
        transaction: string,
        args: Args = [],
        options: EvaluateOptions = {},
    ): Promise<Uint8Array> {
        assertSubmittable(transaction, args);
        assertEvaluateOptions(options);
        return this.#host.evaluate(this.#call(transaction, args, options), options);
    }

    /**
     * Reads through the cache: from memory while no block has changed what the answer rests on.
     * For functions that only read. Needs `cache` in the options of {@link connect}: without it every
     * read is endorsed anew. Functions without a cache rule of their own are kept for a minute.
     */
    async read(transaction: string, args: Args = []): Promise<Uint8Array> {
        assertSubmittable(transaction, args);
        const rule = this.#function(transaction).cache ?? {};
        return this.#host.read(this.#call(transaction, args, {}), rule);
    }

    async #acceptPatiently(
        transaction: string,
        args: Args,
        options: SubmitOptions,
    ): Promise<Ticket> {
        const started = performance.now();
        const { timeoutMs, signal } = options;
        let left = options;
        for (;;) {
            try {
                return await this.submitAsync(transaction, args, left);
            } catch (error) {
                const full = error instanceof GatewayError && error.code === 'QUEUE_FULL';
                if (!full) throw error;
                const deadline = timeoutMs === undefined ? undefined : started + timeoutMs;
                const untilThen = (deadline ?? Infinity) - performance.now();
                await pauseUnless(Math.min(error.retryAfterMs ?? 0, untilThen), signal);
                const refused = refusal({ signal, deadline });
                if (refused !== undefined) throw refused;
                if (deadline === undefined) continue;
                left = { ...options, timeoutMs: Math.max(0, deadline - performance.now()) };
            }
        }
    }

    #function(transaction: string): FunctionOptions {
        const own = Object.hasOwn(this.#options.functions ?? {}, transaction)
            ? this.#options.functions?.[transaction]
            : undefined;
        const { strategy } = this.#options;
        return { ...(strategy && { strategy }), ...own };
    }

    #call(transaction: string, args: Args, options: EvaluateOptions): Call {
        const { contract } = this.#options;
        const { transient, endorsingOrganizations } = options;
        return {
            chaincode: this.chaincode,
            ...(contract !== undefined && { contract }),
            transaction,
            args,
            ...(transient && { transient }),
            ...(endorsingOrganizations && { endorsingOrganizations }),
        };
    }
}

function assertContractOptions(options: ContractOptions): void {
    assertKnown(options, ['contract', 'strategy', 'functions'], 'The options of a contract');
    const { contract, strategy, functions = {} } = options;
    if (contract !== undefined) assertName(contract, 'contract');
    if (strategy !== undefined) assertStrategy(strategy, 'strategy of the contract');
    for (const [name, own] of Object.entries(functions)) {
        assertFunctionOptions(own, `functions.${name}`);
    }
}

function assertFunctionOptions(options: FunctionOptions, where: string): void {
    assertKnown(options, ['strategy', 'keys', 'cache'], where);
    const { strategy, keys, cache } = options;
    if (strategy !== undefined) assertStrategy(strategy, `${where}.strategy`);
    if (keys !== undefined && typeof keys !== 'function') {
        throw invalid(`${where}.keys must be a function of the arguments, got a ${typeof keys}.`);
    }
    if (cache === undefined) return;
    assertKnown(cache, ['ttlMs', 'staleAfterMs'], `${where}.cache`);
    for (const [name, value] of Object.entries(cache)) {
        if (value !== undefined) assertDuration(0, value, `${where}.cache.${name}`);
    }
}
