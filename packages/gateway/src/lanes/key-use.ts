import type { KeyUse } from './key-lanes.js';

/** Keys as an application names them: plain ones are written, or written and read. */
export type DeclaredKeys =
    readonly string[] | { readonly reads?: readonly string[]; readonly writes?: readonly string[] };

/** The lane that stands for everything of a chaincode. */
export function scopeKey(chaincode: string): string {
    return `${chaincode}\u0000*`;
}

/** An operation whose keys are not known keeps its whole chaincode to itself. */
export function unknownKeys(chaincode: string): readonly KeyUse[] {
    return [{ key: scopeKey(chaincode), write: true }];
}

/** Whether an operation keeps its whole chaincode to itself, because its keys are not known. */
export function isUnknown(operation: {
    readonly keys: readonly KeyUse[];
    readonly call: { readonly chaincode: string };
}): boolean {
    const [first] = operation.keys;
    return first?.write === true && first.key === scopeKey(operation.call.chaincode);
}

/**
 * The lanes of an operation: its keys, each once, and the chaincode's own lane shared, so that it
 * waits for operations whose keys are not known.
 */
export function keyUses(chaincode: string, declared: DeclaredKeys): readonly KeyUse[] {
    const { reads = [], writes = [] } = 'length' in declared ? { writes: declared } : declared;
    const written = new Set(writes);
    const read = reads.filter((key) => !written.has(key));
    return [
        { key: scopeKey(chaincode), write: false },
        ...keyNames(chaincode, read).map(({ key }) => ({ key, write: false })),
        ...keyNames(chaincode, writes),
    ];
}

/** Keys of a chaincode, each once, to be held by one operation at a time. */
export function keyNames(chaincode: string, keys: readonly string[]): readonly KeyUse[] {
    return [...new Set(keys)].map((key) => ({ key: `${chaincode}\u0000k${key}`, write: true }));
}

/** The keys that are both read and written: of operations that share one, a block takes one. */
export function readAndWritten(declared: DeclaredKeys): readonly string[] {
    if ('length' in declared) return declared;
    const { reads = [], writes = [] } = declared;
    const read = new Set(reads);
    return writes.filter((key) => read.has(key));
}
