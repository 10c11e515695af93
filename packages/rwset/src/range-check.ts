import { compareKeys } from './key-order.js';
import { RangeSummary } from './merkle.js';
import type { KeyRead, MerkleSummary, RangeQuery, Version } from './model.js';
import type { StateEntry, StateUpdate, VersionedState } from './state.js';
import type { UpdateBatch } from './update-batch.js';
import { isSameVersion } from './version.js';

/** Whether a range query would give the same keys and versions now as when it was recorded. */
export function matchesRange(
    namespace: string,
    query: RangeQuery,
    state: VersionedState,
    batch: UpdateBatch,
): boolean {
    const now = currentRange(namespace, query, state, batch);
    return query.merkle === undefined
        ? matchesReads(query.rawReads ?? [], now)
        : matchesSummary(query.merkle, now);
}

/** A range's keys as they are now: the state with the block's updates so far laid over it. */
export function* currentRange(
    namespace: string,
    { startKey, endKey, itrExhausted }: RangeQuery,
    state: VersionedState,
    batch: UpdateBatch,
): Generator<KeyRead, void> {
    const entries = state.range(namespace, startKey, endKey)[Symbol.iterator]();
    const updates = batch.range(namespace, startKey, endKey)[Symbol.iterator]();
    let entry = nextOf<StateEntry>(entries);
    let update = nextOf<StateUpdate>(updates);
    while (entry !== undefined || update !== undefined) {
        const order =
            entry === undefined
                ? 1
                : update === undefined
                  ? -1
                  : compareKeys(entry.key, update.key);
        if (entry !== undefined && order < 0) {
            yield { key: entry.key, version: entry.version };
            entry = nextOf(entries);
            continue;
        }
        if (update?.value !== undefined) yield { key: update.key, version: update.version };
        if (order === 0) entry = nextOf(entries);
        update = nextOf(updates);
    }
    // The iterator was left before its end: the last key it gave stands as the end, and belongs in.
    if (!itrExhausted) {
        const version = currentVersion(namespace, endKey, state, batch);
        if (version !== undefined) yield { key: endKey, version };
    }
}

function currentVersion(
    namespace: string,
    key: string,
    state: VersionedState,
    batch: UpdateBatch,
): Version | undefined {
    const update = batch.get(namespace, key);
    return update === undefined ? state.get(namespace, key)?.version : update.value?.version;
}

function nextOf<T>(iterator: Iterator<T, unknown>): T | undefined {
    const next = iterator.next();
    return next.done === true ? undefined : next.value;
}

function matchesReads(reads: readonly KeyRead[], now: Iterable<KeyRead>): boolean {
    let at = 0;
    for (const { key, version } of now) {
        const read = reads[at++];
        if (read?.key !== key || !isSameVersion(read.version, version)) return false;
    }
    return at === reads.length;
}

function matchesSummary(recorded: MerkleSummary, now: Iterable<KeyRead>): boolean {
    const summary = new RangeSummary(recorded.maxDegree);
    let matched = 0;
    for (const read of now) {
        summary.add(read);
        // Hashes on the topmost level are final: the first that differs settles it.
        if (summary.maxLevel > recorded.maxLevel) return false;
        if (summary.maxLevel < recorded.maxLevel) continue;
        const hash = summary.maxLevelHashes[matched];
        if (hash === undefined) continue;
        if (!isSameHash(hash, recorded.maxLevelHashes[matched])) return false;
        matched++;
    }
    const { merkle } = summary.finish();
    return (
        merkle?.maxLevel === recorded.maxLevel &&
        merkle.maxLevelHashes.length === recorded.maxLevelHashes.length &&
        merkle.maxLevelHashes.every((hash, i) => isSameHash(hash, recorded.maxLevelHashes[i]))
    );
}

function isSameHash(a: Uint8Array, b: Uint8Array | undefined): boolean {
    return b !== undefined && Buffer.compare(a, b) === 0;
}
