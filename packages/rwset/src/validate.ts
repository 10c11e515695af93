import type {
    CollectionReadWriteSet,
    HashedRead,
    KeyRead,
    RangeQuery,
    TxReadWriteSet,
    Version,
} from './model.js';
import { matchesRange } from './range-check.js';
import type { Purge, StateUpdate, VersionedState } from './state.js';
import { UpdateBatch } from './update-batch.js';
import { isReadConflict, VALIDATION_CODES } from './validation-code.js';
import { isSameVersion } from './version.js';
import { applyWriteSet } from './write-set.js';

/** A transaction as validation needs it; a decoded {@link BlockTransaction} is one. */
export interface ValidatableTransaction {
    /** Undefined for configuration transactions and others without one. */
    readonly rwset: TxReadWriteSet | undefined;
    /**
     * A verdict reached before this check (signature, endorsement policy, duplicate id, …) is kept.
     * `VALID`, `NOT_VALIDATED`, a read conflict, or none at all: it is decided here.
     */
    readonly code?: number;
    /** Why it could not be read. Such a transaction writes nothing and cannot be valid. */
    readonly problem?: Error | undefined;
}

/** A block as validation needs it; a decoded {@link Block} is one. */
export interface ValidatableBlock {
    readonly number: number;
    readonly transactions: readonly ValidatableTransaction[];
}

/** Options of {@link validateBlock}. */
export interface ValidationOptions {
    /**
     * What the state database refuses to store (CouchDB: keys beginning with `_`). A transaction
     * that writes such a key or value becomes `INVALID_WRITESET` before anything else is looked at.
     */
    readonly acceptsWrite?: (key: string, value: Uint8Array) => boolean;
}

/** What invalidates a transaction: the first read, range or private read that no longer holds. */
export type Failure =
    | { readonly kind: 'read'; readonly namespace: string; readonly read: KeyRead }
    | { readonly kind: 'range'; readonly namespace: string; readonly query: RangeQuery }
    | {
          readonly kind: 'private';
          readonly namespace: string;
          readonly collection: string;
          readonly read: HashedRead;
      };

/** What {@link validateBlock} finds. */
export interface BlockValidation {
    /** One verdict per transaction. */
    readonly codes: readonly number[];
    /** What the valid transactions do to the state, one update per key. */
    readonly updates: readonly StateUpdate[];
    /** The private keys that valid transactions purged. */
    readonly purges: readonly Purge[];
    /** By transaction: what failed it. Only read conflicts have an entry. */
    readonly failures: ReadonlyMap<number, Failure>;
}

/**
 * Validates a block against the state, exactly as a Fabric peer does after it has checked
 * signatures and endorsement policies. Transactions are taken in order; a valid one's writes count
 * for those after it. The state is not changed: hand `updates` to it when the block is committed.
 *
 * @example
 * ```ts
 * import { MemoryState, ReadWriteSetBuilder, validateBlock } from '@goodput/rwset';
 *
 * function increment() {
 *     const builder = new ReadWriteSetBuilder();
 *     builder.addRead('stock', 'apples', undefined);
 *     builder.addWrite('stock', 'apples', Buffer.from('1'));
 *     return { rwset: builder.build().rwset };
 * }
 * const state = new MemoryState();
 * const block = { number: 1, transactions: [increment(), increment()] };
 * const { codes, updates } = validateBlock(state, block);
 * state.apply(updates);
 * console.log(codes); // => [ 0, 11 ]
 * ```
 */
export function validateBlock(
    state: VersionedState,
    block: ValidatableBlock,
    options: ValidationOptions = {},
): BlockValidation {
    const batch = new UpdateBatch();
    const purges = new Map<string, Purge>();
    const failures = new Map<number, Failure>();
    const codes = block.transactions.map((tx, txNum) => {
        const before = tx.code ?? VALIDATION_CODES.NOT_VALIDATED;
        if (!isDecidedHere(before)) return before;
        if (tx.problem !== undefined) return VALIDATION_CODES.INVALID_OTHER_REASON;
        const { rwset } = tx;
        if (rwset === undefined) return VALIDATION_CODES.VALID;
        if (options.acceptsWrite !== undefined && !isStorable(rwset, options.acceptsWrite)) {
            return VALIDATION_CODES.INVALID_WRITESET;
        }
        const failure = findFailure(rwset, state, batch);
        if (failure !== undefined) {
            failures.set(txNum, failure);
            return failure.kind === 'range'
                ? VALIDATION_CODES.PHANTOM_READ_CONFLICT
                : VALIDATION_CODES.MVCC_READ_CONFLICT;
        }
        const version: Version = { blockNum: block.number, txNum };
        applyWriteSet(rwset, version, state, batch);
        notePurges(rwset, version, purges);
        return VALIDATION_CODES.VALID;
    });
    return { codes, updates: batch.all(), purges: [...purges.values()], failures };
}

/** Whether a verdict is one that this check makes, so that it is to be made anew. */
export function isDecidedHere(code: number): boolean {
    return (
        code === VALIDATION_CODES.VALID ||
        code === VALIDATION_CODES.NOT_VALIDATED ||
        isReadConflict(code)
    );
}

/**
 * The first thing that fails a transaction, in Fabric's order: namespace by namespace its reads,
 * then its ranges, then its private reads.
 */
export function findFailure(
    rwset: TxReadWriteSet,
    state: VersionedState,
    batch: UpdateBatch,
): Failure | undefined {
    for (const { namespace, reads, rangeQueries, collections } of rwset.namespaces) {
        for (const read of reads) {
            if (
                batch.get(namespace, read.key) !== undefined ||
                !isSameVersion(state.get(namespace, read.key)?.version, read.version)
            ) {
                return { kind: 'read', namespace, read };
            }
        }
        for (const query of rangeQueries) {
            if (!matchesRange(namespace, query, state, batch)) {
                return { kind: 'range', namespace, query };
            }
        }
        for (const set of collections) {
            const read = findHashedFailure(namespace, set, state, batch);
            if (read !== undefined) {
                return { kind: 'private', namespace, collection: set.collection, read };
            }
        }
    }
    return undefined;
}

function findHashedFailure(
    namespace: string,
    { collection, reads }: CollectionReadWriteSet,
    state: VersionedState,
    batch: UpdateBatch,
): HashedRead | undefined {
    return reads.find(
        (read) =>
            batch.getHashed(namespace, collection, read.keyHash) !== undefined ||
            !isSameVersion(
                state.getHashed(namespace, collection, read.keyHash)?.version,
                read.version,
            ),
    );
}

function isStorable(
    rwset: TxReadWriteSet,
    accepts: (key: string, value: Uint8Array) => boolean,
): boolean {
    return rwset.namespaces.every(({ writes }) =>
        writes.every(({ key, value }) => accepts(key, value)),
    );
}

function notePurges(rwset: TxReadWriteSet, version: Version, purges: Map<string, Purge>): void {
    for (const { namespace, collections } of rwset.namespaces) {
        for (const { collection, writes } of collections) {
            for (const { keyHash, isPurge } of writes) {
                if (!isPurge) continue;
                const id = `${namespace}\u0000${collection}\u0000${keyHash}`;
                purges.set(id, { namespace, collection, keyHash, version });
            }
        }
    }
}
