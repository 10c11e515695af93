import { canonicalJson } from '@goodput/chaincode';
import { leafHash, verifyConsistency, verifyInclusion } from '../merkle/merkle-tree.js';

/** What a seal says of one day of one shard. */
export interface Seal {
    readonly tenant: string;
    readonly shard: number;
    /** The day's first instant. */
    readonly day: number;
    /** Which seal of its shard it is, from 0. */
    readonly index: number;
    readonly count: number;
    /** The Merkle root of its rows, in hex. */
    readonly root: string;
}

/** Proof that one row stands in the log as it was sealed. */
export interface AuditProof {
    readonly format: 'goodput.audit-proof/1';
    readonly key: string;
    readonly record: unknown;
    /** Which row of its bucket it is, from 0. */
    readonly row: number;
    readonly path: readonly string[];
    readonly seal: Seal;
    readonly chain: TreeHead & { readonly path: readonly string[] };
}

/** The head of a shard's chain of seals: all that must be trusted. */
export interface TreeHead {
    readonly size: number;
    /** In hex. */
    readonly root: string;
}

/** Proof that a chain has only grown. */
export interface ChainProof {
    readonly format: 'goodput.audit-growth/1';
    readonly before: TreeHead;
    readonly after: TreeHead;
    readonly path: readonly string[];
}

/** The leaf of a row. Its key is part of it, so that no row can take another's place. */
export function rowLeaf(key: string, record: unknown): Buffer {
    return leafHash(Buffer.from(canonicalJson({ key, record })));
}

/** The leaf of a seal in the chain of its shard. */
export function sealLeaf({ tenant, shard, day, index, count, root }: Seal): Buffer {
    return leafHash(Buffer.from(canonicalJson({ tenant, shard, day, index, count, root })));
}

/** The leaf, unless what came as a proof is nothing that could have been written down. */
function leafOf(leaf: () => Buffer): Buffer | undefined {
    try {
        return leaf();
    } catch (error) {
        const { code } = error as { readonly code?: unknown };
        if (code === 'CHAINCODE_JSON_INVALID') return undefined;
        throw error;
    }
}

function bytes(hex: string): Buffer {
    return Buffer.from(hex, 'hex');
}

function sameHead(one: TreeHead, other: TreeHead): boolean {
    return one.size === other.size && one.root === other.root;
}

const HASH = /^[0-9a-f]{64}$/;

function isPath(path: unknown): boolean {
    return Array.isArray(path) && path.every((hash) => typeof hash === 'string' && HASH.test(hash));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === 'object' && value !== null;
}

/** Whether it has the form of a proof at all: proofs come from anybody. */
function isProof(proof: unknown): boolean {
    if (!isObject(proof)) return false;
    const { format, key, path, seal, chain } = proof;
    const head = isObject(seal) && typeof seal['root'] === 'string' && HASH.test(seal['root']);
    return (
        format === 'goodput.audit-proof/1' &&
        typeof key === 'string' &&
        isPath(path) &&
        head &&
        isObject(chain) &&
        isPath(chain['path'])
    );
}

/**
 * Whether a row stands in the log as it was sealed. Needs no ledger: only the proof, and a head of the
 * shard's chain that is trusted, such as the one in the block that sealed it.
 */
export function verifyAuditProof(proof: AuditProof, trusted: TreeHead): boolean {
    if (!isProof(proof)) return false;
    const { key, record, row, seal, chain } = proof;
    const leaf = leafOf(() => rowLeaf(key, record));
    const sealed = leafOf(() => sealLeaf(seal));
    return (
        leaf !== undefined &&
        sealed !== undefined &&
        sameHead(chain, trusted) &&
        verifyInclusion({
            leaf,
            index: row,
            size: seal.count,
            proof: proof.path.map(bytes),
            root: bytes(seal.root),
        }) &&
        verifyInclusion({
            leaf: sealed,
            index: seal.index,
            size: chain.size,
            proof: chain.path.map(bytes),
            root: bytes(chain.root),
        })
    );
}

function isGrowth(proof: unknown): boolean {
    if (!isObject(proof)) return false;
    const { format, before, after, path } = proof;
    return (
        format === 'goodput.audit-growth/1' && isObject(before) && isObject(after) && isPath(path)
    );
}

/** Whether a chain has only grown between two heads that are known. */
export function verifyGrowth(proof: ChainProof, before: TreeHead, after: TreeHead): boolean {
    return (
        isGrowth(proof) &&
        sameHead(proof.before, before) &&
        sameHead(proof.after, after) &&
        verifyConsistency({
            smallSize: before.size,
            smallRoot: bytes(before.root),
            size: after.size,
            root: bytes(after.root),
            proof: proof.path.map(bytes),
        })
    );
}
