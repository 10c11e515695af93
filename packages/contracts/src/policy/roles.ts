import type { Policy, RoleHolder, Subject } from './model.js';

function holds(subject: Subject, holder: RoleHolder): boolean {
    if ('unit' in holder) {
        const inMsp = holder.msp === undefined || holder.msp === subject.msp;
        return inMsp && subject.units.includes(holder.unit);
    }
    if ('attribute' in holder) {
        const inMsp = holder.msp === undefined || holder.msp === subject.msp;
        // An own property, so that no certificate attribute can reach Object.prototype.
        const own = Object.hasOwn(subject.attributes, holder.attribute);
        return inMsp && own && subject.attributes[holder.attribute] === holder.equals;
    }
    return subject.msp === holder.msp;
}

/** For every role, all roles its holder has: itself and, through the hierarchy, what it includes. */
export function roleClosure(policy: Policy): ReadonlyMap<string, ReadonlySet<string>> {
    const closure = new Map<string, ReadonlySet<string>>();
    for (const name of Object.keys(policy.roles)) {
        const reached = new Set<string>();
        const open = [name];
        for (let role = open.pop(); role !== undefined; role = open.pop()) {
            if (reached.has(role)) continue;
            reached.add(role);
            open.push(...(policy.roles[role]?.includes ?? []));
        }
        closure.set(name, reached);
    }
    return closure;
}

/** The roles whose holders the subject is among by certificate, before the hierarchy. */
export function rolesByCertificate(policy: Policy, subject: Subject): string[] {
    return Object.entries(policy.roles)
        .filter(([, { holders }]) => holders?.some((holder) => holds(subject, holder)))
        .map(([name]) => name);
}
