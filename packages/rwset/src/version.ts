import type { Version } from './model.js';

/** Whether two versions are the same; two absent ones are. */
export function isSameVersion(a: Version | undefined, b: Version | undefined): boolean {
    if (a === undefined || b === undefined) return a === b;
    return a.blockNum === b.blockNum && a.txNum === b.txNum;
}

/** Negative when `a` was written before `b`, positive when after, 0 when they are the same. */
export function compareVersions(a: Version, b: Version): number {
    return a.blockNum - b.blockNum || a.txNum - b.txNum;
}
