import { canonicalJson, type GoodputContext } from '@goodput/chaincode';
import { compareKeys } from '@goodput/keys';
import { ContractsError } from '../errors.js';
import { readJson, writeJson } from '../ledger.js';
import { consistencyProof, inclusionProof, merkleRoot } from '../merkle/merkle-tree.js';
import type { AuditOptions } from './append.js';
import { DAY_MS, SEAL_AFTER_MS } from './days.js';
import { frontierRoot, grow } from './frontier.js';
import { auditKeys } from './keys.js';
import { rowLeaf, sealLeaf, type AuditProof, type ChainProof, type Seal } from './verify.js';

/** Rows one sealing transaction reads; a bucket that has more is sealed by several of them. */
export const SEAL_ROWS = 50_000;

/** Which bucket: a day (its first instant) of a shard. */
export interface Bucket {
    readonly tenant: string;
    readonly shard: number;
    readonly day: number;
}

/** The chain of a shard's seals, and what it takes to go on with it. */
interface Chain {
    readonly lastDay: number;
    readonly size: number;
    readonly frontier: readonly string[];
    /** A bucket of which a part is done. */
    readonly open?: OpenBucket;
}

interface OpenBucket {
    readonly day: number;
    /** The last row that is done. */
    readonly after: string;
    readonly count: number;
    readonly frontier: readonly string[];
}

/** What sealing gives when a bucket has more rows than one transaction takes: seal it again to go on. */
export interface SealProgress {
    readonly unfinished: true;
    /** Rows that are done. */
    readonly count: number;
}

/** A seal as the ledger keeps it: with the chain it made. */
export interface StoredSeal extends Seal {
    readonly chainSize: number;
    readonly chainRoot: string;
    readonly sealedAt: number;
    readonly tx: string;
}

interface Row {
    readonly key: string;
    readonly record: unknown;
}

/** The rows of a bucket in the order of their keys, from behind one of them on. */
async function* rowsOf(ctx: GoodputContext, bucket: Bucket, after?: string): AsyncGenerator<Row> {
    const { tenant, shard, day } = bucket;
    const { startKey, endKey } = auditKeys.event.prefix({ tenant, day, shard });
    let from = after === undefined ? startKey : `${after}\u0000`;
    // A peer ends a query after so many results without saying so (ledger.state.totalQueryLimit, which its
    // operator chooses): only a query that finds nothing is the end.
    for (let found = 1; found > 0;) {
        found = 0;
        for await (const { key, value } of ctx.stub.getStateByRange(from, endKey)) {
            yield { key, record: JSON.parse(Buffer.from(value).toString()) as unknown };
            from = `${key}\u0000`;
            if (++found === SEAL_ROWS) break;
        }
    }
}

async function refuseSkipped(ctx: GoodputContext, bucket: Bucket): Promise<void> {
    const { tenant, shard, day } = bucket;
    const { startKey, endKey } = auditKeys.event.range({ tenant }, { to: day });
    const bucketKey = (of: number): string =>
        auditKeys.event.prefix({ tenant, day: of, shard }).startKey;
    // From bucket to bucket of this shard: reading through the others' rows, a peer would end the query early.
    let from = startKey;
    while (compareKeys(from, endKey) < 0) {
        const first = await firstKey(ctx, from, endKey);
        if (first === undefined) return;
        const earlier = auditKeys.event.parse(first);
        if (earlier.shard === shard) {
            throw new ContractsError(
                'AUDIT_BUCKET_OPEN',
                `${new Date(earlier.day).toISOString().slice(0, 10)} has rows and is not sealed; seal it first`,
            );
        }
        from = bucketKey(earlier.shard < shard ? earlier.day : earlier.day + DAY_MS);
    }
}

async function firstKey(
    ctx: GoodputContext,
    startKey: string,
    endKey: string,
): Promise<string | undefined> {
    for await (const { key } of ctx.stub.getStateByRange(startKey, endKey)) return key;
    return undefined;
}

