import { setMaxListeners } from 'node:events';
import { GatewayError } from '../errors.js';
import { RetryBudget } from '../failure/retry-policy.js';
import type { BatchCapabilities } from '../merge/batch-capability.js';
import type { BatchCodec } from '../merge/batch-codec.js';
import { allObservers, type Observer } from '../observe/observer.js';
import { Arrivals, type Leave } from '../queue/arrivals.js';
import { Capacity } from '../queue/capacity.js';
import { notSent, oncePassed, pauseUnless, refusal, type Patience } from '../queue/cancellation.js';
import type { KnownWrites } from '../reorder/known-writes.js';
import { OrderedRunner, type OrderedCounts } from '../reorder/run-ordered.js';
import { Dispatcher } from '../strategy/dispatcher.js';
import type { Operation } from '../strategy/operation.js';
import { Planner, type Explanation, type Submittal } from '../strategy/planner.js';
import { settleFailed, type RunContext } from '../strategy/run-operation.js';
import type { Transport } from '../transport/transport.js';
import { bytesOf, declaredKeys, newOperation, patienceOf } from './accept.js';
import type { Keeper } from './keeper.js';
import { longestMs } from './checks.js';
import type { Settings } from './settings.js';
import type { Ticket } from './ticket.js';

/** What an engine is made of. */
export interface EngineParts {
    readonly transport: Transport;
    readonly settings: Settings;
    readonly codec: BatchCodec;
    readonly capabilities: BatchCapabilities;
    readonly observers?: readonly Observer[];
    readonly keeper?: Keeper;
    /** What the block stream has shown, when it carries whole blocks. */
    readonly knownWrites?: KnownWrites;
}

/** Window in which endorsed transactions are put in order. */
const orderWindow = { size: 1_000, ms: 8 };

/** Accepts operations, runs them by their strategies, and gives each its receipt. */
export class Engine {
    readonly dispatcher: Dispatcher;
    readonly context: RunContext;
    readonly codec: BatchCodec;
    readonly #parts: EngineParts;
    readonly #planner: Planner;
    readonly #ordered: OrderedRunner;
    readonly #capacity: Capacity;
    readonly #submittals = new WeakMap<Operation, Submittal>();
    readonly #stop = new AbortController();
    readonly #arrivals = new Arrivals();
    #closed = false;

