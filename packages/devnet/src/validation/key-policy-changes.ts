import type { NamespaceReadWriteSet } from '@goodput/rwset';

function keyOf(namespace: string, collection: string, key: string): string {
    return JSON.stringify([namespace, collection, key]);
}

/**
 * The keys whose endorsement policies the transactions of one block change. A later transaction of the
 * block that writes such a key is invalid: nobody can say which policy its endorsers had in mind.
 */
export class KeyPolicyChanges {
    readonly #changed = new Set<string>();

    /** Whether an earlier transaction of the block set the key's metadata. */
    has(namespace: string, collection: string, key: string): boolean {
        return this.#changed.has(keyOf(namespace, collection, key));
    }

    /** Notes what a transaction changes in a namespace where its endorsements were sufficient. */
    add(namespace: NamespaceReadWriteSet): void {
        for (const { key } of namespace.metadataWrites) {
            this.#changed.add(keyOf(namespace.namespace, '', key));
        }
        for (const { collection, metadataWrites } of namespace.collections) {
            for (const { keyHash } of metadataWrites) {
                this.#changed.add(keyOf(namespace.namespace, collection, keyHash));
            }
        }
    }
}
