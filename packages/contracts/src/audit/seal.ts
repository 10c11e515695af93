import { canonicalJson, type GoodputContext } from '@goodput/chaincode';
import { ContractsError } from '../errors.js';
import { readJson, writeJson } from '../ledger.js';
import { consistencyProof, inclusionProof, merkleRoot } from '../merkle/merkle-tree.js';
import { DAY_MS, SEAL_AFTER_MS } from './days.js';
import { frontierRoot, grow } from './frontier.js';
import { auditKeys } from './keys.js';
import { rowLeaf, sealLeaf, type AuditProof, type ChainProof, type Seal } from './verify.js';

/** Rows one bucket may have to be sealed: more of them need more shards. */
export const MAX_BUCKET_ROWS = 50_000;

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

async function rowsOf(ctx: GoodputContext, bucket: Bucket): Promise<Row[]> {
    const { tenant, shard, day } = bucket;
    const { startKey, endKey } = auditKeys.event.prefix({ tenant, day, shard });
    const rows: Row[] = [];
    for await (const { key, value } of ctx.stub.getStateByRange(startKey, endKey)) {
        if (rows.length === MAX_BUCKET_ROWS) {
            throw new ContractsError(
                'AUDIT_BATCH_TOO_LARGE',
                `the bucket has more than ${MAX_BUCKET_ROWS} rows; use more shards`,
            );
        }
        rows.push({ key, record: JSON.parse(Buffer.from(value).toString()) as unknown });
    }
    return rows;
}

async function refuseSkipped(ctx: GoodputContext, bucket: Bucket): Promise<void> {
    const { tenant, shard, day } = bucket;
    const { startKey, endKey } = auditKeys.event.range({ tenant }, { to: day });
    for await (const { key } of ctx.stub.getStateByRange(startKey, endKey)) {
        const earlier = auditKeys.event.parse(key);
        if (earlier.shard !== shard) continue;
        throw new ContractsError(
            'AUDIT_BUCKET_OPEN',
            `${new Date(earlier.day).toISOString().slice(0, 10)} has rows and is not sealed; seal it first`,
        );
    }
}

/**
 * Seals a bucket nobody can write into any more: the Merkle root of its rows becomes the next leaf of the
 * shard's chain. Appends read nothing of it, so that sealing cannot make any of them fail.
 */
export async function sealBucket(ctx: GoodputContext, bucket: Bucket): Promise<StoredSeal> {
    const { tenant, shard, day } = bucket;
    if (ctx.time.ms < day + DAY_MS + SEAL_AFTER_MS) {
        throw new ContractsError(
            'AUDIT_BUCKET_OPEN',
            `a day can be sealed ${SEAL_AFTER_MS / 60_000} minutes after its end`,
        );
    }
    const chainKey = auditKeys.chain.build({ tenant, shard });
    const chain = await readJson<Chain>(ctx, chainKey);
    if (chain === undefined) await refuseSkipped(ctx, bucket);
    else if (day <= chain.lastDay) {
        throw new ContractsError('AUDIT_BUCKET_SEALED', 'this day of this shard is sealed already');
    } else if (day !== chain.lastDay + DAY_MS) {
        throw new ContractsError(
            'AUDIT_BUCKET_OPEN',
            'the day before is not sealed; seal it first',
        );
    }
    const rows = await rowsOf(ctx, bucket);
    const index = chain?.size ?? 0;
    const root = merkleRoot(rows.map(({ key, record }) => rowLeaf(key, record))).toString('hex');
    const seal: Seal = { tenant, shard, day, index, count: rows.length, root };
    const before = (chain?.frontier ?? []).map((hash) => Buffer.from(hash, 'hex'));
    const frontier = grow(before, index, sealLeaf(seal));
    const stored: StoredSeal = {
        ...seal,
        chainSize: index + 1,
        chainRoot: frontierRoot(frontier).toString('hex'),
        sealedAt: ctx.time.ms,
        tx: ctx.stub.getTxID(),
    };
    await writeJson(ctx, auditKeys.seal.build(bucket), stored);
    await writeJson(ctx, chainKey, {
        lastDay: day,
        size: index + 1,
        frontier: frontier.map((hash) => hash.toString('hex')),
    });
    ctx.emit('audit-sealed', stored);
    return stored;
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
    const rows = await rowsOf(ctx, { tenant, shard, day });
    const row = rows.findIndex((each) => each.key === key);
    const found = rows[row];
    if (found === undefined) notSealed('there is no such row');
    const leaves = rows.map((each) => rowLeaf(each.key, each.record));
    const { count, root, index } = stored;
    return {
        format: 'goodput.audit-proof/1',
        key,
        record: found.record,
        row,
        path: inclusionProof(leaves, row).map((hash) => hash.toString('hex')),
        seal: { tenant, shard, day, index, count, root },
        chain: {
            size: last.chainSize,
            root: last.chainRoot,
            path: inclusionProof(seals.map(sealLeaf), index).map((hash) => hash.toString('hex')),
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
        path: proof.map((hash) => hash.toString('hex')),
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
    const rows = await rowsOf(ctx, bucket);
    const root = merkleRoot(rows.map(({ key, record }) => rowLeaf(key, record))).toString('hex');
    const sealed = { count: stored.count, root: stored.root };
    const found = { count: rows.length, root };
    return { intact: canonicalJson(sealed) === canonicalJson(found), sealed, found };
}
