import { GatewayError, isGatewayError } from '../errors.js';
import { LaneGroup } from '../lanes/key-lanes.js';
import type { BatchCodec } from '../merge/batch-codec.js';
import type { BatchBounds } from '../merge/batch-size.js';
import { refusal } from '../queue/cancellation.js';
import { FairShare } from '../queue/fair-share.js';
import { NamedMap } from '../queue/named-map.js';
import { BlockClock } from './block-clock.js';
import { FlightLimit } from './flight-limit.js';
import { chaincodeOf, mergedKind } from './lane-kinds.js';
import { MergeScope, type MergeLimits } from './merge-scope.js';
import { Opening } from './opening.js';
import type { Operation } from './operation.js';
import { runBatch } from './run-batch.js';
import { runOperation, settleFailed, type RunContext } from './run-operation.js';
import { WaitingRoom } from './waiting-room.js';

/** What bounds the dispatcher. */
export interface DispatchLimits extends MergeLimits {
    /** Transactions between endorsing and commit. */
    readonly transactions: number;
}

/** What else takes part. */
export interface DispatchParts {
    readonly codec: BatchCodec;
    /** Looks at an operation again after a conflict; true when it has changed how it is to be run. */
    readonly reroute: (operation: Operation, error: GatewayError) => boolean;
    /** What a contract itself allows in a batch; undefined when it takes none. */
    readonly batchLimits: (scope: string) => BatchBounds | undefined;
    /** Runs what has the `reorder` strategy. */
    readonly ordered: (operation: Operation) => Promise<void>;
}

/** Transactions of a contract that may be under way before anything is known of the network. */
const initialFlight = 64;

/**
 * Starts operations as soon as they may: when their keys are free, alone or merged with whatever
 * else can, and no more at once than the network commits in time. Chaincodes share what there is, so
 * that one which hangs does not hold up another.
 */
export class Dispatcher {
    readonly #context: RunContext;
    readonly #limits: DispatchLimits;
    readonly #parts: DispatchParts;
    readonly #room = new WaitingRoom((operation) => this.#alive(operation));
    readonly #clock = new BlockClock();
    readonly #opening = new Opening(this.#clock);
    readonly #scopes = new NamedMap<MergeScope>();
    readonly #flights = new NamedMap<FlightLimit>();
    /** Transactions between endorsing and commit. */
    readonly #transactions = new FairShare();
    #pumpScheduled = false;
    #held = false;
    readonly #active = new Set<Operation>();
    #idle: (() => void)[] = [];

    constructor(context: RunContext, limits: DispatchLimits, parts: DispatchParts) {
        this.#context = { ...context, sent: this.#sent.bind(this) };
        this.#limits = limits;
        this.#parts = parts;
    }

    /** Operations not started yet. */
    get waiting(): number {
        return this.#room.size;
    }

    /** Transactions between endorsing and commit. */
    get transactions(): number {
        return this.#transactions.total;
    }

    /** How large merged transactions of a contract may be at the moment. */
    batchLimit(scope: string): number {
        return this.#scope(scope).size.limit;
    }

    /** Whether more of a contract is under way than commits in time, on a network that is behind. */
    saturated(scope: string): boolean {
        if (!this.#clock.isBehind) return false;
        const backlogged = this.#scopes.get(scope)?.backlogged === true;
        return backlogged || this.#flights.get(scope)?.full === true;
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
        this.#room.push(operation, this.#active.size);
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
            // No more than could soon run.
            this.#room.stage(2 * Math.max(this.#limits.transactions, this.#largestBatch()));
            const before = this.transactions;
            this.#startFree();
            for (const kind of this.#room.readyKinds()) {
                const merged = mergedKind(kind);
                if (merged === undefined) this.#startSingles(kind);
                else this.#startBatches(kind, merged.scope, merged.gathers);
            }
            if (this.transactions === before || !this.#room.crowded) return;
        }
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

    #hasRoom(chaincode: string): boolean {
        return this.#transactions.mayTake(chaincode, 1, this.#limits.transactions);
    }

    #startFree(): void {
        const may = (chaincode: string): boolean => this.#hasRoom(chaincode);
        const opens = this.#opening.isNow;
        this.#opening.passed();
        for (;;) {
            const operation =
                (opens ? this.#room.nextEarly(may) : undefined) ?? this.#room.nextFree(may);
            if (operation === undefined) return;
            this.#run([operation], this.#inFlight([operation], this.#runAlone(operation)));
        }
    }

    #startSingles(kind: string): void {
        for (;;) {
            const group = new LaneGroup<Operation>();
            this.#room.fill(kind, group, ({ call }) =>
                group.items.length === 0 && this.#hasRoom(call.chaincode) ? 'take' : 'stop',
            );
            const [operation] = group.items;
            if (operation === undefined) return;
            this.#runGroup(group, this.#runAlone(operation));
        }
    }

    #startBatches(kind: string, name: string, gathers: boolean): void {
        const scope = this.#scope(name);
        const context = {
            ...this.#context,
            codec: this.#parts.codec,
            size: scope.size,
            notBatchable: () => {
                if (this.#parts.batchLimits(name) === undefined) return;
                this.#context.observer.notBatchable(name);
            },
        };
        while (this.#hasRoom(chaincodeOf(name))) {
            const { group, full } = scope.form(this.#room, kind, gathers);
            if (group.items.length === 0) return;
            const ended = scope.started(group);
            const batch = runBatch(context, group.items, full);
            this.#runGroup(group, this.#inFlight(group.items, batch).finally(ended));
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

    /** A transaction goes to the orderer: what gathers may have waited for one to open a block. */
    #sent(
        operations: readonly Operation[],
        endorseMs: number,
    ): ReturnType<NonNullable<RunContext['sent']>> {
        const landed = this.#clock.sent(endorseMs, operations[0]?.gathered === true);
        this.#schedule();
        return landed;
    }

    async #runAlone(operation: Operation): Promise<void> {
        const { reroute, ordered } = this.#parts;
        if (operation.strategy === 'reorder') {
            await ordered(operation);
            return;
        }
        await runOperation(this.#context, operation, (conflicted, error) => {
            if (!reroute(conflicted, error)) return false;
            this.requeue(conflicted);
            return true;
        });
    }

    #runGroup(group: LaneGroup<Operation>, run: Promise<void>): void {
        this.#run(
            group.items,
            run.finally(() => {
                this.#room.release(group);
            }),
        );
    }

    #run(operations: readonly Operation[], run: Promise<void>): void {
        const chaincode = operations[0]?.call.chaincode ?? '';
        this.#transactions.take(chaincode);
        void run
            .catch((error: unknown) => {
                for (const operation of operations) this.#settleUnexpected(operation, error);
            })
            .finally(() => {
                this.#transactions.give(chaincode);
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
        const { transactions: max, latencyMs } = this.#limits;
        return this.#flights.getOrMake(
            scope,
            () => new FlightLimit({ max, initial: initialFlight, latencyMs }),
        );
    }

    #scope(name: string): MergeScope {
        return this.#scopes.getOrMake(
            name,
            (scope) =>
                new MergeScope({
                    limits: this.#limits,
                    allowed: () => this.#parts.batchLimits(scope),
                    flight: this.#flight(scope),
                    clock: this.#clock,
                    wake: () => {
                        this.#pump();
                    },
                }),
        );
    }
}
