import { GoodputContract, withBatching, type GoodputContext } from '@goodput/chaincode';
import { ContractsError, type ContractsErrorCode } from '../errors.js';
import { parseDocument, parseJson, parseWhole, readJson, writeJson } from '../ledger.js';
import { analysePolicy, type PolicyAnalysis } from '../policy/analyse.js';
import { diffPolicies, type PolicyDiff } from '../policy/diff.js';
import { consentFromFhir, consentToFhir, type FhirConsent } from '../policy/fhir-consent.js';
import type { Grant } from '../policy/grants.js';
import type { Period, Policy } from '../policy/model.js';
import { validateConsents, validatePolicy, validateRequest } from '../policy/validate.js';
import { authorize, enforce, grantsOf, type AccessDecision } from './access-control.js';
import { requireAdministrator, type AdministrationOptions } from './administration.js';
import { accessKeys } from './keys.js';
import { consentsOf, type Head } from './policy-store.js';
import {
    breakGlass,
    grantRole,
    lendRole,
    pendingReviews,
    putConsents,
    reviewedGlasses,
    reviewGlass,
    revokeGrant,
    type GlassRow,
    type Loan,
    type PendingReview,
    type ReviewedGlass,
} from './standing.js';
import {
    activateDraft,
    discardDraft,
    draftVersion,
    policyByHash,
    policyOf,
    readDraft,
    readVersion,
    saveDraft,
    versionOf,
    versionsOf,
    type Draft,
    type PolicyVersion,
} from './versions.js';

const IDENTIFIER = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
/** Rules up to which a draft is analysed and compared within the transaction. */
const MAX_ANALYSED_RULES = 1000;

function identifier(value: unknown, what: string): string {
    if (typeof value === 'string' && IDENTIFIER.test(value)) return value;
    throw new ContractsError(
        'POLICY_GRANT_INVALID',
        `${what} must be 1 to 64 letters, digits, ".", "_", ":" or "-"`,
    );
}

function instant(value: unknown, what: string): number {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    throw new ContractsError('POLICY_GRANT_INVALID', `${what} must be milliseconds since 1970`);
}

function objectOf(text: string, code: ContractsErrorCode, what: string): Record<string, unknown> {
    const value = parseJson(text, code, what);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
        return value as Record<string, unknown>;
    }
    throw new ContractsError(code, `${what} must be an object`);
}

/**
 * Access policies as a contract to deploy: it keeps policies, consents, grants and care teams, and decides.
 * Grants and revocations in bulk go through `executeBatch`.
 */
export class AccessPolicyContract extends withBatching(GoodputContract, { inherited: true }) {
    readonly #options: AdministrationOptions;

    constructor(options: AdministrationOptions = {}) {
        super('AccessPolicyContract');
        this.#options = options;
    }

    /** The decision about a request; a denial is a result. */
    async authorize(ctx: GoodputContext, request: string): Promise<AccessDecision> {
        const parsed = parseJson(request, 'POLICY_REQUEST_INVALID', 'the request');
        return authorize(ctx, validateRequest(parsed));
    }

    /** The same, with an error for a denial. */
    async enforce(ctx: GoodputContext, request: string): Promise<AccessDecision> {
        const parsed = parseJson(request, 'POLICY_REQUEST_INVALID', 'the request');
        return enforce(ctx, validateRequest(parsed));
    }

    /** The name by which grants, care teams and rules know the caller. */
    whoAmI(ctx: GoodputContext): { subject: string; msp: string } {
        return { subject: ctx.caller.key, msp: ctx.caller.mspId };
    }

    /** Checks a policy and keeps it as a draft, which a second person activates. */
    async saveDraft(
        ctx: GoodputContext,
        tenant: string,
        scope: string,
        policy: string,
        ifVersion: string,
    ): Promise<Draft & { readonly analysis: PolicyAnalysis }> {
        await this.#administer(ctx, tenant, 'policy.draft');
        const valid = validatePolicy(parseDocument(policy, 'POLICY_INVALID', 'the policy'));
        const version = parseWhole(ifVersion, 'POLICY_VERSION_CHANGED', 'ifVersion');
        const draft = await saveDraft(ctx, { tenant, scope }, valid, version);
        const analysis =
            valid.rules.length > MAX_ANALYSED_RULES
                ? { findings: [], complete: false }
                : analysePolicy(valid);
        return { ...draft, analysis };
    }

    /** Makes an earlier version the draft. */
    async draftVersion(
        ctx: GoodputContext,
        tenant: string,
        scope: string,
        version: string,
        ifVersion: string,
    ): Promise<Draft> {
        await this.#administer(ctx, tenant, 'policy.draft');
        const [wanted, current] = [version, ifVersion].map((text) =>
            parseWhole(text, 'POLICY_VERSION_CHANGED', 'a version'),
        ) as [number, number];
        return draftVersion(ctx, { tenant, scope }, wanted, current);
    }

