import type { StrategyName } from '../client/receipt.js';
import type { TicketState } from '../client/ticket.js';
import type { KeyUse } from '../lanes/key-lanes.js';
import type { Patience } from '../queue/cancellation.js';
import type { Priority } from '../queue/fair-queue.js';
import type { Call } from '../transport/transport.js';

/** An accepted operation on its way. */
export interface Operation {
    readonly id: string;
    readonly call: Call;
    /** Chaincode and contract: operations of one scope may be merged. */
    readonly scope: string;
    readonly caller: string;
    readonly priority: Priority;
    readonly patience: Patience;
    /** Bytes of its arguments. */
    readonly bytes: number;
    readonly acceptedAt: number;
    readonly ticket: TicketState;
    /** Known again after a restart. */
    readonly recovered: boolean;
    /** What the strategy works on in its lanes; empty when it uses none. */
    keys: readonly KeyUse[];
    /** Lane kind, see the scheduler. */
    kind: string;
    strategy: StrategyName;
    /** Chosen by `auto`, which spreads independent operations over transactions of their own. */
    spread: boolean;
    /** Waited with others until a block was nearly cut. */
    gathered: boolean;
    attempts: number;
    /**
     * It may be given up though it has started: it is endorsed alone, or waits for another try, and
     * nothing of it is being written down or sent.
     */
    interruptible: boolean;
}