/**
 * Seals a bucket nobody can write into any more: the Merkle root of its rows becomes the next leaf of the
 * shard's chain. Appends read nothing of it, so that sealing cannot make any of them fail.
 *
 * A bucket of more rows than one transaction takes is sealed by several: however full somebody makes it, it
 * cannot bring the chain to a halt.
 */
export async function sealBucket(
    ctx: GoodputContext,
    bucket: Bucket,
    { sealRows = SEAL_ROWS }: Pick<AuditOptions, 'sealRows'> = {},
): Promise<StoredSeal | SealProgress> {
    const { tenant, shard, day } = bucket;
    if (ctx.time.ms < day + DAY_MS + SEAL_AFTER_MS) {
        throw new ContractsError(
            'AUDIT_BUCKET_OPEN',
            `a day can be sealed ${SEAL_AFTER_MS / 60_000} minutes after its end`,
        );
    }
    const chainKey = auditKeys.chain.build({ tenant, shard });
    const chain = await readJson<Chain>(ctx, chainKey);
    await refuseOutOfOrder(ctx, bucket, chain);
    const { done, rest } = await growBucket(ctx, bucket, chain?.open, sealRows);
    if (rest) {
        const { lastDay = -1, size = 0, frontier = [] } = chain ?? {};
        await writeJson(ctx, chainKey, { lastDay, size, frontier, open: done });
        return { unfinished: true, count: done.count };
    }
    const index = chain?.size ?? 0;
    const root = frontierRoot(bytesOf(done.frontier)).toString('hex');
    const seal: Seal = { tenant, shard, day, index, count: done.count, root };
    const frontier = grow(bytesOf(chain?.frontier), index, sealLeaf(seal));
    const stored: StoredSeal = {
        ...seal,
        chainSize: index + 1,
        chainRoot: frontierRoot(frontier).toString('hex'),
        sealedAt: ctx.time.ms,
        tx: ctx.stub.getTxID(),
    };
    await writeJson(ctx, auditKeys.seal.build(bucket), stored);
    await writeJson(ctx, chainKey, { lastDay: day, size: index + 1, frontier: hexOf(frontier) });
    ctx.emit('audit-sealed', stored);
    return stored;
}

function hexOf(hashes: readonly Buffer[]): string[] {
    return hashes.map((hash) => hash.toString('hex'));
}

function bytesOf(hashes: readonly string[] = []): Buffer[] {
    return hashes.map((hash) => Buffer.from(hash, 'hex'));
}

async function refuseOutOfOrder(
    ctx: GoodputContext,
    bucket: Bucket,
    chain: Chain | undefined,
): Promise<void> {
    const { day } = bucket;
    if (chain?.open !== undefined && day !== chain.open.day) {
        const open = new Date(chain.open.day).toISOString().slice(0, 10);
        throw new ContractsError('AUDIT_BUCKET_OPEN', `${open} is sealed in part; finish it first`);
    }
    if (chain === undefined || chain.size === 0) return refuseSkipped(ctx, bucket);
    if (day <= chain.lastDay) {
        throw new ContractsError('AUDIT_BUCKET_SEALED', 'this day of this shard is sealed already');
    }
    if (day !== chain.lastDay + DAY_MS) {
        throw new ContractsError(
            'AUDIT_BUCKET_OPEN',
            'the day before is not sealed; seal it first',
        );
    }
}

/** Grows the tree of a bucket by as many rows as one transaction takes. */
async function growBucket(
    ctx: GoodputContext,
    bucket: Bucket,
    open: OpenBucket | undefined,
    sealRows: number,
): Promise<{ readonly done: OpenBucket; readonly rest: boolean }> {
    let { count = 0, after = '' } = open ?? {};
    let frontier = bytesOf(open?.frontier);
    const most = count + sealRows;
    let rest = false;
    for await (const { key, record } of rowsOf(ctx, bucket, open?.after)) {
        rest = count === most;
        if (rest) break;
        frontier = grow(frontier, count++, rowLeaf(key, record));
        after = key;
    }
    return { done: { day: bucket.day, after, count, frontier: hexOf(frontier) }, rest };
}

