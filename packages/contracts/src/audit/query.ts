import { DAY_MS } from './days.js';
import { canonicalJson, type GoodputContext } from '@goodput/chaincode';
import { bucketStart, compareKeys, type KeyRange } from '@goodput/keys';
import { ContractsError } from '../errors.js';
import { readJson } from '../ledger.js';
import { eventsOf, shardsOf, type AuditOptions, type AuditRow } from './append.js';
import { auditKeys } from './keys.js';
import type { AuditEvent } from './record.js';

/** Which events are wanted: all that is given must hold. */
export interface AuditQuery {
    readonly tenant: string;
    /** First instant inside. */
    readonly from: number;
    /** First instant outside. */
    readonly to: number;
    readonly patient?: string;
    readonly actor?: string;
    readonly resource?: { readonly type: string; readonly id: string };
    readonly outcome?: AuditEvent['outcome'];
    readonly breakGlass?: true;
    /**
     * Rows looked at for a page, 1 to 1,000; fewer events are given when not all of them are wanted.
     * @default 100
     */
    readonly size?: number;
    /** `next` of the page before. */
    readonly after?: string;
}

/** One page of events, in the order of time. */
export interface AuditPage {
    readonly events: readonly AuditEvent[];
    /** Give it as `after` for the next page; none on the last. */
    readonly next?: string;
}

const MEMBERS = [
    'tenant',
    'from',
    'to',
    'patient',
    'actor',
    'resource',
    'outcome',
    'breakGlass',
    'size',
    'after',
];
const MAX_DAYS = 400;

function refuse(why: string): never {
    throw new ContractsError('AUDIT_QUERY_INVALID', why);
}

const OUTCOMES: readonly unknown[] = ['permit', 'deny', 'error'];

function isResource(value: unknown): boolean {
    const { type, id } = (value ?? {}) as { readonly type?: unknown; readonly id?: unknown };
    return [type, id].every((text) => typeof text === 'string' && text !== '');
}

/** Refuses a query that is malformed, and returns it typed. */
export function validateQuery(value: unknown): AuditQuery & { readonly size: number } {
    if (typeof value !== 'object' || value === null) refuse('the query must be an object');
    const unknown = Object.keys(value).find((name) => !MEMBERS.includes(name));
    if (unknown !== undefined) refuse(`a query has no such member; it has ${MEMBERS.join(', ')}`);
    const query = value as Record<string, unknown>;
    for (const name of ['from', 'to']) {
        const ms = query[name];
        if (!Number.isSafeInteger(ms) || (ms as number) < 0) refuse(`${name} must be milliseconds`);
    }
    if ((query['from'] as number) >= (query['to'] as number)) refuse('from must be before to');
    for (const name of ['tenant', 'patient', 'actor', 'outcome', 'after']) {
        const text = query[name];
        const missing = text === undefined && name !== 'tenant';
        if (!missing && (typeof text !== 'string' || text === '')) refuse(`${name} must be text`);
    }
    const { resource, outcome, breakGlass } = query;
    if (resource !== undefined && !isResource(resource)) refuse('resource needs type and id');
    if (outcome !== undefined && !OUTCOMES.includes(outcome)) {
        refuse(`outcome must be one of ${OUTCOMES.join(', ')}`);
    }
    if (breakGlass !== undefined && breakGlass !== true) refuse('breakGlass must be true if given');
    const size = query['size'] ?? 100;
    if (!Number.isSafeInteger(size) || (size as number) < 1 || (size as number) > 1000) {
        refuse('size must be a whole number from 1 to 1000');
    }
    return { ...(value as AuditQuery), size: size as number };
}

function isWanted(event: AuditEvent, query: AuditQuery): boolean {
    const { patient, actor, resource, outcome, breakGlass, from, to } = query;
    if (event.at < from || event.at >= to) return false;
    if (patient !== undefined && event.patient !== patient) return false;
    if (actor !== undefined && event.actor !== actor) return false;
    if (outcome !== undefined && event.outcome !== outcome) return false;
    if (breakGlass === true && event.breakGlass !== true) return false;
    if (resource === undefined) return true;
    return event.resource.type === resource.type && event.resource.id === resource.id;
}

