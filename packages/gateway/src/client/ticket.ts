import type { Receipt } from './receipt.js';

/** How far an accepted operation has come. */
export type TicketStatus =
    'queued' | 'endorsing' | 'ordering' | 'committed' | 'rejected' | 'failed';

/** An accepted operation: ask how far it is, or await its receipt. */
export interface Ticket {
    readonly id: string;
    readonly status: TicketStatus;
    /** Resolves, and never rejects, with the one outcome of the operation. */
    readonly receipt: Promise<Receipt>;
}

const rank: Readonly<Record<TicketStatus, number>> = {
    queued: 0,
    endorsing: 1,
    ordering: 2,
    committed: 3,
    rejected: 3,
    failed: 3,
};

/** The side of a ticket that the client itself holds. */
export class TicketState implements Ticket {
    readonly id: string;
    readonly receipt: Promise<Receipt>;
    #status: TicketStatus = 'queued';
    #resolve: ((receipt: Receipt) => void) | undefined;

    constructor(id: string) {
        this.id = id;
        this.receipt = new Promise((resolve) => {
            this.#resolve = resolve;
        });
    }

    get status(): TicketStatus {
        return this.#status;
    }

    /** An operation whose transaction conflicted goes back to an earlier step; a settled one stays. */
    advance(status: 'queued' | 'endorsing' | 'ordering'): void {
        if (rank[this.#status] < 3) this.#status = status;
    }

    get settled(): boolean {
        return this.#resolve === undefined;
    }

    /** True the first time; a second outcome would be a fault of ours and is refused. */
    settle(receipt: Receipt): boolean {
        if (this.#resolve === undefined) return false;
        this.#status = receipt.outcome;
        this.#resolve(receipt);
        this.#resolve = undefined;
        return true;
    }
}
