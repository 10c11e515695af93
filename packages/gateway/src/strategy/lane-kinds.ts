/** What operations of different kinds may not share: a kind is started in a way of its own. */

/** Runs whatever else is under way. */
export const FREE = 'free';
/** Runs alone, when its keys are free. */
export const SINGLE = 'single';
/** Runs alone, when the keys it was seen to touch are free, and is then put in order. */
export const ORDERED = 'ordered';

const merged = 'merge ';

/** Merged operations: only those of one contract meet in a batch. */
export function mergeKind(scope: string): string {
    return `${merged}${scope}`;
}

/** The contract of a {@link mergeKind}. */
export function scopeOfKind(kind: string): string {
    return kind.slice(merged.length);
}