    /** What the draft would change, without changing it: who gains and who loses. */
    async diffDraft(ctx: GoodputContext, tenant: string, scope: string): Promise<PolicyDiff> {
        const draft = await readDraft(ctx, { tenant, scope });
        const [before, after] = [
            await policyOf(ctx, { tenant, scope }),
            await policyByHash(ctx, draft.hash),
        ];
        const maxCases = 50_000;
        return diffPolicies(before, after, { now: ctx.time.ms, maxCases });
    }

    /** The draft that waits: who drafted it, and the policy, for the second person to look at. */
    async readDraft(
        ctx: GoodputContext,
        tenant: string,
        scope: string,
    ): Promise<Draft & { policy: Policy }> {
        const draft = await readDraft(ctx, { tenant, scope });
        return { ...draft, policy: await policyByHash(ctx, draft.hash) };
    }

    /** Takes a draft back. */
    async discardDraft(ctx: GoodputContext, tenant: string, scope: string): Promise<void> {
        await this.#administer(ctx, tenant, 'policy.draft');
        await discardDraft(ctx, { tenant, scope });
    }

    /** The policy of an earlier version. */
    async readVersion(
        ctx: GoodputContext,
        tenant: string,
        scope: string,
        version: string,
    ): Promise<PolicyVersion & { policy: Policy }> {
        const number = parseWhole(version, 'POLICY_VERSION_CHANGED', 'the version');
        const entry = await readVersion(ctx, { tenant, scope }, number);
        return { ...entry, policy: await policyByHash(ctx, entry.hash) };
    }

