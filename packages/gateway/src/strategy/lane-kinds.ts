/** What operations of different kinds may not share: a kind is started in a way of its own. */

/** Runs whatever else is under way. */
export const FREE = 'free';

/** The same, but starts when a block has just come, so as to be among the first of the next. */
export const EARLY = 'early';

const single = 'single ';
const merged = 'merge ';
const gathered = 'gather ';

/** Run alone, when their keys are free; chaincodes apart, so that none waits for turns of another. */
export function singleKind(chaincode: string): string {
    return `${single}${chaincode}`;
}

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

/** The chaincode of a scope, which is the chaincode alone or with the name of a contract in it. */
export function chaincodeOf(scope: string): string {
    return scope.replace(/:[\s\S]*$/u, '');
}
