import { GoodputContract, withBatching, type GoodputContext } from '@goodput/chaincode';
import { bucketStart } from '@goodput/keys';
import { DEFAULT_TENANT, type AccessDecision } from '../access/access-control.js';
import { requireAdministrator, type AdministrationOptions } from '../access/administration.js';
import { ContractsError } from '../errors.js';
import { parseJson, parseWhole } from '../ledger.js';
import { validateRequest } from '../policy/validate.js';
import { appendRecords, authorizeAndRecord, shardsOf, type AuditOptions } from './append.js';
import { eraseDetail, keepDetail } from './detail.js';
import { toFhirBundle, toNdjson, toOcsf } from './export.js';
import {
    disclosuresAmong,
    queryAudit,
    validateQuery,
    type AuditPage,
    type Disclosure,
} from './query.js';
import { validateRecords } from './record.js';
import {
    checkBucket,
    proveGrowth,
    proveRow,
    sealBucket,
    sealsOf,
    type Bucket,
    type BucketCheck,
    type SealProgress,
    type StoredSeal,
} from './seal.js';
import type { AuditProof, ChainProof } from './verify.js';

function bucketOf(tenant: string, shard: string, date: string): Bucket {
    const day = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(date) : Number.NaN;
    // JavaScript takes the 30th of February for the 2nd of March: another bucket would be sealed.
    if (Number.isNaN(day) || !new Date(day).toISOString().startsWith(date)) {
        throw new ContractsError(
            'AUDIT_QUERY_INVALID',
            'the day must be a date such as 2026-11-20',
        );
    }
    const number = parseWhole(shard, 'AUDIT_QUERY_INVALID', 'the shard');
    return { tenant, shard: number, day: bucketStart('day', day) };
}

/**
 * The audit log as a contract to deploy. Anybody may append, under the name of their certificate; reading
 * and sealing are for administrators and whom a policy permits it.
 */
export class AuditLogContract extends withBatching(GoodputContract, { inherited: true }) {
    readonly #options: AuditOptions & AdministrationOptions;

    constructor(options: AuditOptions & AdministrationOptions = {}) {
        super('AuditLogContract');
        this.#options = options;
    }

