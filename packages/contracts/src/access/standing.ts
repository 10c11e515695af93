import { canonicalJson, contentHash, type GoodputContext } from '@goodput/chaincode';
import { ContractsError } from '../errors.js';
import { readJson, writeJson } from '../ledger.js';
import { inPeriod } from '../policy/applies.js';
import type { BrokenGlass } from '../policy/decide.js';
import { grantedRoles, grantsInForce, MAX_DELEGATION_DEPTH, type Grant } from '../policy/grants.js';
import type { Consent } from '../policy/consent.js';
import { grantsOf } from './access-control.js';
import { accessKeys } from './keys.js';
import { EVERY_TYPE, policyInForce, storeBody, type Head } from './policy-store.js';
import { subjectOf } from './subject.js';

/** Grants one person may have at a time in one tenant, and how many of them may be loans. */
export const MAX_GRANTS = 64;
// Loans are made by colleagues: they must leave administrators room, or a prank locks somebody out.
const MAX_LOANS = 32;

function refuse(why: string): never {
    throw new ContractsError('POLICY_GRANT_INVALID', why);
}

async function addGrant(
    ctx: GoodputContext,
    tenant: string,
    subject: string,
    grant: Grant,
): Promise<void> {
    const now = ctx.time.ms;
    // Those that have ended make room.
    const others = (await grantsOf(ctx, tenant, subject)).filter(({ until }) => until > now);
    // Nor could anybody end somebody else's grant by lending under its name.
    if (others.some(({ id }) => id === grant.id)) {
        refuse('there is a grant of this name; revoke it first, or choose another name');
    }
    if (others.length >= MAX_GRANTS) refuse(`nobody may have more than ${MAX_GRANTS} grants`);
    const loans = others.filter(({ depth }) => depth > 0).length;
    if (grant.depth > 0 && loans >= MAX_LOANS) {
        refuse(`nobody may have more than ${MAX_LOANS} roles on loan`);
    }
    const key = accessKeys.grants.build({ tenant, subject });
    await writeJson(ctx, key, { grants: [...others, grant] });
}

/** Gives somebody a role for a time. */
export async function grantRole(
    ctx: GoodputContext,
    tenant: string,
    subject: string,
    grant: Pick<Grant, 'id' | 'role' | 'from' | 'until'>,
): Promise<void> {
    if (subject === ctx.caller.key) refuse('nobody grants a role to themselves');
    if (grant.from >= grant.until) refuse('a grant must begin before it ends');
    if (grant.until <= ctx.time.ms) refuse('the grant has ended already');
    await addGrant(ctx, tenant, subject, {
        ...grant,
        by: ctx.caller.key,
        tx: ctx.stub.getTxID(),
        depth: 0,
    });
}

/** Takes a grant back, and with it all that was lent from it. */
export async function revokeGrant(
    ctx: GoodputContext,
    tenant: string,
    subject: string,
    id: string,
): Promise<void> {
    const all = await grantsOf(ctx, tenant, subject);
    const rest = all.filter((grant) => grant.id !== id);
    if (rest.length === all.length) {
        throw new ContractsError('POLICY_NOT_FOUND', 'there is no such grant');
    }
    await writeJson(ctx, accessKeys.grants.build({ tenant, subject }), { grants: rest });
}

/** What {@link lendRole} takes. */
export interface Loan {
    readonly id: string;
    readonly role: string;
    readonly until: number;
    /** The caller's own grant to lend from; the certificate when left out. */
    readonly parent?: string;
}

/** Lends a role the caller has on to somebody, as the tenant's policy allows. */
export async function lendRole(
    ctx: GoodputContext,
    tenant: string,
    to: string,
    loan: Loan,
): Promise<void> {
    const policy = await policyInForce(ctx, tenant, EVERY_TYPE);
    const { key: by } = ctx.caller;
    const roles = policy?.compiled.policy.roles ?? {};
    const terms = Object.hasOwn(roles, loan.role) ? roles[loan.role]?.delegation : undefined;
    if (policy === undefined || terms === undefined) refuse('this role may not be lent');
    if (to === by) refuse('nobody lends to themselves');
    const now = ctx.time.ms;
    if (loan.until <= now || loan.until - now > terms.maxMs) {
        refuse(`the loan must end within ${terms.maxMs} ms`);
    }
    const tx = ctx.stub.getTxID();
    const grant = { id: loan.id, role: loan.role, from: now, until: loan.until, by, tx };
    if (loan.parent === undefined) {
        const subject = subjectOf(ctx.caller, policy.compiled.subjectAttributes);
        if (!policy.compiled.rolesOf(subject, []).has(loan.role)) {
            refuse('the caller does not have this role by certificate');
        }
        await addGrant(ctx, tenant, to, { ...grant, depth: 1 });
        return;
    }
    const mine = await grantsInForce(by, now, (whose) => grantsOf(ctx, tenant, whose));
    const parent = mine.find(({ id, role }) => id === loan.parent && role === loan.role);
    if (parent === undefined) refuse('the caller has no such grant in force');
    const depth = parent.depth + 1;
    if (depth > Math.min(terms.maxDepth, MAX_DELEGATION_DEPTH)) {
        refuse(`this role may be lent ${terms.maxDepth} times in a row`);
    }
    if (loan.until > parent.until) refuse('the loan would outlast what it is lent from');
    await addGrant(ctx, tenant, to, {
        ...grant,
        depth,
        parent: { subject: by, id: parent.id, tx: parent.tx },
    });
}

