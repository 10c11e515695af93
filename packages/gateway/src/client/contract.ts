import { GatewayError } from '../errors.js';
import type { Call } from '../transport/transport.js';
import type { Submittal } from '../strategy/planner.js';
import {
    assertStrategy,
    type CacheRule,
    type ContractOptions,
    type EvaluateOptions,
    type FunctionOptions,
    type Submission,
    type SubmitOptions,
} from './options.js';
import type { CommittedReceipt, Receipt } from './receipt.js';
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
        this.#options = options;
        const { contract } = options;
        this.#scope = contract === undefined ? chaincode : `${chaincode}:${contract}`;
        assertContractOptions(options);
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
        return this.#host.accept({
            call: this.#call(transaction, args, options),
            scope: this.#scope,
            options,
            function: this.#function(transaction),
        });
    }

    /**
     * Submits many operations and waits for all their receipts, in the order given. One that is
     * rejected or fails has a receipt that says so; the others are not affected. What the queue
     * would not take waits here until there is room.
     */
    async submitMany(submissions: Iterable<Submission>): Promise<Receipt[]> {
        const tickets: Ticket[] = [];
        for (const { transaction, args = [], ...options } of submissions) {
            tickets.push(await this.#acceptPatiently(transaction, args, options));
        }
        return Promise.all(tickets.map((ticket) => ticket.receipt));
    }

    /** Runs a transaction function on one peer, for its answer only. */
    async evaluate(
        transaction: string,
        args: Args = [],
        options: EvaluateOptions = {},
    ): Promise<Uint8Array> {
        return this.#host.evaluate(this.#call(transaction, args, options), options);
    }

    /**
     * Reads through the cache: from memory while no block has changed what the answer rests on.
     * For functions that only read. Needs `cache` in the options of {@link connect}; without it, and
     * for functions without a cache rule of their own, the default rule holds.
     */
    async read(transaction: string, args: Args = []): Promise<Uint8Array> {
        const rule = this.#function(transaction).cache ?? {};
        return this.#host.read(this.#call(transaction, args, {}), rule);
    }

    async #acceptPatiently(
        transaction: string,
        args: Args,
        options: SubmitOptions,
    ): Promise<Ticket> {
        for (;;) {
            try {
                return await this.submitAsync(transaction, args, options);
            } catch (error) {
                const full = error instanceof GatewayError && error.code === 'QUEUE_FULL';
                if (!full) throw error;
                await new Promise((resolve) => setTimeout(resolve, error.retryAfterMs));
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

function assertContractOptions({ strategy, functions = {} }: ContractOptions): void {
    if (strategy !== undefined) assertStrategy(strategy, 'strategy of the contract');
    for (const [name, { strategy: own }] of Object.entries(functions)) {
        if (own !== undefined) assertStrategy(own, `functions.${name}.strategy`);
    }
}
