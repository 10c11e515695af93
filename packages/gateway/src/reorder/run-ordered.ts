import type { TxReadWriteSet } from '@goodput/rwset';
import type { Classified } from '../failure/classify.js';
import { backoffMs } from '../failure/retry-policy.js';
import { Contention } from '../lanes/contention.js';
import { keyNames, readAndWritten } from '../lanes/key-use.js';
import { pauseUnless } from '../queue/cancellation.js';
import { FREE } from '../strategy/lane-kinds.js';
import { keysOfReadWriteSet, readWriteSetOf } from '../strategy/key-learner.js';
import type { Operation } from '../strategy/operation.js';
import {
    mayRepeat,
    settleCommitted,
    settleFailed,
    type RunContext,
} from '../strategy/run-operation.js';
import { endorse, mayNotSend } from '../strategy/run-transaction.js';
import { settleTransaction } from '../strategy/settle-transaction.js';
import type { Endorsed } from '../transport/transport.js';
import { CatchUp } from './catch-up.js';
import { KeyGate } from './key-gate.js';
import type { KnownWrites } from './known-writes.js';
import { BlockClock } from '../strategy/block-clock.js';
import {
    namesOf,
    OrderWindow,
    type Endorsement,
    type Turn,
    type WindowBounds,
} from './order-window.js';
import { WritesUnderWay } from './writes-under-way.js';

/** What the ordering of opaque transactions takes. */
export interface OrderedParts {
    readonly context: RunContext;
    readonly window: WindowBounds;
    /** What the block stream has shown, when it carries whole blocks. */
    readonly known?: KnownWrites | undefined;
    /** Puts an operation back in line, to be run again. */
    readonly requeue: (operation: Operation) => void;
}

/** Counts of what ordering did. */
export interface OrderedCounts {
    /** Endorsed and found stale before they were submitted. */
    readonly abortedEarly: number;
    /** Of these, endorsed on state older than what the block stream has shown. */
    readonly behind: number;
    /** Submitted in an order of our choice. */
    readonly ordered: number;
}

/** An endorsed transaction whose read/write set is known. */
interface Legible extends Endorsement {
    readonly endorsed: Endorsed;
    readonly endorseMs: number;
}

/** What accompanies a transaction with a turn on its way to the orderer. */
interface Passage {
    readonly rwset: TxReadWriteSet;
    readonly acknowledged: () => void;
    readonly settled: () => void;
    /** Called when it is handed over; what that gives, with its block. */
    readonly sent: () => (block: bigint | undefined) => void;
}

/**
 * Runs transactions of contracts that cannot be merged. Each is endorsed; its real read/write set
 * tells whether it could still commit. If so it is submitted in the order in which most survive; if
 * not it is endorsed anew, which costs milliseconds where a conflict would cost a block, but not
 * before there is something new to see: the verdict on what will overwrite what it has read, or,
 * where the endorser lags behind the block stream, a while later and of another peer.
 */
export class OrderedRunner {
    readonly #parts: OrderedParts;
    readonly #clock = new BlockClock();
    readonly #window: OrderWindow;
    readonly #underWay = new WritesUnderWay();
    readonly #contention = new Contention();
    /** Of what reads and writes a key, a block takes one: the others do not even ask for an endorsement. */
    readonly #gate = new KeyGate<Operation>((operation) => !operation.ticket.settled);
    /** Has passed the gate, and is to be run. */
    readonly #admitted = new WeakSet<Operation>();
    /** How often an operation had to let others go first. */
    readonly #passedOver = new WeakMap<Operation, number>();
    readonly #catchUp: CatchUp;
    #abortedEarly = 0;
    #behind = 0;
    #ordered = 0;

    constructor(parts: OrderedParts) {
        this.#parts = parts;
        this.#window = new OrderWindow(parts.window, this.#clock);
        const { budget, limits } = parts.context;
        this.#catchUp = new CatchUp({ budget, longestMs: limits.unavailableMs });
    }

    get counts(): OrderedCounts {
        return {
            abortedEarly: this.#abortedEarly,
            behind: this.#behind,
            ordered: this.#ordered,
        };
    }

