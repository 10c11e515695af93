import { GatewayError, isGatewayError } from '../errors.js';
import { KeyLanes, LaneGroup, type Choice } from '../lanes/key-lanes.js';
import type { BatchCodec } from '../merge/batch-codec.js';
import { scopeKey } from '../lanes/key-use.js';
import { BatchSize, type BatchBounds } from '../merge/batch-size.js';
import { Linger } from '../merge/linger.js';
import { FairQueue, Fifo } from '../queue/fair-queue.js';
import { refusal } from '../queue/cancellation.js';
import { FlightLimit } from './flight-limit.js';
import { FREE, ORDERED, scopeOfKind, SINGLE } from './lane-kinds.js';
import type { Operation } from './operation.js';
import { runBatch } from './run-batch.js';
import { runOperation, settleFailed, type RunContext } from './run-operation.js';

/** What bounds the dispatcher. */
export interface DispatchLimits {
    /** Transactions between endorsing and commit. */
    readonly transactions: number;
    /** Merged transactions of one contract at a time. */
    readonly lanes: number;
    /** Bounds of one merged transaction. */
    readonly batch: BatchBounds;
    /** Time from submit to receipt to aim for. */
    readonly latencyMs: number;
    /** Endorsing a batch should not take longer. */
    readonly batchEndorseMs: number;
}

/** What else takes part. */
export interface DispatchParts {
    readonly codec: BatchCodec;
    /** Looks at an operation again after a conflict; true when it has changed how it is to be run. */
    readonly reroute?: (operation: Operation, error: GatewayError) => boolean;
    /** What a contract itself allows in a batch. */
    readonly batchLimits?: (scope: string) => BatchBounds | undefined;
    /** Runs what has the `reorder` strategy. */
    readonly ordered?: (operation: Operation) => Promise<void>;
}

interface Scope {
    readonly bounds: BatchBounds;
    readonly size: BatchSize;
    readonly linger: Linger;
    /** Bounds what independent operations may start; what comes beyond shares transactions. */
    readonly flight: FlightLimit;
    /** Operations wait because the bound is reached: they leave together. */
    backlogged: boolean;
    /** Transactions opened by operations that always merge. */
    running: number;
    batchable: boolean;
    timer: NodeJS.Timeout | undefined;
}

/** Transactions of a contract that may be under way before anything is known of the network. */
const initialFlight = 64;
/** Beyond this many times `lanes`, even operations that have waited long enough go on waiting. */
const laneOverdraft = 4;

/**
 * Decides what starts when. Operations leave the fair queue into their lanes, as many as could
 * soon run, and start when their keys are free: alone, or merged with whatever else can.
 */
export class Dispatcher {
    readonly #context: RunContext;
    readonly #limits: DispatchLimits;
    readonly #parts: DispatchParts;
    readonly #queue = new FairQueue<Operation>();
    readonly #lanes = new KeyLanes<Operation>();
    readonly #free = new Fifo<Operation>();
    readonly #scopes = new Map<string, Scope>();
    readonly #flights = new Map<string, FlightLimit>();
    /** Operations in lanes whose keys are not known, by chaincode. */
    readonly #unknown = new Map<string, number>();
    #transactions = 0;
    #pumpScheduled = false;
    #held = false;
    readonly #active = new Set<Operation>();
    #idle: (() => void)[] = [];

    constructor(context: RunContext, limits: DispatchLimits, parts: DispatchParts) {
        this.#context = context;
        this.#limits = limits;
        this.#parts = parts;
    }

    /** Operations not started yet. */
    get waiting(): number {
        return this.#queue.size + this.#lanes.waiting + this.#free.size;
    }

    /** Transactions between endorsing and commit. */
    get transactions(): number {
        return this.#transactions;
    }

    /** How large merged transactions of a contract may be at the moment. */
    batchLimit(scope: string): number {
        return this.#scope(scope).size.limit;
    }

    /** Whether a contract has as many transactions under way as commit in time. */
    saturated(scope: string): boolean {
        const known = this.#scopes.get(scope);
        return known?.backlogged === true || this.#flights.get(scope)?.full === true;
    }

