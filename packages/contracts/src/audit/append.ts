import { canonicalJson, contentHash, type GoodputContext } from '@goodput/chaincode';
import { bucketStart, shardOfText } from '@goodput/keys';
import { authorize, DEFAULT_TENANT, type AccessDecision } from '../access/access-control.js';
import { ContractsError } from '../errors.js';
import { writeJson } from '../ledger.js';
import type { AccessRequest } from '../policy/model.js';
import { auditKeys } from './keys.js';
import { validateRecords, type AuditEvent, type AuditRecord } from './record.js';

/** How an audit log keeps its records. All contracts that share a log must agree on it. */
export interface AuditOptions {
    /**
     * Shards a day is split into: buckets that are sealed on their own.
     * @default 16
     */
    readonly shards?: number;
    /**
     * How records are found: by keys written along with them, which works on LevelDB too, or by CouchDB's
     * indexes, which saves those writes.
     * @default 'keys'
     */
    readonly indexes?: 'keys' | 'couchdb';
    /**
     * Rows one sealing transaction reads; a bucket that has more is sealed by several.
     * @default 50,000
     */
    readonly sealRows?: number;
}

/** What stands under the key of an event: one record, or several that were appended together. */
export interface AuditRow {
    readonly kind: 'audit' | 'audit-pack';
    readonly tenant: string;
    readonly at: number;
    readonly actor: string;
    readonly organisation: string;
    /** Whether the transaction decided what it records; what is only appended is what somebody says. */
    readonly decided?: true;
    readonly events?: readonly AuditRecord[];
}

/** How records are appended. */
interface AppendAs {
    readonly packed?: boolean;
    readonly decided?: boolean;
}

/** The shards of a log. */
export function shardsOf({ shards = 16 }: AuditOptions): number {
    if (Number.isSafeInteger(shards) && shards >= 1 && shards <= 100) return shards;
    throw new ContractsError('AUDIT_RECORD_INVALID', 'shards must be a whole number from 1 to 100');
}

function indexKeys(row: string, head: AuditRow, records: readonly AuditRecord[]): Set<string> {
    const { tenant, at, actor } = head;
    const keys = new Set([auditKeys.byActor.build({ tenant, actor, at, row })]);
    for (const { patient, resource, outcome, breakGlass } of records) {
        keys.add(auditKeys.byResource.build({ tenant, ...resource, at, row }));
        if (patient !== undefined)
            keys.add(auditKeys.byPatient.build({ tenant, patient, at, row }));
        if (outcome !== 'permit') keys.add(auditKeys.byOutcome.build({ tenant, outcome, at, row }));
        if (breakGlass === true) keys.add(auditKeys.byGlass.build({ tenant, at, row }));
    }
    return keys;
}

async function appendRow(
    ctx: GoodputContext,
    tenant: string,
    records: readonly AuditRecord[],
    options: AuditOptions,
    { packed = false, decided = false }: AppendAs,
): Promise<string> {
    const { ms: at } = ctx.time;
    const tx = ctx.stub.getTxID();
    const shard = shardOfText(tx, shardsOf(options));
    // Names of one transaction count on, whatever else is named in it.
    const seq = Number(ctx.nextId().slice(-6));
    const key = auditKeys.event.build({ tenant, day: bucketStart('day', at), shard, at, tx, seq });
    const { key: actor, mspId: organisation } = ctx.caller;
    const head = { tenant, at, actor, organisation, ...(decided && { decided: true as const }) };
    const row: AuditRow = packed
        ? { kind: 'audit-pack', ...head, events: records }
        : { ...records[0], kind: 'audit', ...head };
    await writeJson(ctx, key, row);
    if (options.indexes === 'couchdb') return key;
    for (const each of indexKeys(key, row, records)) await ctx.stub.putState(each, '1');
    return key;
}

