import { createHash } from 'node:crypto';

// The tree of RFC 6962: leaves and nodes are hashed under different prefixes, so that neither can be passed
// off as the other, and a tree of any size is the largest full tree to the left and the rest to the right.
const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);

/** The hash of a leaf's bytes. */
export function leafHash(entry: Uint8Array): Buffer {
    return createHash('sha256').update(LEAF).update(entry).digest();
}

function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
    return createHash('sha256').update(NODE).update(left).update(right).digest();
}

/** The largest power of two below `size`, which must be at least 2. */
function split(size: number): number {
    return 2 ** Math.ceil(Math.log2(size) - 1);
}

/** The root over leaf hashes; of none, the hash of nothing. */
export function merkleRoot(leaves: readonly Uint8Array[]): Buffer {
    if (leaves.length === 0) return createHash('sha256').digest();
    let level: readonly Uint8Array[] = leaves;
    // A node without a sibling moves up as it is, which is the same tree as splitting from the top.
    while (level.length > 1) {
        const above: Uint8Array[] = [];
        for (let index = 0; index < level.length; index += 2) {
            const [left, right] = [level[index], level[index + 1]];
            if (left !== undefined) above.push(right === undefined ? left : nodeHash(left, right));
        }
        level = above;
    }
    return Buffer.from(level[0] ?? []);
}

function checkIndex(name: string, value: number, least: number, most: number): void {
    if (Number.isSafeInteger(value) && value >= least && value <= most) return;
    throw new RangeError(`${name} must be a whole number from ${least} to ${most}; got ${value}.`);
}

/** The hashes beside the path from a leaf to the root, from the bottom up. */
export function inclusionProof(leaves: readonly Uint8Array[], index: number): Buffer[] {
    checkIndex('The index of the leaf', index, 0, leaves.length - 1);
    if (leaves.length === 1) return [];
    const left = split(leaves.length);
    return index < left
        ? [...inclusionProof(leaves.slice(0, left), index), merkleRoot(leaves.slice(left))]
        : [...inclusionProof(leaves.slice(left), index - left), merkleRoot(leaves.slice(0, left))];
}

/** Proof that the tree of the first `size` leaves is what the tree of all leaves grew from. */
export function consistencyProof(leaves: readonly Uint8Array[], size: number): Buffer[] {
    checkIndex('The smaller size', size, 1, leaves.length);
    return subProof(leaves, size, true);
}

/** @param known - whether the verifier has this subtree's root already, as the smaller tree's own root */
function subProof(leaves: readonly Uint8Array[], size: number, known: boolean): Buffer[] {
    if (size === leaves.length) return known ? [] : [merkleRoot(leaves)];
    const left = split(leaves.length);
    return size <= left
        ? [...subProof(leaves.slice(0, left), size, known), merkleRoot(leaves.slice(left))]
        : [...subProof(leaves.slice(left), size - left, false), merkleRoot(leaves.slice(0, left))];
}

/** What an inclusion proof is held against. */
export interface Inclusion {
    readonly leaf: Uint8Array;
    readonly index: number;
    readonly size: number;
    readonly proof: readonly Uint8Array[];
    readonly root: Uint8Array;
}

/** Whether the leaf stands at that index of the tree of that size and root. */
export function verifyInclusion({ leaf, index, size, proof, root }: Inclusion): boolean {
    if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size)) return false;
    if (index < 0 || index >= size) return false;
    let [position, last] = [index, size - 1];
    let hash: Uint8Array = leaf;
    for (const sibling of proof) {
        if (last === 0) return false;
        if (position % 2 === 1 || position === last) {
            hash = nodeHash(sibling, hash);
            while (position % 2 === 0 && position !== 0) {
                position = Math.floor(position / 2);
                last = Math.floor(last / 2);
            }
        } else hash = nodeHash(hash, sibling);
        position = Math.floor(position / 2);
        last = Math.floor(last / 2);
    }
    return last === 0 && Buffer.compare(hash, root) === 0;
}

/** What a consistency proof is held against. */
export interface Consistency {
    readonly smallSize: number;
    readonly smallRoot: Uint8Array;
    readonly size: number;
    readonly root: Uint8Array;
    readonly proof: readonly Uint8Array[];
}

/** Whether the tree of `smallSize` leaves is a beginning of the tree of `size` leaves. */
export function verifyConsistency(claim: Consistency): boolean {
    const { smallSize, size, smallRoot, root } = claim;
    if (!Number.isSafeInteger(smallSize) || !Number.isSafeInteger(size)) return false;
    if (smallSize < 1 || smallSize > size) return false;
    if (smallSize === size) {
        return claim.proof.length === 0 && Buffer.compare(smallRoot, root) === 0;
    }
    // A smaller tree that is full is itself the first hash of the path.
    const isFull = Number.isInteger(Math.log2(smallSize));
    const [first, ...path] = isFull ? [smallRoot, ...claim.proof] : claim.proof;
    if (first === undefined) return false;
    let [position, last] = [smallSize - 1, size - 1];
    while (position % 2 === 1) {
        position = Math.floor(position / 2);
        last = Math.floor(last / 2);
    }
    let [small, large]: [Uint8Array, Uint8Array] = [first, first];
    for (const sibling of path) {
        if (last === 0) return false;
        if (position % 2 === 1 || position === last) {
            small = nodeHash(sibling, small);
            large = nodeHash(sibling, large);
            while (position % 2 === 0 && position !== 0) {
                position = Math.floor(position / 2);
                last = Math.floor(last / 2);
            }
        } else large = nodeHash(large, sibling);
        position = Math.floor(position / 2);
        last = Math.floor(last / 2);
    }
    return (
        last === 0 && Buffer.compare(small, smallRoot) === 0 && Buffer.compare(large, root) === 0
    );
}
