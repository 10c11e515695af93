/** What became of one logical operation. */
export type OutcomeClass =
    /** In a valid transaction, and the contract accepted it. */
    | 'committed'
    /** The contract refused it: its own error, not a conflict. */
    | 'rejected'
    /** Invalidated because something it read had changed. */
    | 'mvcc-conflict'
    /** Invalidated because a range it read had changed. */
    | 'phantom-conflict'
    /** Invalidated for another reason. */
    | 'invalid'
    /** Never ordered: endorsement failed or endorsers disagreed. */
    | 'endorsement-failed'
    /** The system refused it because it had too much to do. */
    | 'overload'
    /** No answer in time; whether it was applied is for the ledger to say. */
    | 'timeout'
    /** Anything else. */
    | 'failed';

/** All classes, in the order reports show them. */
export const outcomeClasses: readonly OutcomeClass[] = [
    'committed',
    'rejected',
    'mvcc-conflict',
    'phantom-conflict',
    'invalid',
    'endorsement-failed',
    'overload',
    'timeout',
    'failed',
];

/** The answer to one logical operation. */
export interface Outcome {
    readonly class: OutcomeClass;
    /** The transaction it ended in, when there is one. */
    readonly transactionId?: string;
    /** What the contract answered, as text, when it was committed. */
    readonly result?: string;
    /** Transactions sent for it, retries included; shared ones count once, at the first operation. */
    readonly transactions?: number;
    /** For people: what exactly went wrong. */
    readonly detail?: string;
}
