import { createHash } from 'node:crypto';

// The full subtrees of a growing tree, largest first: all that is needed to go on growing it. There is one
// for each bit of the size.

function node(left: Uint8Array, right: Uint8Array): Buffer {
    return createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest();
}

/** The frontier after one more leaf. */
export function grow(frontier: readonly Buffer[], size: number, leaf: Buffer): Buffer[] {
    const grown = [...frontier];
    let hash = leaf;
    for (let rest = size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
        const left = grown.pop();
        if (left !== undefined) hash = node(left, hash);
    }
    return [...grown, hash];
}

/** The root of the tree with that frontier. */
export function frontierRoot(frontier: readonly Buffer[]): Buffer {
    const right = frontier.at(-1);
    if (right === undefined) return createHash('sha256').digest();
    return frontier.slice(0, -1).reduceRight<Buffer>((hash, left) => node(left, hash), right);
}
