import { inPeriod, situationOf, type Situation } from './applies.js';
import type { CompiledPolicy } from './compile.js';
import { evaluateConsents, type Consent } from './consent.js';
import {
    ADMINISTRATION,
    type AccessRequest,
    type Decision,
    type Obligation,
    type Rule,
    type Subject,
} from './model.js';

/** A glass that was broken. */
export interface BrokenGlass {
    readonly reason: string;
    readonly from: number;
    readonly until: number;
}

/** Everything a decision depends on. */
export interface DecisionInput {
    /** The policies of the scopes the request falls in, each with the name decisions call it by. */
    readonly policies: readonly { readonly source: string; readonly compiled: CompiledPolicy }[];
    readonly subject: Subject;
    readonly request: AccessRequest;
    /** The transaction's time in milliseconds since 1970. */
    readonly now: number;
    readonly careTeam?: boolean;
    readonly grantedRoles?: readonly string[];
    /** The patient's consents. */
    readonly consents?: readonly Consent[];
    readonly brokenGlass?: BrokenGlass;
}

/** A rule that applies, and what it belongs to. */
export interface Applicable {
    readonly source: string;
    readonly rule: Pick<Rule, 'id' | 'effect' | 'obligations' | 'absolute'>;
}

/** Combines what applies: one denial is enough to deny, nothing at all denies too. */
export function combine(applicable: readonly Applicable[]): Decision {
    const denials = applicable.filter(({ rule }) => rule.effect === 'deny');
    const deciding = denials.length > 0 ? denials : applicable;
    const effect = denials.length === 0 && applicable.length > 0 ? 'PERMIT' : 'DENY';
    const because = deciding.map(({ source, rule }) => ({
        source,
        rule: rule.id,
        effect: rule.effect,
    }));
    const obligations = deciding.flatMap(({ rule }) => rule.obligations ?? []);
    return { effect, because, obligations, breakGlass: false };
}

function covers(names: readonly string[], name: string): boolean {
    return names.includes('*') || names.includes(name);
}

/** Whether the terms of one of the policies allow this glass to be broken for this request. */
export function glassHolds(
    policies: readonly CompiledPolicy[],
    situation: Situation,
    glass: BrokenGlass,
): boolean {
    const { subject, request, standing, now } = situation;
    return policies.some((compiled) => {
        const terms = compiled.policy.breakGlass;
        if (terms === undefined || !inPeriod(glass, now)) return false;
        if (glass.until - glass.from > terms.maxMs || !terms.reasons.includes(glass.reason)) {
            return false;
        }
        if (!covers(terms.actions, request.action)) return false;
        const { type } = request.resource;
        // As in a rule that permits, `*` is not administration: that must be named.
        const named = type === ADMINISTRATION;
        if (named ? !terms.resources.includes(type) : !covers(terms.resources, type)) return false;
        const roles = compiled.rolesOf(subject, standing.grantedRoles);
        return terms.roles.some((role) => roles.has(role));
    });
}

function throughGlass(glass: BrokenGlass): Decision {
    const details = { reason: glass.reason, until: glass.until };
    const obligations: Obligation[] = [
        { action: 'notify', details },
        { action: 'review', details },
    ];
    const because = [{ source: 'break-glass', rule: glass.reason, effect: 'permit' as const }];
    return { effect: 'PERMIT', because, obligations, breakGlass: true };
}

/**
 * Decides: denials override, nothing applicable denies. A broken glass lifts a denial unless one of the
 * denying rules is absolute. The result depends on the input alone.
 *
 * @example
 * ```ts
 * import { compilePolicy, decide } from '@goodput/contracts';
 *
 * const compiled = compilePolicy({
 *   format: 'goodput.policy/1',
 *   title: 'Ward',
 *   roles: { nurse: { holders: [{ attribute: 'role', equals: 'nurse' }] } },
 *   rules: [
 *     {
 *       id: 'nurses-read',
 *       effect: 'permit',
 *       principals: [{ role: 'nurse' }],
 *       actions: ['read'],
 *       resources: ['vital'],
 *     },
 *   ],
 * });
 * const subject = { id: 'u1', msp: 'Org1MSP', units: [], attributes: { role: 'nurse' } };
 * const request = {
 *   action: 'read',
 *   resource: { type: 'vital', id: 'v1' },
 *   purpose: 'treatment',
 * };
 * const policies = [{ source: 'ward', compiled }];
 * console.log(decide({ policies, subject, request, now: 0 }).effect); // => PERMIT
 * ```
 */
export function decide(input: DecisionInput): Decision {
    const { policies, subject, request, now, consents = [], brokenGlass } = input;
    const grantedRoles = input.grantedRoles ?? [];
    const roles = new Set<string>();
    if (consents.length > 0) {
        for (const { compiled } of policies) {
            for (const role of compiled.rolesOf(subject, grantedRoles)) roles.add(role);
        }
    }
    const consent = evaluateConsents(consents, { subject, roles, request, now });
    const standing = { careTeam: input.careTeam ?? false, grantedRoles, consent: consent.permits };
    const situation = situationOf(subject, request, standing, now);
    const applicable: Applicable[] = [...consent.denials];
    for (const { source, compiled } of policies) {
        for (const rule of compiled.applicable(situation)) applicable.push({ source, rule });
    }
    const decision = combine(applicable);
    if (decision.effect === 'PERMIT' || brokenGlass === undefined) return decision;
    const isAbsolute = applicable.some(
        ({ rule }) => rule.effect === 'deny' && rule.absolute === true,
    );
    const compiled = policies.map((each) => each.compiled);
    if (isAbsolute || !glassHolds(compiled, situation, brokenGlass)) return decision;
    return throughGlass(brokenGlass);
}