/**
 * Appends records, blind: nothing is read, so no two appends ever conflict. Returns the keys of the rows.
 *
 * @param packed - all in one row: fewer writes, found by keys but not by rich queries, proved together
 */
export async function appendRecords(
    ctx: GoodputContext,
    tenant: string,
    records: readonly AuditRecord[],
    options: AuditOptions = {},
    packed = false,
): Promise<string[]> {
    return appendAll(ctx, tenant, validateRecords(records), options, { packed });
}

async function appendAll(
    ctx: GoodputContext,
    tenant: string,
    records: readonly AuditRecord[],
    options: AuditOptions,
    as: AppendAs,
): Promise<string[]> {
    if (as.packed === true) return [await appendRow(ctx, tenant, records, options, as)];
    const keys: string[] = [];
    for (const record of records) keys.push(await appendRow(ctx, tenant, [record], options, as));
    return keys;
}

/** Rules a record names; a decision can have more. */
const MAX_NAMED_RULES = 64;

function rulesNamed({ because }: AccessDecision): string[] {
    const rules = because.map(({ source, rule }) => `${source} ${rule}`);
    if (rules.length <= MAX_NAMED_RULES) return rules;
    const named = rules.slice(0, MAX_NAMED_RULES - 1);
    return [...named, `and ${rules.length - named.length} more`];
}

/** What a decision was about, as a record. */
export function recordOf(
    request: AccessRequest,
    decision: AccessDecision,
    more: Pick<AuditRecord, 'clientTime' | 'detailHash'> = {},
): AuditRecord {
    const { type, id, patient } = request.resource;
    return {
        action: request.action,
        resource: { type, id },
        purpose: request.purpose,
        outcome: decision.effect === 'PERMIT' ? 'permit' : 'deny',
        ...(patient === undefined ? {} : { patient }),
        policies: decision.policies.map(({ hash }) => hash),
        ...(decision.consents === undefined ? {} : { consents: decision.consents }),
        because: rulesNamed(decision),
        ...(decision.breakGlass ? { breakGlass: true as const } : {}),
        requestHash: contentHash(canonicalJson(request)),
        ...more,
    };
}

/**
 * Decides and records in one transaction: nothing is allowed, or denied, without a trace. Submit it; what is
 * only evaluated leaves none.
 *
 * @example
 * ```ts
 * import { authorizeAndRecord } from '@goodput/contracts';
 * import { GoodputContract, type GoodputContext } from '@goodput/chaincode';
 *
 * export class Notes extends GoodputContract {
 *   async read(ctx: GoodputContext, id: string, patient: string): Promise<string> {
 *     const request = { action: 'read', resource: { type: 'note', id, patient }, purpose: 'TREAT' };
 *     const { effect } = await authorizeAndRecord(ctx, request);
 *     return effect === 'PERMIT' ? (await ctx.stub.getState(id)).toString() : '';
 *   }
 * }
 * ```
 */
export async function authorizeAndRecord(
    ctx: GoodputContext,
    request: AccessRequest,
    options: AuditOptions = {},
    more: Pick<AuditRecord, 'clientTime' | 'detailHash'> = {},
): Promise<AccessDecision> {
    const decision = await authorize(ctx, request);
    const { tenant = DEFAULT_TENANT } = request.resource;
    const records = validateRecords([recordOf(request, decision, more)]);
    await appendAll(ctx, tenant, records, options, { decided: true });
    return decision;
}

/** The events of a row. */
export function eventsOf(key: string, row: AuditRow): AuditEvent[] {
    const { kind, events, ...rest } = row;
    const { tx, seq } = auditKeys.event.parse(key);
    const { tenant, at, actor, organisation, decided } = row;
    const head = { tenant, at, actor, organisation, tx, seq, ...(decided && { decided }) };
    if (kind === 'audit') return [{ ...(rest as unknown as AuditRecord), ...head }];
    return (events ?? []).map((each) => ({ ...each, ...head }));
}
