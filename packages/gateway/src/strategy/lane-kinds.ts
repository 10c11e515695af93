/** What operations of different kinds may not share: a kind is started in a way of its own. */

/** Runs whatever else is under way. */
export const FREE = 'free';
/** Runs alone, when its keys are free. */
export const SINGLE = 'single';
/** Runs alone, when the keys it was seen to touch are free, and is then put in order. */
export const ORDERED = 'ordered';

const merged = 'merge ';
const gathered = 'gather ';

/** Merged operations: only those of one contract meet in a batch. */
export function mergeKind(scope: string): string {
    return `${merged}${scope}`;
}

/** Merged operations whose keys others want as well: they gather until a block is nearly cut. */
export function gatherKind(scope: string): string {
    return `${gathered}${scope}`;
}

/** The contract of a kind that is merged, and whether it gathers; undefined for any other kind. */
export function mergedKind(
    kind: string,
): { readonly scope: string; readonly gathers: boolean } | undefined {
    if (kind.startsWith(merged)) return { scope: kind.slice(merged.length), gathers: false };
    if (kind.startsWith(gathered)) return { scope: kind.slice(gathered.length), gathers: true };
    return undefined;
}
