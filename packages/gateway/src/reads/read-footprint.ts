import { compareKeys, type TxReadWriteSet } from '@goodput/rwset';
import type { KeyChange } from '../reorder/known-writes.js';

/** A range of keys that a read has scanned. */
export interface ScannedRange {
    readonly namespace: string;
    readonly start: string;
    /** Empty: to the end of the namespace. */
    readonly end: string;
}

/** Everything whose change would change what a read answers. */
export interface Footprint {
    /** `namespace NUL key`. */
    readonly keys: readonly string[];
    readonly ranges: readonly ScannedRange[];
}

/** Names a key across namespaces. */
export function footprintKey(namespace: string, key: string): string {
    return `${namespace}\u0000${key}`;
}

/** What an endorsed read has read. */
export function footprintOf({ namespaces }: TxReadWriteSet): Footprint {
    const keys: string[] = [];
    const ranges: ScannedRange[] = [];
    for (const { namespace, reads, rangeQueries } of namespaces) {
        // Which version of a chaincode runs is part of every read; upgrades are rare, and a cached
        // read has a longest age besides.
        if (namespace === '_lifecycle') continue;
        for (const { key } of reads) keys.push(footprintKey(namespace, key));
        for (const { startKey, endKey, itrExhausted, rawReads } of rangeQueries) {
            // A scan that stopped early still covers the last key it saw.
            const end = itrExhausted ? endKey : `${endKey}\u0000`;
            ranges.push({ namespace, start: startKey, end });
            for (const { key } of rawReads ?? []) keys.push(footprintKey(namespace, key));
        }
    }
    return { keys, ranges };
}

/** Whether a changed key lies in a scanned range. */
export function isInRange(range: ScannedRange, { namespace, key }: KeyChange): boolean {
    if (namespace !== range.namespace || compareKeys(key, range.start) < 0) return false;
    return range.end === '' || compareKeys(key, range.end) < 0;
}

/** Whether any of the changes touches the footprint. */
export function isTouchedBy(footprint: Footprint, changes: readonly KeyChange[]): boolean {
    const keys = new Set(footprint.keys);
    return changes.some(
        (change) =>
            keys.has(footprintKey(change.namespace, change.key)) ||
            footprint.ranges.some((range) => isInRange(range, change)),
    );
}
