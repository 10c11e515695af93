import { decodePreparedTransaction, type NamespaceReadWriteSet } from '@goodput/rwset';
import type { Transaction } from '@hyperledger/fabric-gateway';

/** What an endorsed transaction read and wrote in one chaincode's namespace. */
export function readWriteSetOf(transaction: Transaction, chaincode: string): NamespaceReadWriteSet {
    const { rwset } = decodePreparedTransaction(transaction.getBytes());
    const found = rwset?.namespaces.find(({ namespace }) => namespace === chaincode);
    if (found !== undefined) return found;
    throw new Error(`The transaction did nothing in ${chaincode}.`);
}

/** The written values as text, by key; a delete is `null`. */
export function writesOf(set: NamespaceReadWriteSet): Record<string, string | null> {
    return Object.fromEntries(
        set.writes.map(({ key, isDelete, value }) => [
            key,
            isDelete ? null : Buffer.from(value).toString(),
        ]),
    );
}
