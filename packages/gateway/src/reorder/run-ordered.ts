import type { TxReadWriteSet } from '@goodput/rwset';
import type { Classified } from '../failure/classify.js';
import { backoffMs } from '../failure/retry-policy.js';
import { keyUses } from '../lanes/key-use.js';
import { pauseUnless } from '../queue/cancellation.js';
import { ORDERED } from '../strategy/lane-kinds.js';
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
import type { KnownWrites } from './known-writes.js';
import { OrderWindow, type WindowBounds } from './order-window.js';
import { WritesUnderWay } from './writes-under-way.js';

/** What the ordering of opaque transactions takes. */
export interface OrderedParts {
    readonly context: RunContext;
    readonly window: WindowBounds;
    /** What the block stream has shown, when it carries whole blocks. */
    readonly known?: KnownWrites | undefined;
    /** Puts an operation back in line; it waits there for the keys it was seen to touch. */
    readonly requeue: (operation: Operation) => void;
}

/** Counts of what ordering did. */
export interface OrderedCounts {
    /** Endorsed and found stale before they were submitted. */
    readonly abortedEarly: number;
    /** Submitted in an order of our choice. */
    readonly ordered: number;
}

/**
 * Runs transactions of contracts that cannot be merged. Each is endorsed; its real read/write set
 * tells whether it could still commit. If not it is endorsed anew, which costs milliseconds where a
 * conflict would cost a block; if so it is submitted in the order in which most survive.
 */
export class OrderedRunner {
    readonly #parts: OrderedParts;
    readonly #window: OrderWindow;
    readonly #underWay = new WritesUnderWay();
    #abortedEarly = 0;
    #ordered = 0;

    constructor(parts: OrderedParts) {
        this.#parts = parts;
        this.#window = new OrderWindow(parts.window);
    }

    get counts(): OrderedCounts {
        return { abortedEarly: this.#abortedEarly, ordered: this.#ordered };
    }

    /** Runs an operation once: to its receipt, or back in line. */
    async run(operation: Operation): Promise<void> {
        const { context } = this.#parts;
        operation.ticket.advance('endorsing');
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
            context.minHeight(),
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
        const rwset = readWriteSetOf(outcome.endorsed.bytes);
        if (rwset === undefined) await this.#submit(operation, outcome.endorsed, endorseMs);
        else await this.#order(operation, outcome.endorsed, rwset, endorseMs);
    }

    async #order(
        operation: Operation,
        endorsed: Endorsed,
        rwset: TxReadWriteSet,
        endorseMs: number,
    ): Promise<void> {
        const hopeless =
            this.#underWay.concern(rwset) || (this.#parts.known?.isStale(rwset) ?? false);
        const turn = hopeless ? ({ go: false } as const) : await this.#window.join(rwset);
        if (!turn.go) {
            this.#abortedEarly += 1;
            this.#wait(operation, rwset);
            return;
        }
        this.#ordered += 1;
        const done = this.#underWay.add(rwset);
        try {
            await turn.after;
            await this.#submit(operation, endorsed, endorseMs, turn.acknowledged, rwset);
        } finally {
            turn.acknowledged();
            done();
        }
    }

    async #submit(
        operation: Operation,
        endorsed: Endorsed,
        endorseMs: number,
        acknowledged?: () => void,
        rwset?: TxReadWriteSet,
    ): Promise<void> {
        const { context } = this.#parts;
        await context.beforeSend?.([operation], endorsed);
        const refused = mayNotSend(context, operation.patience);
        if (refused !== undefined) {
            settleFailed(context, operation, refused);
            return;
        }
        operation.attempts += 1;
        operation.ticket.advance('ordering');
        const started = performance.now();
        const settled = await settleTransaction(context, endorsed, acknowledged);
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
        await this.#failed(operation, settled, rwset);
    }

    /** Back in line, behind whatever holds the keys it was seen to touch. */
    #wait(operation: Operation, rwset: TxReadWriteSet): void {
        const { chaincode } = operation.call;
        operation.kind = ORDERED;
        operation.keys = keyUses(chaincode, keysOfReadWriteSet(chaincode, rwset));
        this.#parts.requeue(operation);
    }

    async #failed(
        operation: Operation,
        { error, remedy }: Classified,
        rwset?: TxReadWriteSet,
    ): Promise<void> {
        const { context } = this.#parts;
        if (!mayRepeat(context, remedy, error, operation.attempts)) {
            settleFailed(context, operation, error);
            return;
        }
        context.observer.repeated([operation], error);
        const { signal } = operation.patience;
        await pauseUnless(backoffMs(context.retry, operation.attempts), signal, context.stop);
        if (rwset === undefined) this.#parts.requeue(operation);
        else this.#wait(operation, rwset);
    }
}