    constructor(parts: EngineParts) {
        this.#parts = parts;
        setMaxListeners(0, this.#stop.signal);
        this.codec = parts.codec;
        const { settings, capabilities } = parts;
        this.#capacity = new Capacity(settings.queue);
        this.#planner = new Planner({
            strategy: settings.strategy,
            latencyMs: settings.latencyMs,
            capabilities,
            saturated: (scope) => this.dispatcher.saturated(scope),
        });
        this.context = this.#newContext();
        this.#ordered = new OrderedRunner({
            context: this.context,
            window: orderWindow,
            known: parts.knownWrites,
            requeue: (operation) => {
                this.dispatcher.requeue(operation);
            },
        });
        this.dispatcher = new Dispatcher(
            this.context,
            {
                transactions: settings.concurrency.transactions,
                lanes: settings.batch.lanes,
                batch: settings.batch,
                latencyMs: settings.latencyMs,
                batchEndorseMs: settings.batch.endorseMs,
            },
            {
                codec: parts.codec,
                batchLimits: (scope) => this.#planner.batchLimits(scope),
                reroute: (operation) => this.#reroute(operation),
                ordered: (operation) => this.#ordered.run(operation),
            },
        );
    }

    #newContext(): RunContext {
        const { transport, settings, keeper, observers = [] } = this.#parts;
        const { retry } = settings;
        return {
            transport,
            limits: settings.timeouts,
            retry,
            stop: this.#stop.signal,
            budget: new RetryBudget(retry),
            observer: allObservers([...this.#planner.observers, ...observers]),
            minHeight: () => (transport.height === 0n ? undefined : transport.height),
            finish: (operation, receipt) => {
                this.#capacity.give(operation.call.chaincode, operation.bytes);
                keeper?.finish(operation, receipt);
            },
            ...(keeper && { beforeSend: keeper.beforeSend.bind(keeper) }),
        };
    }

    /** Operations held, and the bytes of their arguments. */
    get held(): { readonly operations: number; readonly bytes: number } {
        return { operations: this.#capacity.operations, bytes: this.#capacity.bytes };
    }

    /** What ordering transactions by their read/write sets did so far. */
    get orderedCounts(): OrderedCounts {
        return this.#ordered.counts;
    }

    /** How each function seen is submitted at the moment, and why. */
    explain(): readonly Explanation[] {
        return this.#planner.explain();
    }

    /** Takes an operation on, or throws and keeps nothing of it. */
    async accept(submittal: Submittal): Promise<Ticket> {
        this.#assertOpen();
        const leave = this.#arrivals.enter(lineOf(submittal));
        try {
            return await this.#acceptOnce(submittal, leave);
        } finally {
            leave();
        }
    }

    /** With an outbox, whoever submits the same id again gets the same ticket. */
    #acceptOnce(submittal: Submittal, leave: Leave): Promise<Ticket> {
        const { keeper } = this.#parts;
        const { id } = submittal.options;
        if (keeper === undefined || id === undefined) return this.#accept(submittal, leave);
        const running = keeper.running(id);
        if (running !== undefined) return running;
        const ticket = keeper.finished(id).then((known) => known ?? this.#accept(submittal, leave));
        keeper.claim(id, ticket);
        return ticket;
    }

    async #accept(submittal: Submittal, leave: Leave): Promise<Ticket> {
        const { call, scope, options } = submittal;
        const patience = patienceOf(options);
        const keys = declaredKeys(call, options, submittal.function.keys);
        const bytes = bytesOf(call);
        this.#capacity.take(call.chaincode, bytes);
        let operation: Operation;
        try {
            const plan = await this.#planner.plan(submittal, keys);
            // What was submitted before the client began to close is still taken on.
            if (this.#stop.signal.aborted) this.#assertOpen();
            operation = newOperation({ call, scope, options, patience, plan });
            const strategy = options.strategy ?? submittal.function.strategy;
            await this.#parts.keeper?.accept(operation, strategy, keys);
        } catch (error) {
            this.#capacity.give(call.chaincode, bytes);
            throw error;
        }
        leave(() => {
            this.#begin(operation, submittal);
        });
        return operation.ticket;
    }

    /** Takes on an operation that an earlier process had accepted. */
    async recover(submittal: Submittal, patience: Patience): Promise<Operation> {
        const { call, scope, options } = submittal;
        const keys = declaredKeys(call, options, submittal.function.keys);
        const plan = await this.#planner.plan(submittal, keys);
        const operation = newOperation({ call, scope, options, patience, plan, recovered: true });
        // However little the client may hold by now, what was accepted has to be done.
        this.#capacity.hold(call.chaincode, operation.bytes);
        return operation;
    }

    /** Starts a recovered operation. */
    resume(operation: Operation, submittal: Submittal): void {
        this.#begin(operation, submittal);
    }

    /** Starts nothing new, until it is released. */
    hold(): void {
        this.dispatcher.hold();
    }

    release(): void {
        this.dispatcher.release();
    }

    /** Accepts nothing more. */
    close(): void {
        this.#closed = true;
    }

    /**
     * Accepts nothing more, and resolves when all that was accepted has its receipt. What has none
     * in time gets one that says so, and nothing is sent from then on.
     */
    async drain(timeoutMs: number): Promise<void> {
        this.close();
        const drained = new AbortController();
        const late = pauseUnless(Math.min(timeoutMs, longestMs), drained.signal);
        const settled = this.#arrivals.empty().then(() => this.dispatcher.drained());
        await Promise.race([settled, late]);
        drained.abort();
        this.#stop.abort();
        for (const operation of this.dispatcher.active) this.#abandon(operation);
    }

    #assertOpen(): void {
        if (!this.#closed) return;
        throw new GatewayError(
            'GATEWAY_CLOSED',
            'The client is closed and accepts nothing any more. Connect again.',
            { retryable: true },
        );
    }

    #begin(operation: Operation, submittal: Submittal): void {
        this.context.observer.accepted(operation);
        // Accepted while the client gave up: it is on disk already, and so must not be refused.
        if (this.#stop.signal.aborted) {
            this.#abandon(operation);
            return;
        }
        this.#submittals.set(operation, submittal);
        this.context.budget.earn(operation.call.chaincode);
        this.#watchPatience(operation);
        this.dispatcher.add(operation);
    }

    /** A caller that gives up while nothing of the operation can be sent is answered at once. */
    #watchPatience(operation: Operation): void {
        const { signal, deadline } = operation.patience;
        if (signal === undefined && deadline === undefined) return;
        const giveUp = (): void => {
            if (operation.ticket.status !== 'queued' && !operation.interruptible) return;
            const refused = refusal(operation.patience);
            if (refused !== undefined) settleFailed(this.context, operation, refused);
        };
        const rest = deadline === undefined ? undefined : oncePassed(deadline, giveUp);
        signal?.addEventListener('abort', giveUp, { once: true });
        void operation.ticket.receipt.then(() => {
            rest?.();
            signal?.removeEventListener('abort', giveUp);
        });
    }

    #reroute(operation: Operation): boolean {
        const submittal = this.#submittals.get(operation);
        const plan = submittal && this.#planner.replan(operation, submittal);
        if (plan === undefined) return false;
        Object.assign(operation, plan);
        return true;
    }

    #abandon(operation: Operation): void {
        const kept = this.#parts.keeper !== undefined;
        settleFailed(this.context, operation, abandoned(operation, kept));
    }
}

/** What one caller submits to a chaincode with one priority begins in the order it came. */
function lineOf({ call, options: { caller = '', priority = 'normal' } }: Submittal): string {
    return `${call.chaincode}\u0000${priority}\u0000${caller}`;
}

function abandoned({ ticket }: Operation, kept: boolean): GatewayError {
    if (kept) {
        return new GatewayError(
            'GATEWAY_OUTCOME_UNKNOWN',
            'The client was closed before the operation had its receipt; it stays in the outbox and goes on when that is opened again.',
        );
    }
    if (ticket.status !== 'ordering') return notSent();
    return new GatewayError(
        'GATEWAY_OUTCOME_UNKNOWN',
        'The client was closed before the verdict on the operation was learnt; it may still commit.',
    );
}
