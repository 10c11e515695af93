import { summarizeRange } from './merkle.js';
import type { KeyRead, MerkleSummary, RangeQuery, Version } from './model.js';
import { compareVersions, isSameVersion } from './version.js';
import {
    lastChange,
    type LastWrite,
    liveVersion,
    type WriteEffect,
    type WriterIndex,
} from './writer-index.js';

/** What broke a range: the key, who wrote it, and what that did to the result. */
export interface BrokenRange {
    readonly key: string | undefined;
    readonly readVersion: Version | undefined;
    readonly write: LastWrite | undefined;
    readonly effect: WriteEffect;
}

/**
 * Finds what made a range's result differ, or undefined when the range still holds as far as is
 * known. Where several keys did, the one written last is taken: the write nearest to the victim.
 */
export function explainRange(
    namespace: string,
    query: RangeQuery,
    index: WriterIndex,
): BrokenRange | undefined {
    return query.merkle === undefined
        ? explainReads(namespace, query, query.rawReads ?? [], index)
        : explainSummary(namespace, query, query.merkle, index);
}

function explainReads(
    namespace: string,
    query: RangeQuery,
    reads: readonly KeyRead[],
    index: WriterIndex,
): BrokenRange | undefined {
    const recorded = new Map(reads.map(({ key, version }) => [key, version]));
    let latest: BrokenRange | undefined;
    for (const [key, last] of writesIn(namespace, query, index)) {
        const now = liveVersion(last);
        const write = lastChange(last) ?? last;
        const then = recorded.get(key);
        if (isSameVersion(now, then)) continue;
        const effect = now === undefined ? 'delete' : then === undefined ? 'insert' : 'update';
        if (isLater(write, latest?.write)) latest = { key, readVersion: then, write, effect };
    }
    return latest;
}

/**
 * Hashes do not say which key differs. But whatever was written last in a range that no longer
 * holds was written after the victim looked, and so is a reason of its own.
 */
function explainSummary(
    namespace: string,
    query: RangeQuery,
    recorded: MerkleSummary,
    index: WriterIndex,
): BrokenRange | undefined {
    let latest: [key: string, write: LastWrite] | undefined;
    const now: KeyRead[] = [];
    for (const [key, last] of writesIn(namespace, query, index)) {
        const version = liveVersion(last);
        const write = lastChange(last);
        if (version !== undefined) now.push({ key, version });
        if (write !== undefined && isLater(write, latest?.[1])) latest = [key, write];
    }
    if (latest === undefined) return undefined;
    if (recorded.maxDegree >= 2) {
        const summary = summarizeRange(now, recorded.maxDegree).merkle;
        if (summary !== undefined && isSameSummary(summary, recorded)) return undefined;
    }
    const [key, write] = latest;
    return { key, readVersion: undefined, write, effect: write.effect };
}

function writesIn(
    namespace: string,
    { startKey, endKey, itrExhausted }: RangeQuery,
    index: WriterIndex,
): Iterable<[key: string, write: LastWrite]> {
    return index.range(namespace, startKey, endKey, !itrExhausted);
}

function isLater(write: LastWrite, than: LastWrite | undefined): boolean {
    return than === undefined || compareVersions(write.writer, than.writer) > 0;
}

function isSameSummary(a: MerkleSummary, b: MerkleSummary): boolean {
    return (
        a.maxLevel === b.maxLevel &&
        a.maxLevelHashes.length === b.maxLevelHashes.length &&
        a.maxLevelHashes.every((hash, i) => Buffer.from(hash).equals(b.maxLevelHashes[i] ?? hash))
    );
}
