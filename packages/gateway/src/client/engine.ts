import { GatewayError } from '../errors.js';
import type { RetryPolicy } from '../failure/retry-policy.js';
import { RetryBudget } from '../failure/retry-policy.js';
import type { BatchCapabilities } from '../merge/batch-capability.js';
import type { BatchCodec } from '../merge/batch-codec.js';
import type { BatchBounds } from '../merge/batch-size.js';
import type { DeclaredKeys } from '../lanes/key-use.js';
import { allObservers, type Observer } from '../observe/observer.js';
import { Capacity } from '../queue/capacity.js';
import { pause, refusal } from '../queue/cancellation.js';
import { AutoSelector, functionName, type AutoReason } from '../strategy/auto-selector.js';
import { Forecaster, type Forecast } from '../strategy/forecaster.js';
import { KeyLearner } from '../strategy/key-learner.js';
import type { KnownWrites } from '../reorder/known-writes.js';
import { OrderedRunner, type OrderedCounts } from '../reorder/run-ordered.js';
import { Dispatcher } from '../strategy/dispatcher.js';
import type { Operation } from '../strategy/operation.js';
import { fixedPlan, type PlanInput } from '../strategy/plan.js';
import { settleFailed, type RunContext } from '../strategy/run-operation.js';
import type { Call, Transport } from '../transport/transport.js';
import {
    assertSubmittable,
    bytesOf,
    canBeInBatch,
    declaredKeys,
    newOperation,
    patienceOf,
} from './accept.js';
import {
    assertStrategy,
    type FunctionOptions,
    type Settings,
    type SubmitOptions,
} from './options.js';
import type { Ticket } from './ticket.js';

/** A submission with everything that decides how it is run. */
export interface Submittal {
    readonly call: Call;
    readonly scope: string;
    readonly options: SubmitOptions;
    readonly function: FunctionOptions;
}

/** How a function is submitted at the moment, and why. */
export interface Explanation {
    /** Chaincode, contract if named, and function. */
    readonly function: string;
    readonly strategy: string;
    readonly why: string;
    /** When this strategy began for it. */
    readonly since: Date;
    readonly operations: number;
    /** Recent share of its transactions that conflicted, once known. */
    readonly conflictRate?: number;
    /** What the simulator expects of each way for the recent operations of the chaincode. */
    readonly forecast?: Forecast;
}

/** Keeps accepted operations where a crash does not reach; see the outbox. */
export interface Keeper {
    /** The ticket of an operation with that id that is under way. */
    running(id: string): Promise<Ticket> | undefined;
    /** The ticket of an operation with that id that has had its receipt. */
    finished(id: string): Promise<Ticket | undefined>;
    /** Whoever submits the same id meanwhile gets the same ticket. */
    claim(id: string, ticket: Promise<Ticket>): void;
    accept(
        operation: Operation,
        options: SubmitOptions,
        keys: DeclaredKeys | undefined,
    ): Promise<void>;
    beforeSend: NonNullable<RunContext['beforeSend']>;
    finish: RunContext['finish'];
}

/** What an engine is made of. */
export interface EngineParts {
    readonly transport: Transport;
    readonly settings: Settings;
    readonly retry: RetryPolicy;
    readonly codec: BatchCodec;
    readonly capabilities: BatchCapabilities;
    readonly observers?: readonly Observer[];
    readonly keeper?: Keeper;
    /** What the block stream has shown, when it carries whole blocks. */
    readonly knownWrites?: KnownWrites;
}

/** Functions that {@link Engine.explain} tells of. */
const mostExplained = 1_000;

/** Window in which endorsed transactions are put in order. */
const orderWindow = { size: 128, ms: 8 };

/** Accepts operations, runs them by their strategies, and gives each its receipt. */
export class Engine {
    readonly dispatcher: Dispatcher;
    readonly context: RunContext;
    readonly #parts: EngineParts;
    readonly #forecaster = new Forecaster();
    readonly #auto: AutoSelector;
    readonly #learner = new KeyLearner();
    readonly #ordered: OrderedRunner;
    readonly #capacity: Capacity;
    readonly #limits = new Map<string, BatchBounds>();
    readonly #submittals = new WeakMap<Operation, Submittal>();
    readonly #explained = new Map<
        string,
        Omit<Explanation, 'conflictRate' | 'function' | 'forecast'>
    >();
    #closed = false;

