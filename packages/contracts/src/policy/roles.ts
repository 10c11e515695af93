import type { Policy, RoleHolder, Subject } from './model.js';

/** Whether a certificate is among a role's holders. */
export function holdsRole(subject: Subject, holder: RoleHolder): boolean {
    if (holder.msp !== undefined && holder.msp !== subject.msp) return false;
    if ('unit' in holder) return subject.units.includes(holder.unit);
    if ('attribute' in holder) {
        // An own property, so that no certificate attribute can reach Object.prototype.
        const own = Object.hasOwn(subject.attributes, holder.attribute);
        return own && subject.attributes[holder.attribute] === holder.equals;
    }
    return true;
}

/** How many roles all roles together come to, a role and what it includes: how many a holder has, summed up. */
export function closureSize(closure: ReadonlyMap<string, ReadonlySet<string>>): number {
    let size = 0;
    for (const reached of closure.values()) size += reached.size;
    return size;
}

/**
 * For every role, all roles its holder has: itself and, through the hierarchy, what it includes.
 *
 * @param limit - entries after which it stops, with one more than that
 */
export function roleClosure(
    policy: Policy,
    limit = Infinity,
): ReadonlyMap<string, ReadonlySet<string>> {
    let size = 0;
    const roles = new Map(Object.entries(policy.roles));
    const closure = new Map<string, ReadonlySet<string>>();
    for (const name of roles.keys()) {
        const reached = new Set<string>();
        const open = [name];
        for (let role = open.pop(); role !== undefined; role = open.pop()) {
            if (reached.has(role)) continue;
            reached.add(role);
            if (++size > limit) return closure.set(name, reached);
            open.push(...(roles.get(role)?.includes ?? []));
        }
        closure.set(name, reached);
    }
    return closure;
}

function holderKey(holder: RoleHolder): string {
    if ('unit' in holder) return `unit\n${holder.unit}`;
    if ('attribute' in holder) return `attribute\n${holder.attribute}\n${holder.equals}`;
    return `msp\n${holder.msp}`;
}

/** Finds the roles of a certificate by what it says, instead of looking through all roles. */
export class RoleIndex {
    readonly #byKey = new Map<string, { readonly role: string; readonly holder: RoleHolder }[]>();
    /** Names of the certificate attributes that any role looks at. */
    readonly attributes: ReadonlySet<string>;

    constructor(policy: Policy) {
        const attributes = new Set<string>();
        for (const [role, { holders = [] }] of Object.entries(policy.roles)) {
            for (const holder of holders) {
                const key = holderKey(holder);
                const list = this.#byKey.get(key);
                if (list === undefined) this.#byKey.set(key, [{ role, holder }]);
                else list.push({ role, holder });
                if ('attribute' in holder) attributes.add(holder.attribute);
            }
        }
        this.attributes = attributes;
    }

    /** The roles whose holders the subject is among, before the hierarchy. */
    rolesOf(subject: Subject): string[] {
        const found = this.#of(`msp\n${subject.msp}`, subject);
        for (const unit of subject.units) found.push(...this.#of(`unit\n${unit}`, subject));
        for (const name of this.attributes) {
            if (!Object.hasOwn(subject.attributes, name)) continue;
            const value = subject.attributes[name] ?? '';
            found.push(...this.#of(`attribute\n${name}\n${value}`, subject));
        }
        return found;
    }

    #of(key: string, subject: Subject): string[] {
        const found = this.#byKey.get(key) ?? [];
        return found.filter(({ holder }) => holdsRole(subject, holder)).map(({ role }) => role);
    }
}