/** The index that leaves least to look through; none when only the time is given. */
function indexRange(query: AuditQuery): KeyRange | undefined {
    const { tenant, patient, actor, resource, outcome, breakGlass, from, to } = query;
    const window = { from, to };
    if (patient !== undefined) return auditKeys.byPatient.range({ tenant, patient }, window);
    if (resource !== undefined) {
        const { type, id } = resource;
        return auditKeys.byResource.range({ tenant, type, id }, window);
    }
    if (breakGlass === true) return auditKeys.byGlass.range({ tenant }, window);
    if (outcome === 'deny' || outcome === 'error') {
        return auditKeys.byOutcome.range({ tenant, outcome }, window);
    }
    if (actor !== undefined) return auditKeys.byActor.range({ tenant, actor }, window);
    return undefined;
}

const indexes = [
    auditKeys.byPatient,
    auditKeys.byResource,
    auditKeys.byGlass,
    auditKeys.byOutcome,
    auditKeys.byActor,
];

function rowKeyOf(entry: string): string {
    for (const index of indexes) {
        const row = index.tryParse(entry)?.row;
        if (row !== undefined) return row;
    }
    return refuse('an index entry points nowhere');
}

async function byIndex(
    ctx: GoodputContext,
    range: KeyRange,
    query: AuditQuery & { readonly size: number },
): Promise<AuditPage> {
    const { after, size } = query;
    const inside =
        after === undefined ||
        (compareKeys(after, range.startKey) >= 0 && compareKeys(after, range.endKey) < 0);
    if (!inside) refuse('after is not a bookmark of this query');
    const startKey = after === undefined ? range.startKey : `${after}\u0000`;
    const entries: string[] = [];
    let next: string | undefined;
    for await (const { key } of ctx.stub.getStateByRange(startKey, range.endKey)) {
        if (entries.length === size) {
            next = entries.at(-1);
            break;
        }
        entries.push(key);
    }
    const events: AuditEvent[] = [];
    for (const entry of entries) {
        const key = rowKeyOf(entry);
        const row = await readJson<AuditRow>(ctx, key);
        if (row !== undefined) events.push(...eventsOf(key, row));
    }
    return pageOf(events, query, next);
}

function pageOf(
    events: readonly AuditEvent[],
    query: AuditQuery,
    next: string | undefined,
): AuditPage {
    const wanted = events.filter((event) => isWanted(event, query));
    return { events: wanted, ...(next === undefined ? {} : { next }) };
}

/** What sorts events of all shards by time: everything in the key that comes after the shard. */
function timeOrder(key: string): string {
    const { at, tx, seq } = auditKeys.event.parse(key);
    return `${String(at).padStart(16, '0')} ${tx} ${String(seq).padStart(6, '0')}`;
}

const TIME_ORDER = /^\d{16} \S+ \d{6}$/;

interface Found {
    readonly order: string;
    readonly key: string;
    readonly row: AuditRow;
}

async function byTime(
    ctx: GoodputContext,
    query: AuditQuery & { readonly size: number },
    options: AuditOptions,
): Promise<AuditPage> {
    const { tenant, from, to, size, after = '' } = query;
    if (after !== '' && !TIME_ORDER.test(after)) refuse('after is not a bookmark of this query');
    const begin = after === '' ? from : Math.max(from, Number(after.slice(0, 16)));
    if ((to - begin) / DAY_MS > MAX_DAYS) refuse(`one query covers at most ${MAX_DAYS} days`);
    const found: Found[] = [];
    for (let day = bucketStart('day', begin); day < to && found.length <= size; day += DAY_MS) {
        const ofDay: Found[] = [];
        for (let shard = 0; shard < shardsOf(options); shard++) {
            const window = { from: Math.max(begin, day), to: Math.min(to, day + DAY_MS) };
            const range = auditKeys.event.range({ tenant, day, shard }, window);
            ofDay.push(...(await firstOf(ctx, range, after, size + 1)));
        }
        found.push(...ofDay.sort((a, b) => (a.order < b.order ? -1 : 1)));
    }
    const page = found.slice(0, size);
    const next = found.length > size ? page.at(-1)?.order : undefined;
    return pageOf(
        page.flatMap(({ key, row }) => eventsOf(key, row)),
        query,
        next,
    );
}

