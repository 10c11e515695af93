import type { DeclaredKeys } from '../lanes/key-use.js';
import type { Operation } from '../strategy/operation.js';
import type { RunContext } from '../strategy/run-operation.js';
import type { StrategyChoice } from './options.js';
import type { Ticket } from './ticket.js';

/** Keeps accepted operations where a crash does not reach; see the outbox. */
export interface Keeper {
    /** The ticket of an operation with that id that is under way. */
    running(id: string): Promise<Ticket> | undefined;
    /** The ticket of an operation with that id that has had its receipt. */
    finished(id: string): Promise<Ticket | undefined>;
    /** Whoever submits the same id meanwhile gets the same ticket. */
    claim(id: string, ticket: Promise<Ticket>): void;
    /** @param strategy - as asked for, so that it holds after a restart too */
    accept(
        operation: Operation,
        strategy: StrategyChoice | undefined,
        keys: DeclaredKeys | undefined,
    ): Promise<void>;
    beforeSend: NonNullable<RunContext['beforeSend']>;
    finish: RunContext['finish'];
}
