import { definedCollections } from './collections.js';
import type { Collection } from './collections.js';
import { refuse } from './refusals.js';

/** Who asks, and of what. */
export interface CollectionAccessOptions {
    readonly channel: string;
    readonly organizations: readonly string[];
    readonly read: (namespace: string, key: string) => Uint8Array | undefined;
    readonly creatorIsMember: ((memberPolicy: Uint8Array) => boolean) | undefined;
    readonly peerIsMember: ((memberPolicy: Uint8Array) => boolean) | undefined;
}

/**
 * A simulation's access to collections. Definitions are read through the simulation itself, so they
 * enter its read set, once per chaincode.
 */
export class CollectionAccess {
    readonly #options: CollectionAccessOptions;
    readonly #collections: (namespace: string) => ReadonlyMap<string, Collection> | undefined;

    constructor(options: CollectionAccessOptions) {
        this.#options = options;
        this.#collections = definedCollections(options.organizations, options.read);
    }

    /** Refuses a creator who may not read the collection's values. */
    checkRead(namespace: string, collection: string): void {
        const { memberOnlyRead, memberPolicy } = this.#permission(namespace, collection);
        if (memberOnlyRead && !this.#creatorIsMember(memberPolicy)) {
            this.#denied('read', namespace, collection);
        }
    }

    /** Refuses a creator who may not write to the collection. */
    checkWrite(namespace: string, collection: string): void {
        const { memberOnlyWrite, memberPolicy } = this.#permission(namespace, collection);
        if (memberOnlyWrite && !this.#creatorIsMember(memberPolicy)) {
            this.#denied('write', namespace, collection);
        }
    }

    /** Refuses a collection that the chaincode's definition does not have. */
    checkDefined(namespace: string, collection: string): void {
        const collections = this.#collections(namespace);
        if (!collections) {
            refuse(
                `collection config not defined for chaincode [${namespace}], pass the collection ` +
                    'configuration upon chaincode definition/instantiation',
            );
        }
        if (!collections.has(collection)) {
            refuse(
                `collection [${collection}] not defined in the collection config for chaincode ` +
                    `[${namespace}]`,
            );
        }
    }

    /** Whether the endorsing peer has the values, and not only their hashes. */
    peerHolds(namespace: string, collection: string): boolean {
        const found = this.#collections(namespace)?.get(collection);
        return found !== undefined && (this.#options.peerIsMember?.(found.memberPolicy) ?? true);
    }

    #permission(namespace: string, collection: string): Collection {
        const found = this.#collections(namespace)?.get(collection);
        if (!found) {
            refuse(
                `collection ${this.#options.channel}/${namespace}/${collection} could not be found`,
            );
        }
        return found;
    }

    #creatorIsMember(memberPolicy: Uint8Array): boolean {
        return this.#options.creatorIsMember?.(memberPolicy) ?? true;
    }

    #denied(access: 'read' | 'write', namespace: string, collection: string): never {
        refuse(
            `tx creator does not have ${access} access permission on privatedata in ` +
                `chaincodeName:${namespace} collectionName: ${collection}`,
        );
    }
}