/** All seals of a shard, in their order. */
export async function sealsOf(
    ctx: GoodputContext,
    tenant: string,
    shard: number,
): Promise<StoredSeal[]> {
    const seals: StoredSeal[] = [];
    const { startKey, endKey } = auditKeys.seal.prefix({ tenant, shard });
    for await (const { value } of ctx.stub.getStateByRange(startKey, endKey)) {
        seals.push(JSON.parse(Buffer.from(value).toString()) as StoredSeal);
    }
    return seals;
}

function notSealed(what: string): never {
    throw new ContractsError('AUDIT_NOT_SEALED', what);
}

/** Proof that a row stands in the log as it was sealed; the event's key names the row. */
export async function proveRow(ctx: GoodputContext, key: string): Promise<AuditProof> {
    const parts = auditKeys.event.tryParse(key);
    if (parts === undefined) notSealed('this is not the key of an event');
    const { tenant, shard, day } = parts;
    const seals = await sealsOf(ctx, tenant, shard);
    const stored = seals.find((each) => each.day === day);
    const last = seals.at(-1);
    if (stored === undefined || last === undefined) notSealed('the day of this row is not sealed');
    const leaves: Buffer[] = [];
    let found: Row | undefined;
    let row = 0;
    for await (const each of rowsOf(ctx, { tenant, shard, day })) {
        if (each.key === key) [found, row] = [each, leaves.length];
        leaves.push(rowLeaf(each.key, each.record));
    }
    if (found === undefined) notSealed('there is no such row');
    const { count, root, index } = stored;
    return {
        format: 'goodput.audit-proof/1',
        key,
        record: found.record,
        row,
        path: hexOf(inclusionProof(leaves, row)),
        seal: { tenant, shard, day, index, count, root },
        chain: {
            size: last.chainSize,
            root: last.chainRoot,
            path: hexOf(inclusionProof(seals.map(sealLeaf), index)),
        },
    };
}

/** Proof that a shard's chain has only grown since it had `size` seals. */
export async function proveGrowth(
    ctx: GoodputContext,
    tenant: string,
    shard: number,
    size: number,
): Promise<ChainProof> {
    const seals = await sealsOf(ctx, tenant, shard);
    const [before, last] = [seals[size - 1], seals.at(-1)];
    if (before === undefined || last === undefined) notSealed('the chain has fewer seals');
    const proof = consistencyProof(seals.map(sealLeaf), size);
    return {
        format: 'goodput.audit-growth/1',
        before: { size, root: before.chainRoot },
        after: { size: last.chainSize, root: last.chainRoot },
        path: hexOf(proof),
    };
}

/** What a bucket holds now, beside what its seal says of it. */
export interface BucketCheck {
    readonly intact: boolean;
    readonly sealed: { readonly count: number; readonly root: string };
    readonly found: { readonly count: number; readonly root: string };
}

/** Compares a bucket with its seal: a row changed, removed, added late or moved shows. */
export async function checkBucket(ctx: GoodputContext, bucket: Bucket): Promise<BucketCheck> {
    const stored = await readJson<StoredSeal>(ctx, auditKeys.seal.build(bucket));
    if (stored === undefined) notSealed('this day of this shard is not sealed');
    const leaves: Buffer[] = [];
    for await (const { key, record } of rowsOf(ctx, bucket)) leaves.push(rowLeaf(key, record));
    const sealed = { count: stored.count, root: stored.root };
    const found = { count: leaves.length, root: merkleRoot(leaves).toString('hex') };
    return { intact: canonicalJson(sealed) === canonicalJson(found), sealed, found };
}
