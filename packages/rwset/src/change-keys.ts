import type { SeededRandom } from './random.js';
import type { BucketedStrategy, DeltaStrategy, ShardedStrategy } from './strategy.js';
import type { TraceOperation } from './trace.js';

/** What a trace would look like if the contract laid out its keys in another way. */
export function changeKeys(
    trace: readonly TraceOperation[],
    strategy: DeltaStrategy | ShardedStrategy | BucketedStrategy,
    random: SeededRandom,
): TraceOperation[] {
    const chosen = strategy.keys === undefined ? undefined : new Set(strategy.keys);
    const changed = chosen ?? updatedKeys(trace);
    return trace.map((op) => {
        if (![...op.reads, ...op.writes].some((key) => changed.has(key))) return op;
        const reads: string[] = [];
        const writes: string[] = [];
        const shardOf = new Map<string, string>();
        const own = (key: string): string => {
            let shard = shardOf.get(key);
            if (shard === undefined) {
                shard = shardKey(key, op, strategy, random);
                shardOf.set(key, shard);
            }
            return shard;
        };
        for (const key of op.writes) writes.push(changed.has(key) ? own(key) : key);
        for (const key of op.reads) {
            if (!changed.has(key)) reads.push(key);
            // A difference is written without looking: nobody can come in between.
            else if (op.writes.includes(key)) {
                if (strategy.name !== 'delta') reads.push(own(key));
            } else reads.push(...allShards(key, op, strategy));
        }
        return { ...op, reads, writes };
    });
}

/** The keys that some operation reads and writes back. */
function updatedKeys(trace: readonly TraceOperation[]): Set<string> {
    return new Set(
        trace.flatMap(({ reads, writes }) => writes.filter((key) => reads.includes(key))),
    );
}

function shardKey(
    key: string,
    { atMs }: TraceOperation,
    strategy: DeltaStrategy | ShardedStrategy | BucketedStrategy,
    random: SeededRandom,
): string {
    if (strategy.name === 'sharded') return `${key}#${random.below(strategy.shards ?? 16)}`;
    if (strategy.name === 'bucketed') return bucketKey(key, atMs, strategy);
    // Differences need not be told apart: nobody reads one of them, but all of them or none.
    return key;
}

/** What reading the whole value comes to. Buckets of the past are closed and change no more. */
function allShards(
    key: string,
    { atMs }: TraceOperation,
    strategy: DeltaStrategy | ShardedStrategy | BucketedStrategy,
): string[] {
    if (strategy.name === 'delta') return [key];
    if (strategy.name === 'bucketed') return [bucketKey(key, atMs, strategy)];
    return Array.from({ length: strategy.shards ?? 16 }, (_, shard) => `${key}#${shard}`);
}

function bucketKey(key: string, atMs: number, { bucketMs = 1000 }: BucketedStrategy): string {
    return `${key}#${Math.floor(atMs / bucketMs)}`;
}
