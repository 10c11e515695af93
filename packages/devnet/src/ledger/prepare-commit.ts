import { validateBlock, VALIDATION_CODES } from '@goodput/rwset';
import type { Purge, StateUpdate, Transaction, VersionedValue } from '@goodput/rwset';

import { historyKey, HISTORY_NAMESPACE, PURGE_NAMESPACE } from './bookkeeping.js';
import { definedCollections } from './collections.js';
import { applyPurges, hashedId, privateUpdates } from './commit-private.js';
import type { PrivateBatch, PrivateTransaction } from './commit-private.js';
import { withoutDuplicates } from './duplicates.js';
import { expireAt, expirySchedule } from './expiry.js';
import { hashedNamespace, privateNamespace } from './namespaces.js';
import { privateNotes } from './private-store.js';
import type { PrivateWrites } from './simulation.js';
import type { StateDatabase } from './state-database.js';
import type { WorldState } from './state.js';
import type { StateWrite } from './storage.js';

const NOTHING = new Uint8Array();

/** A block on its way into the ledger. */
export interface Candidate {
    readonly number: number;
    readonly transactions: readonly Transaction[];
    /** The verdicts of the checks before this one. */
    readonly codes: readonly number[];
    readonly privateData: ReadonlyMap<string, readonly PrivateWrites[]>;
}

/** What a block is decided against. */
export interface CommitContext {
    readonly state: WorldState;
    readonly database: StateDatabase;
    readonly organizations: readonly string[];
    readonly isCommitted: (txId: string) => boolean;
}

/** A block decided: the verdicts, and everything it changes. */
export interface PreparedCommit {
    readonly codes: readonly number[];
    /** Public and hashed updates: what the commit hash is over. */
    readonly updates: readonly StateUpdate[];
    readonly writes: readonly StateWrite[];
}

/** Decides a block. Nothing is written yet. */
export function prepareCommit(candidate: Candidate, context: CommitContext): PreparedCommit {
    const { number, transactions } = candidate;
    const { state, database } = context;
    const before = withoutDuplicates(candidate, context.isCommitted);
    const { codes, updates, purges } = validateBlock(
        state,
        {
            number,
            transactions: transactions.map(({ kind, rwset }, index) => ({
                rwset,
                code: readable(kind, before[index] ?? VALIDATION_CODES.NOT_VALIDATED),
            })),
        },
        { acceptsWrite: database.accepts },
    );
    const valid = validWithPrivateData(candidate, codes);
    const hashed = new Map<string, StateUpdate>();
    for (const update of updates) {
        if (update.collection === undefined) continue;
        hashed.set(hashedId(update.namespace, update.collection, update.key), update);
    }
    const batch = privateUpdates(valid, hashed, state);
    applyPurges(batch, purges, state);
    const collections = definedCollections(
        context.organizations,
        (space, key) => state.get(space, key)?.value,
    );
    return {
        codes,
        updates,
        writes: [
            ...expireAt(number, state, hashed, batch),
            ...updates.map((update) => stateWrite(update, database)),
            ...privateWrites(batch, database),
            ...purges.map(purgeNote),
            ...expirySchedule(hashed.values(), batch, collections),
            ...privateNotes(valid),
            ...historyNotes(valid),
        ],
    };
}

/** Bytes that cannot be read are not valid, whatever the checks before made of them. */
function readable(kind: Transaction['kind'], code: number): number {
    const { INVALID_OTHER_REASON, VALID } = VALIDATION_CODES;
    return kind === 'malformed' && code === VALID ? INVALID_OTHER_REASON : code;
}

function validWithPrivateData(
    { number, transactions, privateData }: Candidate,
    codes: readonly number[],
): PrivateTransaction[] {
    return transactions.flatMap(({ txId, rwset }, txNum) => {
        if (codes[txNum] !== VALIDATION_CODES.VALID || !rwset) return [];
        const version = { blockNum: number, txNum };
        return [{ version, rwset, writes: privateData.get(txId) ?? [] }];
    });
}

/** Hashes are kept as they are; values in the form in which the database gives them back. */
function stateWrite(update: StateUpdate, database: StateDatabase): StateWrite {
    const { namespace, collection, key, value } = update;
    if (collection !== undefined) {
        return {
            namespace: hashedNamespace(namespace, collection),
            key,
            value: value && own(value),
        };
    }
    return {
        namespace,
        key,
        value: value && own({ ...value, value: database.stored(value.value) }),
    };
}

function privateWrites(batch: PrivateBatch, database: StateDatabase): StateWrite[] {
    return batch.all().map(({ namespace, collection, key, value }) => ({
        namespace: privateNamespace(namespace, collection),
        key,
        value: value && own({ ...value, value: database.stored(value.value) }),
    }));
}

/** A purge is remembered, so that the value is not handed out with its old block either. */
function purgeNote({ namespace, collection, keyHash, version }: Purge): StateWrite {
    return {
        namespace: PURGE_NAMESPACE,
        key: hashedId(namespace, collection, keyHash),
        value: { value: NOTHING, version, metadata: undefined },
    };
}

function historyNotes(valid: readonly PrivateTransaction[]): StateWrite[] {
    return valid.flatMap(({ rwset, version }) =>
        rwset.namespaces.flatMap(({ namespace, writes }) =>
            writes.map(({ key }) => ({
                namespace: HISTORY_NAMESPACE,
                key: historyKey(namespace, key, version),
                value: { value: NOTHING, version, metadata: undefined },
            })),
        ),
    );
}

/** A copy: the decoded value is a view on its block, and would keep all of it in memory. */
function own({ value, version, metadata }: VersionedValue): VersionedValue {
    const copy = (bytes: Uint8Array) => Uint8Array.prototype.slice.call(bytes);
    return {
        value: copy(value),
        version,
        metadata: metadata?.map((entry) => ({ name: entry.name, value: copy(entry.value) })),
    };
}
