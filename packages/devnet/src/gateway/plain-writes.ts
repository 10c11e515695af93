import { createHash } from 'node:crypto';
import { ledger } from '@hyperledger/fabric-protos';
import type { PrivateWrites } from '../ledger/simulation.js';

/** A private write as the chaincode made it; what peers sign has hashes alone. */
export interface PlainWrite {
    readonly key: string;
    /** Undefined for a deletion. */
    readonly value: Uint8Array | undefined;
}

/** Finds a private write by what stands in its place in a read/write set. */
export type PlainWriteOf = (
    namespace: string,
    collection: string,
    keyHash: string,
) => PlainWrite | undefined;

function nameOf(namespace: string, collection: string, keyHash: string): string {
    return `${namespace}\0${collection}\0${keyHash}`;
}

/** The private writes of a simulation, by the hashes of their keys in hexadecimal. */
export function plainWrites(sets: readonly PrivateWrites[]): PlainWriteOf {
    const writes = new Map<string, PlainWrite>();
    for (const { namespace, collection, bytes } of sets) {
        const set = ledger.rwset.CollectionPvtReadWriteSet.deserializeBinary(bytes);
        const content = ledger.rwset.kvrwset.KVRWSet.deserializeBinary(set.getRwset_asU8());
        for (const write of content.getWritesList()) {
            const key = write.getKey();
            const hash = createHash('sha256').update(key).digest('hex');
            const value = write.getIsDelete() ? undefined : write.getValue_asU8();
            writes.set(nameOf(namespace, collection, hash), { key, value });
        }
    }
    return (...place) => writes.get(nameOf(...place));
}