async function firstOf(
    ctx: GoodputContext,
    range: KeyRange,
    after: string,
    count: number,
): Promise<Found[]> {
    const found: Found[] = [];
    for await (const { key, value } of ctx.stub.getStateByRange(range.startKey, range.endKey)) {
        const order = timeOrder(key);
        if (order <= after) continue;
        found.push({ order, key, row: JSON.parse(Buffer.from(value).toString()) as AuditRow });
        if (found.length === count) break;
    }
    return found;
}

/** The rich query of an audit query, which one of the bundled CouchDB indexes answers. */
export function richAuditQuery(query: AuditQuery): {
    readonly selector: Readonly<Record<string, unknown>>;
    readonly sort: readonly Readonly<Record<string, 'asc'>>[];
    readonly use_index: readonly [string, string];
} {
    const { tenant, patient, actor, resource, outcome, breakGlass, from, to } = query;
    const fixed: [string, unknown][] = [['tenant', tenant]];
    let name = 'auditByTime';
    if (patient !== undefined) {
        name = 'auditByPatient';
        fixed.push(['patient', patient]);
    } else if (resource !== undefined) {
        name = 'auditByResource';
        fixed.push(['resource.type', resource.type], ['resource.id', resource.id]);
    } else if (breakGlass === true) {
        name = 'auditByGlass';
        fixed.push(['breakGlass', true]);
    } else if (actor !== undefined) {
        name = 'auditByActor';
        fixed.push(['actor', actor]);
    } else if (outcome !== undefined) {
        name = 'auditByOutcome';
        fixed.push(['outcome', outcome]);
    }
    const sort = [...fixed.map(([field]) => field), 'at'].map((field) => ({
        [field]: 'asc' as const,
    }));
    const selector = { ...Object.fromEntries(fixed), at: { $gte: from, $lt: to } };
    return { selector, sort, use_index: [`_design/${name}Doc`, name] };
}

async function byCouchdb(
    ctx: GoodputContext,
    query: AuditQuery & { readonly size: number },
): Promise<AuditPage> {
    const { size, after = '' } = query;
    const text = canonicalJson(richAuditQuery(query));
    const { iterator, metadata } = await ctx.stub.getQueryResultWithPagination(text, size, after);
    const events: AuditEvent[] = [];
    for (let each = await iterator.next(); !each.done; each = await iterator.next()) {
        const { key, value } = each.value;
        const row = JSON.parse(Buffer.from(value).toString()) as AuditRow;
        if (auditKeys.event.tryParse(key) !== undefined) events.push(...eventsOf(key, row));
    }
    await iterator.close();
    const full = metadata.fetchedRecordsCount === size && metadata.bookmark !== 'nil';
    return pageOf(events, query, full ? metadata.bookmark : undefined);
}

/** One page of the events a query wants. Meant to be evaluated: submitted, its ranges would be checked. */
export async function queryAudit(
    ctx: GoodputContext,
    given: AuditQuery,
    options: AuditOptions = {},
): Promise<AuditPage> {
    const query = validateQuery(given);
    if (options.indexes === 'couchdb') return byCouchdb(ctx, query);
    const range = indexRange(query);
    return range === undefined ? byTime(ctx, query, options) : byIndex(ctx, range, query);
}

/** Purposes that are not disclosures to be accounted for: treatment, payment, operations. */
export const NOT_ACCOUNTED: readonly string[] = [
    'treatment',
    'payment',
    'operations',
    'TREAT',
    'HPAYMT',
    'HOPERAT',
];

/** One line of an accounting of disclosures. */
export interface Disclosure {
    readonly at: string;
    readonly organisation: string;
    readonly actor: string;
    readonly what: string;
    readonly action: string;
    readonly purpose: string;
    readonly breakGlass: boolean;
}

/** The disclosures among events: what was permitted, for a purpose that must be accounted for. */
export function disclosuresAmong(
    events: readonly AuditEvent[],
    exempt: readonly string[] = NOT_ACCOUNTED,
): Disclosure[] {
    return events
        .filter(
            ({ outcome, purpose, breakGlass }) =>
                outcome === 'permit' && (breakGlass === true || !exempt.includes(purpose)),
        )
        .map(({ at, organisation, actor, resource, action, purpose, breakGlass }) => ({
            at: new Date(at).toISOString(),
            organisation,
            actor,
            what: `${resource.type}/${resource.id}`,
            action,
            purpose,
            breakGlass: breakGlass === true,
        }));
}
