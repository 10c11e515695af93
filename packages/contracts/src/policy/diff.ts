import { canonicalJson } from '@goodput/chaincode';
import { compilePolicy } from './compile.js';
import { decide } from './decide.js';
import type { Decision, Policy, Principal, Rule, Subject } from './model.js';

/** One kind of access whose answer changes. */
export interface AccessChange {
    readonly principal: Principal;
    readonly action: string;
    readonly resource: string;
    readonly purpose: string;
    readonly label?: string;
    readonly careTeam: boolean;
    readonly consent: boolean;
    readonly before: Decision['effect'];
    readonly after: Decision['effect'];
}

/** Who gains and who loses when one policy replaces another. */
export interface PolicyDiff {
    readonly gains: readonly AccessChange[];
    readonly loses: readonly AccessChange[];
    /** Rules whose conditions changed: the changes above assume that conditions hold. */
    readonly conditionsChanged: readonly string[];
    /** Rules that are new, gone or different. */
    readonly rulesChanged: readonly string[];
    /** Whether every combination was tried; if not, there may be more to find. */
    readonly complete: boolean;
}

/** What {@link diffPolicies} takes. */
export interface DiffOptions {
    /** The instant to decide at. */
    readonly now: number;
    /** Combinations tried at most. @default 200,000 */
    readonly maxCases?: number;
}

/** A name no rule mentions: it stands for everything a rule with `*` reaches. */
const OTHER = '(any other)';

function mentioned(
    rules: readonly Rule[],
    of: (rule: Rule) => readonly string[] = () => [],
): string[] {
    return [...new Set([...rules.flatMap(of).filter((name) => name !== '*'), OTHER])];
}

function withoutConditions(policy: Policy): Policy {
    const rules = policy.rules.map((rule) => {
        const { when, ...rest } = rule;
        return when === undefined ? rule : rest;
    });
    return { ...policy, rules };
}

function subjectLike(principal: Principal): { subject: Subject; roles: string[] } {
    const nobody = { id: OTHER, msp: OTHER, units: [], attributes: {} };
    if (principal === 'anyone') return { subject: nobody, roles: [] };
    if ('role' in principal) return { subject: nobody, roles: [principal.role] };
    if ('msp' in principal) return { subject: { ...nobody, msp: principal.msp }, roles: [] };
    if ('unit' in principal) return { subject: { ...nobody, units: [principal.unit] }, roles: [] };
    return { subject: { ...nobody, id: principal.id }, roles: [] };
}

function principalsOf(before: Policy, after: Policy): Principal[] {
    const all = new Map<string, Principal>([['"anyone"', 'anyone']]);
    for (const policy of [before, after]) {
        for (const role of Object.keys(policy.roles)) all.set(canonicalJson({ role }), { role });
        for (const each of policy.rules.flatMap(({ principals }) => principals)) {
            all.set(canonicalJson(each), each);
        }
    }
    return [...all.values()];
}

type Case = Omit<AccessChange, 'before' | 'after'>;

function* casesOf(before: Policy, after: Policy): Generator<Case> {
    const rules = [...before.rules, ...after.rules];
    const labels = [undefined, ...mentioned(rules, ({ labels: each }) => each ?? [])];
    const careTeams = rules.some(({ careTeam }) => careTeam) ? [false, true] : [false];
    const consents = rules.some(({ consent }) => consent) ? [false, true] : [false];
    for (const principal of principalsOf(before, after))
        for (const action of mentioned(rules, ({ actions }) => actions))
            for (const resource of mentioned(rules, ({ resources }) => resources))
                for (const purpose of mentioned(rules, ({ purposes }) => purposes ?? []))
                    for (const label of labels)
                        for (const careTeam of careTeams)
                            for (const consent of consents) {
                                const one = { principal, action, resource, purpose };
                                const named = label === undefined ? {} : { label };
                                yield { ...one, ...named, careTeam, consent };
                            }
}

function byId(policy: Policy): ReadonlyMap<string, Rule> {
    return new Map(policy.rules.map((rule) => [rule.id, rule]));
}

/**
 * Tries both policies on every combination of what they mention, and on what neither mentions: a dry run of
 * a change. Conditions are taken to hold.
 */
export function diffPolicies(before: Policy, after: Policy, options: DiffOptions): PolicyDiff {
    const { now, maxCases = 200_000 } = options;
    const [old, fresh] = [before, after].map((each) => compilePolicy(withoutConditions(each)));
    const gains: AccessChange[] = [];
    const loses: AccessChange[] = [];
    let [cases, complete] = [0, true];
    for (const each of casesOf(before, after)) {
        if (++cases > maxCases) {
            complete = false;
            break;
        }
        const { subject, roles } = subjectLike(each.principal);
        const labels = each.label === undefined ? [] : [each.label];
        const resource = { type: each.resource, id: OTHER, labels };
        const answer = (compiled: typeof old): Decision['effect'] => {
            if (compiled === undefined) return 'DENY';
            const policies = [{ source: '', compiled }];
            const request = { action: each.action, purpose: each.purpose, resource };
            const consents = each.consent
                ? [{ id: 'c', status: 'active' as const, provision: { type: 'permit' as const } }]
                : [];
            const facts = { careTeam: each.careTeam, grantedRoles: roles, consents };
            return decide({ policies, subject, request, now, ...facts }).effect;
        };
        const change = { ...each, before: answer(old), after: answer(fresh) };
        if (change.before === change.after) continue;
        (change.after === 'PERMIT' ? gains : loses).push(change);
    }
    const [oldRules, freshRules] = [byId(before), byId(after)];
    const ids = [...new Set([...oldRules.keys(), ...freshRules.keys()])];
    const differs = (of: (rule: Rule | undefined) => unknown): string[] =>
        ids.filter(
            (id) =>
                canonicalJson(of(oldRules.get(id)) ?? null) !==
                canonicalJson(of(freshRules.get(id)) ?? null),
        );
    return {
        gains,
        loses,
        conditionsChanged: differs((rule) => rule?.when),
        rulesChanged: differs((rule) => rule),
        complete,
    };
}
