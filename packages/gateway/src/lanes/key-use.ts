import type { KeyUse } from './key-lanes.js';

/** Keys as an application names them: plain ones are written, or written and read. */
export type DeclaredKeys =
    | readonly string[]
    | { readonly reads?: readonly string[]; readonly writes?: readonly string[] };

/** The lane that stands for everything of a contract. */
export function scopeKey(scope: string): string {
    return `${scope}\u0000*`;
}

/** An operation whose keys are not known keeps its whole contract to itself. */
export function unknownKeys(scope: string): readonly KeyUse[] {
    return [{ key: scopeKey(scope), write: true }];
}

/**
 * The lanes of an operation: its keys, each once, and the contract's own lane shared, so that it
 * waits for operations whose keys are not known.
 */
export function keyUses(scope: string, declared: DeclaredKeys): readonly KeyUse[] {
    const { reads = [], writes = [] } = 'length' in declared ? { writes: declared } : declared;
    const uses = new Map<string, boolean>();
    for (const key of reads) uses.set(key, false);
    for (const key of writes) uses.set(key, true);
    return [
        { key: scopeKey(scope), write: false },
        ...[...uses].map(([key, write]) => ({ key: `${scope}\u0000k${key}`, write })),
    ];
}
