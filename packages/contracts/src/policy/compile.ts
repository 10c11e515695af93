import { conditionsHold, type Situation } from './applies.js';
import type {
    Decision,
    Obligation,
    Policy,
    Principal,
    Rule,
    Subject,
    TraceEntry,
} from './model.js';
import { roleClosure, rolesByCertificate } from './roles.js';

/** A policy made ready to decide. It holds nothing but what its text says. */
export interface CompiledPolicy {
    readonly policy: Policy;
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

/**
 * Makes a policy ready: rules are found by action, type of resource and principal instead of being looked
 * through, so that a decision costs what applies to it and not what the policy holds.
 */
export function compilePolicy(policy: Policy): CompiledPolicy {
    const closure = roleClosure(policy);
    const index = buildIndex(policy.rules);
    const rolesOf = (subject: Subject, granted: readonly string[]): ReadonlySet<string> => {
        const roles = new Set<string>();
        for (const name of [...rolesByCertificate(policy, subject), ...granted]) {
            for (const included of closure.get(name) ?? []) roles.add(included);
        }
        return roles;
    };
    const applicable = (situation: Situation): readonly Rule[] => {
        const { subject, request, standing } = situation;
        const keys = [
            ANY,
            `msp ${subject.msp}`,
            `id ${subject.id}`,
            ...subject.units.map((unit) => `unit ${unit}`),
            ...[...rolesOf(subject, standing.grantedRoles)].map((role) => `role ${role}`),
        ];
        const found = new Map<number, Rule>();
        for (const action of [request.action, ANY]) {
            for (const type of [request.resource.type, ANY]) {
                for (const key of keys) {
                    for (const { rule, place } of index.get(slot(action, type, key)) ?? []) {
                        if (!found.has(place) && conditionsHold(rule, situation)) {
                            found.set(place, rule);
                        }
                    }
                }
            }
        }
        return [...found].sort(([a], [b]) => a - b).map(([, rule]) => rule);
    };
    return { policy, applicable, rolesOf };
}

/** A rule that applies, and what it belongs to. */
export interface Applicable {
    readonly source: string;
    readonly rule: Pick<Rule, 'id' | 'effect' | 'obligations'>;
}

function traced(applicable: readonly Applicable[]): TraceEntry[] {
    return applicable.map(({ source, rule }) => ({ source, rule: rule.id, effect: rule.effect }));
}

function obligationsOf(applicable: readonly Applicable[]): Obligation[] {
    return applicable.flatMap(({ rule }) => rule.obligations ?? []);
}

/** Combines what applies: one denial is enough to deny, nothing at all denies too. */
export function combine(applicable: readonly Applicable[]): Decision {
    const denials = applicable.filter(({ rule }) => rule.effect === 'deny');
    const deciding = denials.length > 0 ? denials : applicable;
    const effect = denials.length === 0 && applicable.length > 0 ? 'PERMIT' : 'DENY';
    return { effect, because: traced(deciding), obligations: obligationsOf(deciding) };
}
