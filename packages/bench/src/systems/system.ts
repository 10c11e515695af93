import type { Outcome } from '../measure/outcome.js';

/** An operation under its id, by which it is found again in the ledger. */
export interface IdentifiedOperation {
    /** Unique in the run; the transaction function's first argument. */
    readonly id: string;
    readonly name: string;
    readonly args: readonly string[];
}

/** A way of submitting operations, under comparison. */
export interface System {
    readonly name: string;
    /** Submits one operation and says what became of it; never rejects. */
    submit(operation: IdentifiedOperation): Promise<Outcome>;
    /** Waits for what is under way, then disconnects. */
    close(): Promise<void>;
    /** What the system says of itself after a run, e.g. which strategy it chose and why. */
    explain?(): string | undefined;
}
