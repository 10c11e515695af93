/** Where a peer keeps the private values of a collection, beside the public state. */
export function privateNamespace(namespace: string, collection: string): string {
    return `${namespace}$$p${collection}`;
}

/** Where a peer keeps the hashes of a collection, which every peer of the channel has. */
export function hashedNamespace(namespace: string, collection: string): string {
    return `${namespace}$$h${collection}`;
}

/** Whether a namespace holds the hashes of a collection: no chaincode name has a dollar sign. */
export function isHashedNamespace(namespace: string): boolean {
    return namespace.includes('$$h');
}
