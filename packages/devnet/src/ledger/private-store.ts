import { hashKey } from '@goodput/rwset';
import type { Version } from '@goodput/rwset';
import { ledger } from '@hyperledger/fabric-protos';

import { ordered, PRIVATE_NAMESPACE, PURGE_NAMESPACE } from './bookkeeping.js';
import { hashedId } from './commit-private.js';
import type { PrivateTransaction } from './commit-private.js';
import type { PrivateWrites } from './simulation.js';
import type { WorldState } from './state.js';
import type { StateWrite } from './storage.js';

const { KVRWSet } = ledger.rwset.kvrwset;

/** Keeps the private writes of a block's transactions, for those who ask for the block with them. */
export function privateNotes(valid: readonly PrivateTransaction[]): StateWrite[] {
    return valid.flatMap(({ version, writes }) =>
        writes.map(({ namespace, collection, bytes }) => ({
            namespace: PRIVATE_NAMESPACE,
            key: noteKey(version, namespace, collection),
            value: { value: bytes, version, metadata: undefined },
        })),
    );
}

/** Forgets what a block wrote to a collection whose time is over. */
export function forgetPrivate(
    state: WorldState,
    blockNumber: number,
    namespace: string,
    collection: string,
): StateWrite[] {
    const suffix = `\0${namespace}\0${collection}`;
    return Array.from(notesOf(state, blockNumber))
        .filter(({ key }) => key.endsWith(suffix))
        .map(({ key }) => ({ namespace: PRIVATE_NAMESPACE, key, value: undefined }));
}

/** The private writes of a block by the transaction's place in it, without what was purged since. */
export function privateDataOf(
    state: WorldState,
    blockNumber: number,
): ReadonlyMap<number, readonly PrivateWrites[]> {
    const byTransaction = new Map<number, PrivateWrites[]>();
    for (const { key, value, version } of notesOf(state, blockNumber)) {
        const [, namespace = '', collection = ''] = key.split('\0');
        const bytes = withoutPurged(state, namespace, collection, version, value);
        const writes = byTransaction.get(version.txNum) ?? [];
        writes.push({ namespace, collection, bytes });
        byTransaction.set(version.txNum, writes);
    }
    return byTransaction;
}

function notesOf(state: WorldState, blockNumber: number) {
    return state.range(PRIVATE_NAMESPACE, ordered(blockNumber), ordered(blockNumber + 1));
}

function noteKey(version: Version, namespace: string, collection: string): string {
    return `${ordered(version.blockNum)}${ordered(version.txNum)}\0${namespace}\0${collection}`;
}

function withoutPurged(
    state: WorldState,
    namespace: string,
    collection: string,
    version: Version,
    bytes: Uint8Array,
): Uint8Array {
    const message = ledger.rwset.CollectionPvtReadWriteSet.deserializeBinary(bytes);
    const content = KVRWSet.deserializeBinary(message.getRwset_asU8());
    const all = content.getWritesList();
    const left = all.filter((write) => {
        const id = hashedId(namespace, collection, hashKey(write.getKey()));
        const purged = state.get(PURGE_NAMESPACE, id)?.version;
        return !purged || isBefore(purged, version);
    });
    if (left.length === all.length) return bytes;
    content.setWritesList(left);
    message.setRwset(content.serializeBinary());
    return message.serializeBinary();
}

function isBefore(left: Version, right: Version): boolean {
    return (
        left.blockNum < right.blockNum ||
        (left.blockNum === right.blockNum && left.txNum < right.txNum)
    );
}