    /** Appends records, a row each, and returns the rows' keys. Conflicts with nobody. */
    async append(ctx: GoodputContext, tenant: string, records: string): Promise<string[]> {
        const parsed = parseJson(records, 'AUDIT_RECORD_INVALID', 'the records');
        return appendRecords(ctx, tenant, validateRecords(parsed), this.#options);
    }

    /** Appends records in one row: fewer writes, proved together, not found by rich queries. */
    async appendPacked(ctx: GoodputContext, tenant: string, records: string): Promise<string[]> {
        const parsed = parseJson(records, 'AUDIT_RECORD_INVALID', 'the records');
        return appendRecords(ctx, tenant, validateRecords(parsed), this.#options, true);
    }

    /** Decides about a request and records the decision; detail may come as transient input. */
    async access(ctx: GoodputContext, request: string): Promise<AccessDecision> {
        const parsed = parseJson(request, 'POLICY_REQUEST_INVALID', 'the request');
        const checked = validateRequest(parsed);
        const detailHash = await keepDetail(ctx, checked.resource.tenant ?? DEFAULT_TENANT);
        const more = detailHash === undefined ? {} : { detailHash };
        return authorizeAndRecord(ctx, checked, this.#options, more);
    }

    /** One page of events. */
    async query(ctx: GoodputContext, query: string): Promise<AuditPage> {
        const checked = validateQuery(parseJson(query, 'AUDIT_QUERY_INVALID', 'the query'));
        await this.#administer(ctx, checked.tenant, 'audit.read');
        return queryAudit(ctx, checked, this.#options);
    }

    /** The same by CouchDB's indexes, which the project must bring; packed rows are not found. */
    async richQuery(ctx: GoodputContext, query: string): Promise<AuditPage> {
        const checked = validateQuery(parseJson(query, 'AUDIT_QUERY_INVALID', 'the query'));
        await this.#administer(ctx, checked.tenant, 'audit.read');
        return queryAudit(ctx, checked, { ...this.#options, indexes: 'couchdb' });
    }

    /** One page of events as `fhir`, `ocsf` or `ndjson`: the text, and the bookmark of the next. */
    async export(
        ctx: GoodputContext,
        query: string,
        format: string,
    ): Promise<{ text: string; next?: string }> {
        const { events, next } = await this.query(ctx, query);
        const formats: Readonly<Record<string, () => string>> = {
            fhir: () => JSON.stringify(toFhirBundle(events)),
            ocsf: () => events.map((event) => `${JSON.stringify(toOcsf(event))}\n`).join(''),
            ndjson: () => toNdjson(events),
        };
        const write = Object.hasOwn(formats, format) ? formats[format] : undefined;
        if (write === undefined) {
            throw new ContractsError('AUDIT_QUERY_INVALID', 'the format is fhir, ocsf or ndjson');
        }
        return { text: write(), ...(next === undefined ? {} : { next }) };
    }

    /** One page of the disclosures of a patient's records: who, when, what and why. */
    async accountingOfDisclosures(
        ctx: GoodputContext,
        query: string,
    ): Promise<{ disclosures: Disclosure[]; next?: string }> {
        const { events, next } = await this.query(ctx, query);
        const disclosures = disclosuresAmong(events);
        return { disclosures, ...(next === undefined ? {} : { next }) };
    }

    /** Seals one day of one shard, once nobody can write into it any more; again, if it says unfinished. */
    async seal(
        ctx: GoodputContext,
        tenant: string,
        shard: string,
        date: string,
    ): Promise<StoredSeal | SealProgress> {
        await this.#administer(ctx, tenant, 'audit.seal');
        const bucket = bucketOf(tenant, shard, date);
        const last = shardsOf(this.#options) - 1;
        if (bucket.shard > last) {
            throw new ContractsError(
                'AUDIT_QUERY_INVALID',
                `the shards of this log are 0 to ${last}`,
            );
        }
        return sealBucket(ctx, bucket, this.#options);
    }

    /** The seals of a shard, in their order. */
    async seals(ctx: GoodputContext, tenant: string, shard: string): Promise<StoredSeal[]> {
        return sealsOf(ctx, tenant, parseWhole(shard, 'AUDIT_QUERY_INVALID', 'the shard'));
    }

    /** Proof that a row stands in the log as it was sealed. */
    async prove(ctx: GoodputContext, tenant: string, key: string): Promise<AuditProof> {
        await this.#administer(ctx, tenant, 'audit.read');
        const proof = await proveRow(ctx, key);
        if (proof.seal.tenant === tenant) return proof;
        throw new ContractsError('AUDIT_QUERY_INVALID', 'the row belongs to another tenant');
    }

    /** Proof that a shard's chain has only grown since it had that many seals. */
    async proveGrowth(
        ctx: GoodputContext,
        tenant: string,
        shard: string,
        size: string,
    ): Promise<ChainProof> {
        const [which, since] = [shard, size].map((text) =>
            parseWhole(text, 'AUDIT_QUERY_INVALID', 'shard and size'),
        ) as [number, number];
        return proveGrowth(ctx, tenant, which, since);
    }

    /** Compares a sealed day of a shard with what the ledger has now. */
    async check(
        ctx: GoodputContext,
        tenant: string,
        shard: string,
        date: string,
    ): Promise<BucketCheck> {
        return checkBucket(ctx, bucketOf(tenant, shard, date));
    }

    /** Erases the detail with that hash; the record and the hash stay. */
    async eraseDetail(ctx: GoodputContext, tenant: string, hash: string): Promise<void> {
        await this.#administer(ctx, tenant, 'audit.erase');
        await eraseDetail(ctx, tenant, hash);
    }

    #administer(ctx: GoodputContext, tenant: string, action: string): Promise<void> {
        return requireAdministrator(ctx, this.#options, { tenant, action });
    }
}