/** Replaces a patient's consents. */
export async function putConsents(
    ctx: GoodputContext,
    who: { readonly tenant: string; readonly patient: string },
    consents: readonly Consent[],
    ifVersion: number,
): Promise<Head> {
    const key = accessKeys.consent.build(who);
    const version = (await readJson<Head>(ctx, key))?.version ?? 0;
    if (version !== ifVersion) {
        throw new ContractsError(
            'POLICY_VERSION_CHANGED',
            `the consents have version ${version}, not ${ifVersion}`,
            { expected: ifVersion, version },
        );
    }
    const body = canonicalJson(consents);
    const head = { version: version + 1, hash: contentHash(body) };
    await storeBody(ctx, accessKeys.consentBody.build({ hash: head.hash }), body);
    await writeJson(ctx, key, head);
    return head;
}

/** A glass that was broken, as the ledger keeps it. */
export interface GlassRow extends BrokenGlass {
    readonly tx: string;
    /** The same for all certificates of who broke it. */
    readonly person: string;
}

/** Breaks the glass for the caller and one patient, on the terms of the tenant's policy. */
export async function breakGlass(
    ctx: GoodputContext,
    who: { readonly tenant: string; readonly patient: string },
    reason: string,
    forMs: number,
): Promise<GlassRow> {
    const { tenant } = who;
    const policy = await policyInForce(ctx, tenant, EVERY_TYPE);
    const terms = policy?.compiled.policy.breakGlass;
    if (policy === undefined || terms === undefined) refuse('the policy has no terms for it');
    if (!terms.reasons.includes(reason)) refuse('this is not one of the reasons the policy names');
    if (forMs < 1 || forMs > terms.maxMs) refuse(`the window must be 1 to ${terms.maxMs} ms`);
    const now = ctx.time.ms;
    const { key: subject, person } = ctx.caller;
    const grants = await grantsInForce(subject, now, (whose) => grantsOf(ctx, tenant, whose));
    const granted = grantedRoles(grants, [policy.compiled]);
    const known = subjectOf(ctx.caller, policy.compiled.subjectAttributes);
    const roles = policy.compiled.rolesOf(known, granted);
    if (!terms.roles.some((role) => roles.has(role))) refuse('the caller has none of the roles');
    const key = accessKeys.glass.build({ ...who, subject });
    const earlier = await readJson<GlassRow>(ctx, key);
    if (earlier !== undefined && inPeriod(earlier, now)) refuse('the glass is broken already');
    const row = { reason, from: now, until: now + forMs, tx: ctx.stub.getTxID(), person };
    await writeJson(ctx, key, row);
    await writeJson(ctx, accessKeys.review.build({ ...who, at: now, subject }), row);
    // Without the patient: events are for everybody on the channel.
    ctx.emit('glass-broken', { tenant, subject, reason, until: row.until });
    return row;
}

/** A broken glass nobody has reviewed. */
export interface PendingReview extends GlassRow {
    readonly patient: string;
    readonly subject: string;
}

/** Broken glasses nobody has reviewed, oldest first; of many, the first thousand. */
export async function pendingReviews(
    ctx: GoodputContext,
    tenant: string,
): Promise<PendingReview[]> {
    const found: PendingReview[] = [];
    const { startKey, endKey } = accessKeys.review.prefix({ tenant });
    for await (const { key, value } of ctx.stub.getStateByRange(startKey, endKey)) {
        const { patient, subject } = accessKeys.review.parse(key);
        found.push({
            ...(JSON.parse(Buffer.from(value).toString()) as GlassRow),
            patient,
            subject,
        });
        if (found.length === 1000) break;
    }
    return found;
}

/** A broken glass that was reviewed: kept for as long as the ledger is. */
export interface ReviewedGlass extends PendingReview {
    readonly review: { readonly by: string; readonly at: number; readonly finding: string };
}

/** Broken glasses that were reviewed, by when they were broken; of many, the first thousand. */
export async function reviewedGlasses(
    ctx: GoodputContext,
    tenant: string,
    window: { readonly from: number; readonly to: number },
): Promise<ReviewedGlass[]> {
    const found: ReviewedGlass[] = [];
    const { startKey, endKey } = accessKeys.reviewed.range({ tenant }, window);
    for await (const { value } of ctx.stub.getStateByRange(startKey, endKey)) {
        found.push(JSON.parse(Buffer.from(value).toString()) as ReviewedGlass);
        if (found.length === 1000) break;
    }
    return found;
}

/** Records what the review of a broken glass found; by somebody else than who broke it. */
export async function reviewGlass(
    ctx: GoodputContext,
    who: { readonly tenant: string; readonly patient: string; readonly subject: string },
    at: number,
    finding: string,
): Promise<void> {
    const key = accessKeys.review.build({ ...who, at });
    const row = await readJson<GlassRow>(ctx, key);
    if (row === undefined) throw new ContractsError('POLICY_NOT_FOUND', 'no review is pending');
    const { key: by, person } = ctx.caller;
    if (person === row.person) {
        throw new ContractsError('POLICY_SAME_PERSON', 'nobody reviews their own access');
    }
    await ctx.stub.deleteState(key);
    const { patient, subject } = who;
    const reviewed: ReviewedGlass = {
        ...row,
        patient,
        subject,
        review: { by, at: ctx.time.ms, finding },
    };
    await writeJson(ctx, accessKeys.reviewed.build({ ...who, at }), reviewed);
    ctx.emit('glass-reviewed', {
        tenant: who.tenant,
        subject: who.subject,
        by,
        finding,
        tx: row.tx,
    });
}
