import { inPeriod } from './applies.js';
import type { CompiledPolicy } from './compile.js';

/** A role somebody has for a time, beyond what the certificate says. */
export interface Grant {
    readonly id: string;
    readonly role: string;
    /** First instant at which it holds. */
    readonly from: number;
    /** First instant at which it no longer does. */
    readonly until: number;
    /** Who gave it: a caller's key. */
    readonly by: string;
    /** The transaction that gave it: a name that is given again is another grant. */
    readonly tx: string;
    /** Of a delegation: the grant it was lent from; none when it was lent from a certificate. */
    readonly parent?: { readonly subject: string; readonly id: string; readonly tx: string };
    /** How often it was lent on; 0 when an administrator gave it. */
    readonly depth: number;
}

/** Gives the grants of somebody. */
export type GrantsOf = (subject: string) => Promise<readonly Grant[]>;

/** Links a chain of delegations may have. */
export const MAX_DELEGATION_DEPTH = 3;

/**
 * The grants in force: those in their period whose whole chain of delegations is. A grant that was revoked
 * takes with it everything that was lent from it.
 */
export async function grantsInForce(
    subject: string,
    now: number,
    grantsOf: GrantsOf,
): Promise<readonly Grant[]> {
    const inForce: Grant[] = [];
    for (const grant of await grantsOf(subject)) {
        if (await holds(grant, now, grantsOf, MAX_DELEGATION_DEPTH)) inForce.push(grant);
    }
    return inForce;
}

async function holds(
    grant: Grant,
    now: number,
    grantsOf: GrantsOf,
    links: number,
): Promise<boolean> {
    if (!inPeriod(grant, now) || grant.depth > MAX_DELEGATION_DEPTH) return false;
    const { parent } = grant;
    if (parent === undefined) return true;
    if (links === 0) return false;
    const lender = (await grantsOf(parent.subject)).find(
        ({ id, tx }) => id === parent.id && tx === parent.tx,
    );
    // Lending passes on the very role and no more time than the lender has; a changed lender ends it.
    if (lender?.role !== grant.role || lender.depth !== grant.depth - 1) return false;
    return holds(lender, now, grantsOf, links - 1);
}

/**
 * The roles that grants give under policies, which may since have lowered how deep they may be lent. Where
 * several policies define a role, each must allow the loan: one by a strict policy's name must not slip in
 * by a lenient one's terms.
 */
export function grantedRoles(
    grants: readonly Grant[],
    policies: readonly CompiledPolicy[],
): string[] {
    const allowed = ({ role, depth }: Grant): boolean => {
        if (depth === 0) return true;
        const terms = policies.flatMap(({ policy: { roles } }) =>
            Object.hasOwn(roles, role) ? [roles[role]?.delegation] : [],
        );
        return terms.length > 0 && terms.every((each) => depth <= (each?.maxDepth ?? 0));
    };
    return [...new Set(grants.filter(allowed).map(({ role }) => role))];
}