    /** Takes an operation in; it starts no sooner than in the next turn of the event loop. */
    add(operation: Operation): void {
        this.#active.add(operation);
        void operation.ticket.receipt.then(() => {
            this.#active.delete(operation);
            if (this.#active.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
        });
        this.#enqueue(operation);
    }

    /** Puts an operation that has started back in line, once it has left its lanes. */
    requeue(operation: Operation): void {
        operation.ticket.advance('queued');
        setImmediate(() => {
            this.#enqueue(operation);
        });
    }

    /** Starts nothing new, until {@link release}. */
    hold(): void {
        this.#held = true;
    }

    release(): void {
        this.#held = false;
        this.#schedule();
    }

    /** Resolves when everything taken in has its receipt. */
    async drained(): Promise<void> {
        if (this.#active.size === 0) return;
        await new Promise<void>((resolve) => this.#idle.push(resolve));
    }

    /** Operations without a receipt. */
    get active(): ReadonlySet<Operation> {
        return this.#active;
    }

    #enqueue(operation: Operation): void {
        this.#queue.push(operation);
        this.#schedule();
    }

    /** Deferred, so that what is submitted in one turn is seen together. */
    #schedule(): void {
        if (this.#pumpScheduled) return;
        this.#pumpScheduled = true;
        setImmediate(() => {
            this.#pumpScheduled = false;
            this.#pump();
        });
    }

    #pump(): void {
        if (this.#held) return;
        for (;;) {
            this.#stage();
            const before = this.#transactions;
            this.#startFree();
            for (const kind of this.#lanes.readyKinds()) {
                if (kind === SINGLE || kind === ORDERED) this.#startSingles(kind);
                else this.#startBatches(kind);
            }
            if (this.#transactions === before || this.#queue.size === 0) return;
        }
    }

    /** No more than could soon run: what is in a lane cannot be overtaken by a fairer turn. */
    #stage(): void {
        const room = 2 * Math.max(this.#limits.transactions, this.#largestBatch());
        while (this.#queue.size > 0 && this.#lanes.waiting + this.#free.size < room) {
            const operation = this.#queue.shift();
            if (operation === undefined) return;
            if (!this.#alive(operation)) continue;
            if (operation.kind === FREE) this.#free.push(operation);
            else {
                this.#countUnknown(operation, 1);
                this.#lanes.add(operation);
            }
        }
    }

    #countUnknown(operation: Operation, by: 1 | -1): void {
        if (!isUnknown(operation)) return;
        const { chaincode } = operation.call;
        const count = (this.#unknown.get(chaincode) ?? 0) + by;
        if (count === 0) this.#unknown.delete(chaincode);
        else this.#unknown.set(chaincode, count);
    }

    #largestBatch(): number {
        let largest = 0;
        for (const { size } of this.#scopes.values()) largest = Math.max(largest, size.limit);
        return largest;
    }

    #alive(operation: Operation): boolean {
        if (operation.ticket.settled) return false;
        const refused = refusal(operation.patience);
        if (refused === undefined) return true;
        settleFailed(this.#context, operation, refused);
        return false;
    }

    #startFree(): void {
        while (this.#transactions < this.#limits.transactions) {
            const operation = this.#free.shift();
            if (operation === undefined) return;
            if (!this.#alive(operation)) continue;
            this.#run([operation], this.#inFlight([operation], this.#runAlone(operation)));
        }
    }

    #startSingles(kind: string): void {
        while (this.#transactions < this.#limits.transactions) {
            const group = new LaneGroup<Operation>();
            this.#lanes.fill(kind, group, (operation) => {
                if (group.items.length > 0) return 'stop';
                this.#countUnknown(operation, -1);
                return this.#alive(operation) ? 'take' : 'drop';
            });
            const [operation] = group.items;
            if (operation === undefined) return;
            this.#runGroup(group, this.#runAlone(operation));
        }
    }

    #startBatches(kind: string): void {
        const scope = this.#scope(scopeOfKind(kind));
        while (this.#transactions < this.#limits.transactions) {
            const group = new LaneGroup<Operation>();
            const full = this.#form(kind, scope, group);
            if (group.items.length === 0) return;
            const lane = group.items[0]?.spread === true ? 0 : 1;
            scope.running += lane;
            const context = {
                ...this.#context,
                codec: this.#parts.codec,
                size: scope.size,
                notBatchable: () => {
                    if (!scope.batchable) return;
                    scope.batchable = false;
                    this.#context.observer.notBatchable(scopeOfKind(kind));
                },
            };
            const started = performance.now();
            const batch = runBatch(context, group.items, full);
            const run = this.#inFlight(group.items, batch).finally(() => {
                scope.running -= lane;
                scope.linger.committedIn(performance.now() - started);
            });
            this.#runGroup(group, run);
        }
    }

    /** Counts a transaction of a contract, and learns from how long it takes. */
    async #inFlight(operations: readonly Operation[], run: Promise<void>): Promise<void> {
        const [first] = operations;
        if (first === undefined) return run;
        const flight = this.#flight(first.scope);
        const started = performance.now();
        flight.started();
        return run.finally(() => {
            // What was repeated tells of conflicts and faults, not of the network's pace.
            const once = operations.every(({ attempts }) => attempts === 1);
            flight.finished(once ? performance.now() - started : undefined);
        });
    }

    /** Fills a group up to the bounds; true when something that could have joined did not fit. */
    #form(kind: string, scope: Scope, group: LaneGroup<Operation>): boolean {
        const { bounds } = scope;
        const most = scope.batchable ? scope.size.limit : 1;
        let bytes = 0;
        let full = false;
        let joint = scope.backlogged;
        const choose = (operation: Operation): Choice => {
            if (!this.#alive(operation)) {
                this.#countUnknown(operation, -1);
                return 'drop';
            }
            const first = group.items.length === 0;
            if (first && !this.#mayOpen(scope, operation)) return 'stop';
            // One whose keys are not known waits for all ahead of it and holds up all behind it:
            // apart they would only wait for one another.
            joint ||= isUnknown(operation) || this.#unknown.has(operation.call.chaincode);
            if (!first) {
                const apart = operation.spread && !joint && !touches(operation, group);
                if (apart) return 'stop';
                if (group.items.length >= most || bytes + operation.bytes > bounds.bytes) {
                    full = true;
                    return 'stop';
                }
                const fresh = operation.keys.filter(({ key }) => !group.holds.has(key)).length;
                if (group.holds.size + fresh > bounds.keys) {
                    full = true;
                    return 'later';
                }
            }
            bytes += operation.bytes;
            this.#countUnknown(operation, -1);
            return 'take';
        };
        this.#lanes.fill(kind, group, choose);
        if (group.items.length > 0) scope.backlogged &&= full;
        return full;
    }

    /** A free lane opens at once; with all lanes busy, one more when an operation has waited enough. */
    #mayOpen(scope: Scope, operation: Operation): boolean {
        if (!scope.batchable) return true;
        if (operation.spread) {
            scope.backlogged ||= scope.flight.full;
            return !scope.flight.full;
        }
        if (scope.running < this.#limits.lanes) return true;
        const dueIn = operation.acceptedAt + scope.linger.ms - performance.now();
        const overdrawn = scope.running >= this.#limits.lanes * laneOverdraft;
        if (dueIn <= 0 && !overdrawn) return true;
        if (!overdrawn && scope.timer === undefined) {
            scope.timer = setTimeout(() => {
                scope.timer = undefined;
                this.#pump();
            }, dueIn);
            scope.timer.unref();
        }
        return false;
    }

    async #runAlone(operation: Operation): Promise<void> {
        const { reroute, ordered } = this.#parts;
        if (operation.strategy === 'reorder' && ordered !== undefined) {
            await ordered(operation);
            return;
        }
        await runOperation(this.#context, operation, (conflicted, error) => {
            if (reroute?.(conflicted, error) !== true) return false;
            this.requeue(conflicted);
            return true;
        });
    }

    #runGroup(group: LaneGroup<Operation>, run: Promise<void>): void {
        this.#run(
            group.items,
            run.finally(() => {
                this.#lanes.release(group);
            }),
        );
    }

    #run(operations: readonly Operation[], run: Promise<void>): void {
        this.#transactions += 1;
        void run
            .catch((error: unknown) => {
                for (const operation of operations) this.#settleUnexpected(operation, error);
            })
            .finally(() => {
                this.#transactions -= 1;
                this.#schedule();
            });
    }

    /** The outbox could not be written, or a fault of ours: either way the operation gets its receipt. */
    #settleUnexpected(operation: Operation, error: unknown): void {
        const known = isGatewayError(error)
            ? error
            : new GatewayError(
                  'GATEWAY_OUTCOME_UNKNOWN',
                  `The operation broke off: ${String(error)}. Look at the ledger before doing it again.`,
                  { cause: error },
              );
        settleFailed(this.#context, operation, known);
    }

    #flight(scope: string): FlightLimit {
        let flight = this.#flights.get(scope);
        if (flight === undefined) {
            const { transactions: max, latencyMs } = this.#limits;
            flight = new FlightLimit({ max, initial: initialFlight, latencyMs });
            this.#flights.set(scope, flight);
        }
        return flight;
    }

    #scope(name: string): Scope {
        let scope = this.#scopes.get(name);
        if (scope === undefined) {
            const { batch, batchEndorseMs, latencyMs } = this.#limits;
            const bounds = smaller(batch, this.#parts.batchLimits?.(name));
            scope = {
                bounds,
                size: new BatchSize({ max: bounds.operations, targetMs: batchEndorseMs }),
                linger: new Linger(latencyMs),
                flight: this.#flight(name),
                backlogged: false,
                running: 0,
                batchable: true,
                timer: undefined,
            };
            this.#scopes.set(name, scope);
        }
        return scope;
    }
}

function smaller(a: BatchBounds, b: BatchBounds | undefined): BatchBounds {
    if (b === undefined) return a;
    return {
        operations: Math.min(a.operations, b.operations),
        bytes: Math.min(a.bytes, b.bytes),
        keys: Math.min(a.keys, b.keys),
    };
}

/** Whether it keeps its whole chaincode to itself. */
function isUnknown({ keys, call }: Operation): boolean {
    const [first] = keys;
    return first?.write === true && first.key === scopeKey(call.chaincode);
}

/** Whether it shares a key with the group, beside the lane of the whole contract. */
function touches(operation: Operation, group: LaneGroup<Operation>): boolean {
    const whole = scopeKey(operation.call.chaincode);
    return operation.keys.some(
        ({ key, write }) => (key !== whole || write) && group.holds.has(key),
    );
}
