import { conditionsHold, type Situation } from './applies.js';
import { namedAttributes } from './expression.js';
import { ADMINISTRATION, type Policy, type Principal, type Rule, type Subject } from './model.js';
import { roleClosure, RoleIndex } from './roles.js';

/** A policy made ready to decide. It holds nothing but what its text says. */
export interface CompiledPolicy {
    readonly policy: Policy;
    /** Names of the certificate attributes the policy looks at; no others need be read. */
    readonly subjectAttributes: ReadonlySet<string>;
    /** Every rule that applies, in the order of the policy. */
    applicable(situation: Situation): readonly Rule[];
    /** The roles a subject has, granted ones and the hierarchy included. */
    rolesOf(subject: Subject, granted: readonly string[]): ReadonlySet<string>;
}

interface Indexed {
    readonly rule: Rule;
    /** Place in the policy: what is found through several lists is put back in order. */
    readonly place: number;
}

const ANY = '*';

/** The list a rule stands in for one action, one type of resource and one kind of principal. */
function slot(action: string, type: string, principal: string): string {
    // The parts come from a policy that was checked: none contains a line break.
    return `${action}\n${type}\n${principal}`;
}

function principalKey(principal: Principal): string {
    if (principal === 'anyone') return ANY;
    if ('role' in principal) return `role ${principal.role}`;
    if ('msp' in principal) return `msp ${principal.msp}`;
    if ('unit' in principal) return `unit ${principal.unit}`;
    return `id ${principal.id}`;
}

function buildIndex(rules: readonly Rule[]): ReadonlyMap<string, readonly Indexed[]> {
    const index = new Map<string, Indexed[]>();
    rules.forEach((rule, place) => {
        const slots = new Set(
            rule.actions.flatMap((action) =>
                rule.resources.flatMap((type) =>
                    rule.principals.map((each) => slot(action, type, principalKey(each))),
                ),
            ),
        );
        for (const name of slots) {
            const list = index.get(name);
            if (list === undefined) index.set(name, [{ rule, place }]);
            else list.push({ rule, place });
        }
    });
    return index;
}

function principalKeys(subject: Subject, roles: ReadonlySet<string>): string[] {
    const keys = [ANY, `msp ${subject.msp}`, `id ${subject.id}`];
    for (const unit of subject.units) keys.push(`unit ${unit}`);
    for (const role of roles) keys.push(`role ${role}`);
    return keys;
}

/**
 * Makes a policy ready: rules are found by action, type of resource and principal instead of being looked
 * through, so that a decision costs what applies to it and not what the policy holds.
 */
export function compilePolicy(policy: Policy): CompiledPolicy {
    const closure = roleClosure(policy);
    const holders = new RoleIndex(policy);
    const index = buildIndex(policy.rules);
    const subjectAttributes = new Set(holders.attributes);
    for (const { when } of policy.rules) {
        if (when === undefined) continue;
        for (const name of namedAttributes(when)) {
            if (name.startsWith('subject.')) subjectAttributes.add(name.slice('subject.'.length));
        }
    }
    const rolesOf = (subject: Subject, granted: readonly string[]): ReadonlySet<string> => {
        const roles = new Set<string>();
        for (const name of [...holders.rolesOf(subject), ...granted]) {
            for (const included of closure.get(name) ?? []) roles.add(included);
        }
        return roles;
    };
    const applicable = (situation: Situation): readonly Rule[] => {
        const { subject, request, standing } = situation;
        const keys = principalKeys(subject, rolesOf(subject, standing.grantedRoles));
        const found = new Map<number, Rule>();
        const named = request.resource.type;
        for (const action of [request.action, ANY]) {
            for (const type of [named, ANY]) {
                const denialsOnly = type === ANY && named === ADMINISTRATION;
                for (const key of keys) {
                    for (const { rule, place } of index.get(slot(action, type, key)) ?? []) {
                        if (found.has(place) || (denialsOnly && rule.effect === 'permit')) continue;
                        if (conditionsHold(rule, situation)) found.set(place, rule);
                    }
                }
            }
        }
        return [...found].sort(([a], [b]) => a - b).map(([, rule]) => rule);
    };
    return { policy, subjectAttributes, applicable, rolesOf };
}