    constructor(parts: EngineParts) {
        this.#parts = parts;
        const { settings, transport, retry, keeper } = parts;
        this.#capacity = new Capacity(settings.queue);
        this.#auto = new AutoSelector(
            (chaincode) => this.#forecaster.forecast(chaincode),
            settings.latencyMs,
            (scope) => this.dispatcher.saturated(scope),
        );
        const forget: Observer = {
            notBatchable: (scope) => {
                parts.capabilities.refused(scope);
            },
        };
        this.context = {
            transport,
            limits: settings.timeouts,
            retry,
            budget: new RetryBudget(retry),
            observer: allObservers([
                this.#auto,
                this.#learner,
                this.#forecaster,
                forget,
                ...(parts.observers ?? []),
            ]),
            minHeight: () => (transport.height === 0n ? undefined : transport.height),
            finish: (operation, receipt) => {
                this.#capacity.give(1, operation.bytes);
                keeper?.finish(operation, receipt);
            },
            ...(keeper && { beforeSend: keeper.beforeSend.bind(keeper) }),
        };
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
                batchLimits: (scope) => this.#limits.get(scope),
                reroute: (operation) => this.#reroute(operation),
                ordered: (operation) => this.#ordered.run(operation),
            },
        );
    }

    /** Operations held, and the bytes of their arguments. */
    get held(): { readonly operations: number; readonly bytes: number } {
        return { operations: this.#capacity.operations, bytes: this.#capacity.bytes };
    }

    /** Takes an operation on, or throws and keeps nothing of it. */
    async accept(submittal: Submittal): Promise<Ticket> {
        this.#assertOpen();
        const { keeper } = this.#parts;
        const { id } = submittal.options;
        if (keeper === undefined || id === undefined) return this.#accept(submittal);
        const running = keeper.running(id);
        if (running !== undefined) return running;
        const ticket = keeper.finished(id).then((known) => known ?? this.#accept(submittal));
        keeper.claim(id, ticket);
        return ticket;
    }

    async #accept(submittal: Submittal): Promise<Ticket> {
        const { call, scope, options } = submittal;
        assertSubmittable(call.transaction, call.args);
        const patience = patienceOf(options);
        const keys = declaredKeys(call, options, submittal.function.keys);
        const bytes = bytesOf(call);
        this.#capacity.take(1, bytes);
        let operation: Operation;
        try {
            const plan = (await this.#plan(submittal, keys)).plan;
            operation = newOperation({ call, scope, options, patience, plan });
            await this.#parts.keeper?.accept(operation, options, keys);
            this.#assertOpen();
        } catch (error) {
            this.#capacity.give(1, bytes);
            throw error;
        }
        this.#begin(operation, submittal);
        return operation.ticket;
    }

    /** Takes on an operation that an earlier process had accepted. */
    async recover(submittal: Submittal): Promise<Operation> {
        const { call, scope, options } = submittal;
        const keys = declaredKeys(call, options, submittal.function.keys);
        const { plan } = await this.#plan(submittal, keys);
        const operation = newOperation({
            call,
            scope,
            options,
            patience: {},
            plan,
            recovered: true,
        });
        this.#capacity.take(1, operation.bytes);
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

    /** What ordering transactions by their read/write sets did so far. */
    get orderedCounts(): OrderedCounts {
        return this.#ordered.counts;
    }

    get codec(): BatchCodec {
        return this.#parts.codec;
    }

    /** How each function seen is submitted at the moment, and why. */
    explain(): readonly Explanation[] {
        return [...this.#explained].map(([name, explained]) => {
            const conflictRate = this.#auto.conflictRate(name);
            const forecast = this.#forecaster.forecast(name.replace(/:.*$/u, ''));
            return {
                function: name,
                ...explained,
                ...(conflictRate !== undefined && { conflictRate }),
                ...(forecast && { forecast }),
            };
        });
    }

    /** Accepts nothing more, and resolves when all that was accepted has its receipt. */
    async drain(timeoutMs: number): Promise<void> {
        this.#closed = true;
        const stop = new AbortController();
        const late = pause(timeoutMs, stop.signal).catch(() => undefined);
        await Promise.race([this.dispatcher.drained(), late]);
        stop.abort();
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
        this.#submittals.set(operation, submittal);
        this.context.budget.earn();
        this.context.observer.accepted(operation);
        this.#watchPatience(operation);
        this.dispatcher.add(operation);
    }

    /** A caller that gives up while the operation still waits is answered at once. */
    #watchPatience(operation: Operation): void {
        const { signal, deadlineMs } = operation.patience;
        const giveUp = (): void => {
            if (operation.ticket.status !== 'queued') return;
            const refused = refusal(operation.patience);
            if (refused !== undefined) settleFailed(this.context, operation, refused);
        };
        const timer =
            deadlineMs === undefined
                ? undefined
                : setTimeout(giveUp, Math.max(0, deadlineMs - Date.now()) + 1);
        signal?.addEventListener('abort', giveUp, { once: true });
        if (timer === undefined && signal === undefined) return;
        void operation.ticket.receipt.then(() => {
            clearTimeout(timer);
            signal?.removeEventListener('abort', giveUp);
        });
    }

    async #plan(submittal: Submittal, keys: PlanInput['keys']): Promise<AutoReason> {
        const { call, scope, options } = submittal;
        const choice =
            options.strategy ?? submittal.function.strategy ?? this.#parts.settings.strategy;
        assertStrategy(choice, 'strategy');
        const wantsBatch = choice === 'merge' || choice === 'auto';
        const capability =
            wantsBatch && canBeInBatch(call)
                ? await this.#parts.capabilities.of(scope, call.chaincode, call.contract)
                : undefined;
        if (capability?.batchable) this.#limits.set(scope, capability.limits);
        const mergeable = capability?.batchable ?? false;
        const needsKeys = choice !== 'direct' && choice !== 'retry' && choice !== 'reorder';
        const known = keys ?? (needsKeys ? this.#learner.predict(call) : undefined);
        const input = { scope, chaincode: call.chaincode, keys: known, mergeable };
        const name = functionName(submittal);
        if (choice === 'auto' && known !== undefined) {
            this.#forecaster.note(call.chaincode, call.transaction, known);
        }
        const reason =
            choice === 'auto'
                ? this.#auto.choose(name, input)
                : { plan: fixedPlan(choice, input), why: 'it was asked for' };
        const whyNot = capability?.batchable === false ? `; not merged: ${capability.why}` : '';
        this.#explain(name, reason.plan.strategy, reason.why + whyNot);
        return reason;
    }

    #explain(name: string, strategy: string, why: string, operations = 1): void {
        const before = this.#explained.get(name);
        // Names come from the application, and perhaps from its users.
        if (before === undefined && this.#explained.size >= mostExplained) return;
        const since = before?.strategy === strategy ? before.since : new Date();
        this.#explained.set(name, {
            strategy,
            why,
            since,
            operations: (before?.operations ?? 0) + operations,
        });
    }

    /** After a conflict of an operation that runs freely: is another way better by now? */
    #reroute(operation: Operation): boolean {
        const submittal = this.#submittals.get(operation);
        if (submittal === undefined || operation.strategy !== 'retry') return false;
        const choice =
            submittal.options.strategy ??
            submittal.function.strategy ??
            this.#parts.settings.strategy;
        if (choice !== 'auto') return false;
        const { scope, call } = operation;
        const mergeable = canBeInBatch(call) && this.#limits.has(scope);
        const keys = this.#learner.predict(call);
        const input = { scope, chaincode: call.chaincode, keys, mergeable };
        const { plan, why } = this.#auto.choose(functionName(operation), input);
        if (plan.strategy === operation.strategy) return false;
        this.#explain(functionName(operation), plan.strategy, why, 0);
        Object.assign(operation, plan);
        return true;
    }

    #abandon(operation: Operation): void {
        const sent = operation.ticket.status === 'ordering';
        const kept = this.#parts.keeper !== undefined;
        const error = kept
            ? new GatewayError(
                  'GATEWAY_OUTCOME_UNKNOWN',
                  'The client was closed before the operation had its receipt; it stays in the outbox and goes on when that is opened again.',
              )
            : sent
              ? new GatewayError(
                    'GATEWAY_OUTCOME_UNKNOWN',
                    'The client was closed before the verdict on the operation was learnt; it may still commit.',
                )
              : new GatewayError(
                    'GATEWAY_CLOSED',
                    'The client was closed before the operation was sent; nothing of it was applied.',
                    { retryable: true },
                );
        settleFailed(this.context, operation, error);
    }
}