    /** Brings the draft with that hash into force; not by who drafted it. */
    async activate(
        ctx: GoodputContext,
        tenant: string,
        scope: string,
        hash: string,
    ): Promise<PolicyVersion> {
        await this.#administer(ctx, tenant, 'policy.activate');
        return activateDraft(ctx, { tenant, scope }, hash, this.#options);
    }

    /** The policy in force, with its version; version 0 and no rules when there is none. */
    async readPolicy(
        ctx: GoodputContext,
        tenant: string,
        scope: string,
    ): Promise<{ version: number; policy: Policy }> {
        const version = await versionOf(ctx, { tenant, scope });
        return { version, policy: await policyOf(ctx, { tenant, scope }) };
    }

    /** All versions there were, oldest first. */
    async history(ctx: GoodputContext, tenant: string, scope: string): Promise<PolicyVersion[]> {
        return versionsOf(ctx, { tenant, scope });
    }

    /** Gives somebody a role for a time: `{ id, role, from, until }`. */
    async grant(
        ctx: GoodputContext,
        tenant: string,
        subject: string,
        grant: string,
    ): Promise<void> {
        const given = objectOf(grant, 'POLICY_GRANT_INVALID', 'the grant');
        const role = identifier(given['role'], 'the role');
        await this.#administer(ctx, tenant, 'grant', { role });
        await grantRole(ctx, tenant, identifier(subject, 'the subject'), {
            id: identifier(given['id'], 'the id'),
            role,
            from: instant(given['from'], 'from'),
            until: instant(given['until'], 'until'),
        });
    }

    /** Takes a grant back. */
    async revoke(ctx: GoodputContext, tenant: string, subject: string, id: string): Promise<void> {
        await this.#administer(ctx, tenant, 'revoke');
        await revokeGrant(ctx, tenant, identifier(subject, 'the subject'), id);
    }

    /** Lends one of the caller's own roles on: `{ id, role, until, parent? }`. */
    async delegate(ctx: GoodputContext, tenant: string, to: string, loan: string): Promise<void> {
        const given = objectOf(loan, 'POLICY_GRANT_INVALID', 'the loan');
        const parent = given['parent'];
        const checked: Loan = {
            id: identifier(given['id'], 'the id'),
            role: identifier(given['role'], 'the role'),
            until: instant(given['until'], 'until'),
            ...(parent === undefined ? {} : { parent: identifier(parent, 'the parent') }),
        };
        await lendRole(ctx, tenant, identifier(to, 'the subject'), checked);
    }

    /** The grants of somebody. */
    async grantsOf(
        ctx: GoodputContext,
        tenant: string,
        subject: string,
    ): Promise<readonly Grant[]> {
        return grantsOf(ctx, tenant, subject);
    }

    /** Makes somebody a member of a patient's care team for a time: `{ from?, until? }`. */
    async joinCareTeam(
        ctx: GoodputContext,
        tenant: string,
        patient: string,
        subject: string,
        period: string,
    ): Promise<void> {
        await this.#administer(ctx, tenant, 'care-team');
        const { from, until } = objectOf(period, 'POLICY_GRANT_INVALID', 'the period');
        const checked: Period = {
            ...(from === undefined ? {} : { from: instant(from, 'from') }),
            ...(until === undefined ? {} : { until: instant(until, 'until') }),
        };
        await writeJson(ctx, this.#careTeamKey(tenant, patient, subject), checked);
    }

    /** Takes somebody out of a patient's care team. */
    async leaveCareTeam(
        ctx: GoodputContext,
        tenant: string,
        patient: string,
        subject: string,
    ): Promise<void> {
        await this.#administer(ctx, tenant, 'care-team');
        const key = this.#careTeamKey(tenant, patient, subject);
        if ((await readJson(ctx, key)) === undefined) {
            throw new ContractsError('POLICY_NOT_FOUND', 'there is no such member');
        }
        await ctx.stub.deleteState(key);
    }

    /** Replaces a patient's consents. */
    async putConsents(
        ctx: GoodputContext,
        tenant: string,
        patient: string,
        consents: string,
        ifVersion: string,
    ): Promise<Head> {
        await this.#administer(ctx, tenant, 'consent');
        const parsed = parseDocument(consents, 'POLICY_CONSENT_INVALID', 'the consents');
        const who = { tenant, patient: identifier(patient, 'the patient') };
        const version = parseWhole(ifVersion, 'POLICY_VERSION_CHANGED', 'ifVersion');
        return putConsents(ctx, who, validateConsents(parsed), version);
    }

    /** Replaces a patient's consents by FHIR R4 Consents. */
    async putFhirConsents(
        ctx: GoodputContext,
        tenant: string,
        patient: string,
        consents: string,
        ifVersion: string,
    ): Promise<Head> {
        const parsed = parseDocument(consents, 'POLICY_CONSENT_INVALID', 'the consents');
        if (!Array.isArray(parsed)) {
            throw new ContractsError('POLICY_CONSENT_INVALID', 'the consents must be a list');
        }
        const read = parsed.map((each) => consentFromFhir(each as FhirConsent, patient));
        return this.putConsents(ctx, tenant, patient, JSON.stringify(read), ifVersion);
    }

    /** A patient's consents, as FHIR R4 Consents. */
    async fhirConsents(
        ctx: GoodputContext,
        tenant: string,
        patient: string,
    ): Promise<readonly FhirConsent[]> {
        await this.#administer(ctx, tenant, 'consent');
        const found = await consentsOf(ctx, tenant, patient);
        return (found?.consents ?? []).map((each) => consentToFhir(each, patient));
    }

    /** Breaks the glass for the caller and a patient: a code for the reason, and for how long. */
    async breakGlass(
        ctx: GoodputContext,
        tenant: string,
        patient: string,
        reason: string,
        forMs: string,
    ): Promise<GlassRow> {
        const who = { tenant, patient: identifier(patient, 'the patient') };
        return breakGlass(ctx, who, reason, parseWhole(forMs, 'POLICY_GRANT_INVALID', 'forMs'));
    }

    /** Broken glasses nobody has reviewed yet. */
    async pendingReviews(ctx: GoodputContext, tenant: string): Promise<PendingReview[]> {
        await this.#administer(ctx, tenant, 'review');
        return pendingReviews(ctx, tenant);
    }

    /** Broken glasses that were reviewed, of those broken in a stretch of time: `from` inclusive, `to` not. */
    async reviews(
        ctx: GoodputContext,
        tenant: string,
        from: string,
        to: string,
    ): Promise<ReviewedGlass[]> {
        await this.#administer(ctx, tenant, 'review');
        const [first, end] = [from, to].map((text) =>
            parseWhole(text, 'POLICY_GRANT_INVALID', 'from and to'),
        ) as [number, number];
        return reviewedGlasses(ctx, tenant, { from: first, to: end });
    }

    /** Records what a review found, as a code; `at` is when the glass was broken. */
    async reviewGlass(
        ctx: GoodputContext,
        tenant: string,
        patient: string,
        subject: string,
        at: string,
        finding: string,
    ): Promise<void> {
        await this.#administer(ctx, tenant, 'review');
        const when = parseWhole(at, 'POLICY_GRANT_INVALID', 'at');
        const code = identifier(finding, 'the finding');
        await reviewGlass(ctx, { tenant, patient, subject }, when, code);
    }

    #careTeamKey(tenant: string, patient: string, subject: string): string {
        identifier(patient, 'the patient');
        identifier(subject, 'the subject');
        return accessKeys.careTeam.build({ tenant, patient, subject });
    }

    #administer(
        ctx: GoodputContext,
        tenant: string,
        action: string,
        attributes: Readonly<Record<string, string>> = {},
    ): Promise<void> {
        return requireAdministrator(ctx, this.#options, { tenant, action, attributes });
    }
}
