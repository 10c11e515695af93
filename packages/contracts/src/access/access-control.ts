import { canonicalJson, type GoodputContext } from '@goodput/chaincode';
import { ContractsError } from '../errors.js';
import { readJson } from '../ledger.js';
import { inPeriod } from '../policy/applies.js';
import { decide, type BrokenGlass, type DecisionInput } from '../policy/decide.js';
import { grantedRoles, grantsInForce, type Grant } from '../policy/grants.js';
import type { AccessRequest, Decision, Period } from '../policy/model.js';
import { validateRequest } from '../policy/validate.js';
import { accessKeys } from './keys.js';
import { consentsOf, policiesFor } from './policy-store.js';
import { subjectOf } from './subject.js';

/** The tenant of requests that name none. */
export const DEFAULT_TENANT = 'default';

/** A decision, and exactly what it was made from. */
export interface AccessDecision extends Decision {
    /** The policies in force: scope, version and hash. */
    readonly policies: readonly {
        readonly scope: string;
        readonly version: number;
        readonly hash: string;
    }[];
    /** The hash of the patient's consents, when there are any. */
    readonly consents?: string;
    /** Whom it is about: the caller's key. */
    readonly subject: string;
}

/** The grants of somebody, in force or not. */
export async function grantsOf(
    ctx: GoodputContext,
    tenant: string,
    subject: string,
): Promise<readonly Grant[]> {
    const row = await readJson<{ grants: Grant[] }>(
        ctx,
        accessKeys.grants.build({ tenant, subject }),
    );
    return row?.grants ?? [];
}

async function inCareTeam(ctx: GoodputContext, tenant: string, patient: string): Promise<boolean> {
    const key = accessKeys.careTeam.build({ tenant, patient, subject: ctx.caller.key });
    const period = await readJson<Period>(ctx, key);
    return period !== undefined && inPeriod(period, ctx.time.ms);
}

/**
 * Decides whether the caller may do what the request says. A denial is a result: record it.
 *
 * Call it in your own contract, on the ledger the access policies are kept on. Everything the decision
 * depends on is read, so that a revocation that commits first invalidates the transaction.
 *
 * @example
 * ```ts
 * import { authorize } from '@goodput/contracts';
 * import { GoodputContract, type GoodputContext } from '@goodput/chaincode';
 *
 * export class Notes extends GoodputContract {
 *   async read(ctx: GoodputContext, id: string, patient: string): Promise<string> {
 *     const resource = { type: 'note', id, patient };
 *     const decision = await authorize(ctx, { action: 'read', resource, purpose: 'treatment' });
 *     return decision.effect;
 *   }
 * }
 * ```
 */
export async function authorize(
    ctx: GoodputContext,
    request: AccessRequest,
): Promise<AccessDecision> {
    const { resource } = validateRequest(request);
    const { tenant = DEFAULT_TENANT, patient, type } = resource;
    const inForce = await policiesFor(ctx, tenant, type);
    const compiled = inForce.map((each) => each.compiled);
    const names = compiled.flatMap(({ subjectAttributes }) => [...subjectAttributes]);
    const subject = subjectOf(ctx.caller, names);
    const now = ctx.time.ms;
    const grants = await grantsInForce(subject.id, now, (whose) => grantsOf(ctx, tenant, whose));
    const consents = patient === undefined ? undefined : await consentsOf(ctx, tenant, patient);
    const input: DecisionInput = {
        policies: inForce.map(({ scope, compiled: policy }) => ({
            source: `policy:${scope}`,
            compiled: policy,
        })),
        subject,
        request,
        now,
        careTeam: patient !== undefined && (await inCareTeam(ctx, tenant, patient)),
        grantedRoles: grantedRoles(grants, compiled),
        ...(consents && { consents: consents.consents }),
    };
    return {
        ...(await decideWithGlass(ctx, input)),
        policies: inForce.map(({ scope, version, hash }) => ({ scope, version, hash })),
        ...(consents && { consents: consents.hash }),
        subject: subject.id,
    };
}

/** Looks for a broken glass only where access is denied without one: most transactions need not read it. */
async function decideWithGlass(ctx: GoodputContext, input: DecisionInput): Promise<Decision> {
    const decision = decide(input);
    const { tenant = DEFAULT_TENANT, patient } = input.request.resource;
    if (decision.effect === 'PERMIT' || patient === undefined) return decision;
    const key = accessKeys.glass.build({ tenant, patient, subject: input.subject.id });
    const brokenGlass = await readJson<BrokenGlass>(ctx, key);
    return brokenGlass === undefined ? decision : decide({ ...input, brokenGlass });
}

/** {@link authorize}, with an error `POLICY_DENIED` for a denial: nothing is recorded of it then. */
export async function enforce(
    ctx: GoodputContext,
    request: AccessRequest,
): Promise<AccessDecision> {
    const decision = await authorize(ctx, request);
    refuseDenied(decision);
    return decision;
}

/** Throws `POLICY_DENIED` for a denial; the details name the deciding rules. */
export function refuseDenied(decision: Decision): void {
    if (decision.effect === 'PERMIT') return;
    const because = decision.because.map(({ source, rule }) => `${source} ${rule}`);
    const why = because.length === 0 ? 'no rule permits it' : 'a rule denies it';
    throw new ContractsError('POLICY_DENIED', `access is denied: ${why}`, { because });
}

/**
 * Asks an access policy contract of another chaincode on the same channel. The decision is about the
 * caller of this transaction, and its reads become part of this transaction.
 */
export async function authorizeBy(
    ctx: GoodputContext,
    chaincode: string,
    request: AccessRequest,
): Promise<AccessDecision> {
    const args = ['AccessPolicyContract:authorize', canonicalJson(validateRequest(request))];
    const { status, message, payload } = await ctx.stub.invokeChaincode(chaincode, args, '');
    const answer = Buffer.from(payload ?? []).toString();
    if (status !== 200) {
        throw new ContractsError(
            'POLICY_REQUEST_INVALID',
            `the chaincode ${chaincode} gave no decision: ${message}`,
        );
    }
    return JSON.parse(answer) as AccessDecision;
}