    /** Runs an operation once: to its receipt, or back in line. */
    async run(operation: Operation): Promise<void> {
        const keys = operation.keys.map(({ key }) => key);
        if (!this.#admitted.delete(operation)) {
            operation.ticket.advance('queued');
            const entered = this.#gate.enter(operation, keys, () => {
                this.#admitted.add(operation);
                // One that is given up meanwhile is not run any more.
                void operation.ticket.receipt.then(() => {
                    this.#gate.leave(operation, keys);
                });
                this.#parts.requeue(operation);
            });
            if (!entered) return;
        }
        try {
            await this.#run(operation);
        } finally {
            this.#gate.leave(operation, keys);
        }
    }

    async #run(operation: Operation): Promise<void> {
        const { context } = this.#parts;
        operation.ticket.advance('endorsing');
        operation.interruptible = true;
        const started = performance.now();
        const outcome = await endorse(
            context,
            operation.call,
            operation.patience,
            {
                repeated: ({ error }) => {
                    context.observer.repeated([operation], error);
                },
            },
            { minHeight: context.minHeight(), avoid: this.#catchUp.avoid(operation) },
        );
        const endorseMs = performance.now() - started;
        if (outcome.endorsed === undefined) {
            operation.attempts += 1;
            context.observer.transaction({
                operations: [operation],
                endorseMs,
                error: outcome.error,
            });
            await this.#failed(operation, outcome);
            return;
        }
        const { endorsed } = outcome;
        const rwset = readWriteSetOf(endorsed.bytes);
        if (rwset === undefined) await this.#submit(operation, endorsed, endorseMs);
        else await this.#order(operation, { endorsed, rwset, names: namesOf(rwset), endorseMs });
    }

    async #order(operation: Operation, legible: Legible): Promise<void> {
        const { endorsed, rwset, names, endorseMs } = legible;
        if (this.#underWay.concern(names) !== undefined) {
            this.#giveWay(operation, legible);
            return;
        }
        if (this.#parts.known?.isStale(rwset)) {
            this.#letCatchUp(operation, legible);
            return;
        }
        this.#catchUp.caughtUp(operation);
        const turn = await this.#turn(operation, legible);
        if (!turn.go) {
            this.#giveWay(operation, legible);
            return;
        }
        const passage = this.#passage(turn, legible);
        try {
            await turn.after;
            await this.#submit(operation, endorsed, endorseMs, passage);
        } finally {
            passage.acknowledged();
            passage.settled();
            this.#window.reconsider();
        }
    }

    /** What nobody contends for goes at once; it could gain nothing by waiting. */
    #turn(operation: Operation, legible: Legible): Promise<Turn> | Turn {
        const { names } = legible;
        const contended = [...names.reads, ...names.writes].some((n) => this.#contention.has(n));
        if (!contended && this.#clock.predicts) return this.#window.pass(legible);
        // Whoever has given way often comes first in the end.
        return this.#window.join(legible, 1 + (this.#passedOver.get(operation) ?? 0));
    }

    #passage(turn: Extract<Turn, { go: true }>, { rwset, names }: Legible): Passage {
        this.#ordered += 1;
        const started = performance.now();
        const { gathered, acknowledged } = turn;
        return {
            rwset,
            acknowledged,
            settled: this.#underWay.add(names),
            sent: () => {
                const landed = this.#clock.sent(performance.now() - started, gathered);
                this.#window.reconsider();
                return landed;
            },
        };
    }

    /** To something under way that will overwrite what it has read: it is endorsed again after that. */
    #giveWay(operation: Operation, { rwset, names }: Legible): void {
        this.#passedOver.set(operation, (this.#passedOver.get(operation) ?? 0) + 1);
        for (const name of this.#underWay.lostTo(names)) this.#contention.note(name);
        this.#abortEarly(operation, rwset, this.#underWay.concern(names));
    }

    /** @param until - what has to end before endorsing it again can turn out otherwise */
    #abortEarly(
        operation: Operation,
        rwset: TxReadWriteSet,
        until: Promise<unknown> | undefined,
    ): void {
        this.#abortedEarly += 1;
        this.#wait(operation, rwset, until);
    }

    #letCatchUp(operation: Operation, { endorsed, rwset }: Legible): void {
        const { context } = this.#parts;
        this.#behind += 1;
        const pauseMs = this.#catchUp.behind(operation, endorsed.peer);
        if (typeof pauseMs !== 'number') {
            settleFailed(context, operation, pauseMs);
            return;
        }
        const { signal } = operation.patience;
        this.#abortEarly(operation, rwset, pauseUnless(pauseMs, signal, context.stop));
    }

    async #submit(
        operation: Operation,
        endorsed: Endorsed,
        endorseMs: number,
        passage?: Passage,
    ): Promise<void> {
        const { context } = this.#parts;
        operation.interruptible = false;
        let refused = mayNotSend(context, operation.patience);
        if (refused === undefined) {
            await context.beforeSend?.([operation], endorsed);
            refused = mayNotSend(context, operation.patience);
        }
        if (refused !== undefined) {
            settleFailed(context, operation, refused);
            return;
        }
        operation.attempts += 1;
        operation.ticket.advance('ordering');
        const started = performance.now();
        const landed = passage?.sent();
        const { acknowledged } = passage ?? {};
        const settled = await settleTransaction(context, endorsed, { acknowledged });
        landed?.(settled.status?.blockNumber);
        passage?.settled();
        const commitMs = endorseMs + performance.now() - started;
        context.observer.transaction({
            operations: [operation],
            endorseMs,
            commitMs,
            endorsed,
            ...(settled.status === undefined ? { error: settled.error } : settled),
        });
        if (settled.status !== undefined) {
            const own = { result: endorsed.result, index: 0, batchSize: 1 };
            settleCommitted(context, operation, { status: settled.status }, own);
            return;
        }
        await this.#failed(operation, settled, passage?.rwset);
    }

    /**
     * Back in line, for the keys it was seen to read and to write. Until then it waits outside: it takes
     * no place that others could use, and can be given up.
     */
    #wait(operation: Operation, rwset: TxReadWriteSet, until?: Promise<unknown>): void {
        const { context, requeue } = this.#parts;
        const refused = mayNotSend(context, operation.patience);
        if (refused !== undefined) {
            settleFailed(context, operation, refused);
            return;
        }
        const { chaincode } = operation.call;
        operation.kind = FREE;
        operation.keys = keyNames(chaincode, readAndWritten(keysOfReadWriteSet(chaincode, rwset)));
        operation.ticket.advance('queued');
        if (until === undefined) requeue(operation);
        else
            void until.then(() => {
                if (!operation.ticket.settled) requeue(operation);
            });
    }

    async #failed(
        operation: Operation,
        failure: Classified,
        rwset?: TxReadWriteSet,
    ): Promise<void> {
        const { context } = this.#parts;
        const { error } = failure;
        if (!mayRepeat(context, operation, failure, operation.attempts)) {
            settleFailed(context, operation, error);
            return;
        }
        context.observer.repeated([operation], error);
        const { signal } = operation.patience;
        operation.interruptible = true;
        await pauseUnless(backoffMs(context.retry, operation.attempts), signal, context.stop);
        if (rwset === undefined) this.#parts.requeue(operation);
        else this.#wait(operation, rwset);
    }
}
