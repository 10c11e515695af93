import { ContractsError, type ContractsErrorCode } from '../errors.js';
import type { Consent, Provision } from './consent.js';
import { expressionDepth, MAX_EXPRESSION_DEPTH } from './expression.js';
import type { AccessRequest, Period, Policy, Principal } from './model.js';
import { closureSize, roleClosure } from './roles.js';
import { checkSchema, consentsSchema, policySchema, requestSchema } from './schema.js';

/** Rules a policy may have. */
export const MAX_RULES = 100_000;
/** Roles a policy may have. */
export const MAX_ROLES = 10_000;
/**
 * What rules may come to when each is written once for every one of its principals, actions and types of
 * resources: that is how they are found, and what a compiled policy takes in memory.
 */
export const MAX_INDEX_ENTRIES = 500_000;
/** What roles may come to when each is written with all it includes, directly or not. */
export const MAX_ROLE_CLOSURE = 200_000;
/** Depth to which exceptions of a consent may nest. */
export const MAX_PROVISION_DEPTH = 8;
/** Depth of JSON that is looked at at all. */
const MAX_JSON_DEPTH = 64;

function invalid(problem: string): never {
    throw new ContractsError('POLICY_INVALID', problem);
}

/** Refuses what is nested so deeply that looking through it could exhaust the stack. */
export function checkDepth(value: unknown, code: ContractsErrorCode): void {
    let level: unknown[] = [value];
    for (let depth = 0; level.length > 0; depth++) {
        if (depth > MAX_JSON_DEPTH) {
            throw new ContractsError(code, `it is nested deeper than ${MAX_JSON_DEPTH} levels`);
        }
        level = level.flatMap((each): unknown[] =>
            typeof each === 'object' && each !== null ? Object.values(each) : [],
        );
    }
}

function checkPeriod(period: Period | undefined, where: string): void {
    const { from, until } = period ?? {};
    if (from !== undefined && until !== undefined && from >= until) {
        invalid(`${where} has a period that ends before it begins`);
    }
}

/** Finds a role that includes itself. */
function cyclicRole(roles: ReadonlyMap<string, readonly string[]>): string | undefined {
    // Kahn: what is left when roles that include nothing unfinished are taken away lies on or above a circle.
    const waiting = new Map<string, number>();
    const includedBy = new Map<string, string[]>();
    for (const [role, includes] of roles) {
        waiting.set(role, includes.length);
        for (const each of includes) {
            includedBy.set(each, [...(includedBy.get(each) ?? []), role]);
        }
    }
    const free = [...waiting].filter(([, count]) => count === 0).map(([role]) => role);
    for (let role = free.pop(); role !== undefined; role = free.pop()) {
        waiting.delete(role);
        for (const above of includedBy.get(role) ?? []) {
            const count = (waiting.get(above) ?? 0) - 1;
            waiting.set(above, count);
            if (count === 0) free.push(above);
        }
    }
    return [...waiting.keys()][0];
}

function checkRoles(policy: Policy): ReadonlySet<string> {
    const roles = new Map(
        Object.entries(policy.roles).map(([role, { includes = [] }]) => [
            role,
            [...new Set(includes)],
        ]),
    );
    if (roles.size > MAX_ROLES) invalid(`it has ${roles.size} roles; ${MAX_ROLES} are allowed`);
    for (const [role, includes] of roles) {
        const unknown = includes.find((each) => !roles.has(each));
        if (unknown !== undefined)
            invalid(`the role ${role} includes ${unknown}, which is not a role`);
    }
    const cyclic = cyclicRole(roles);
    if (cyclic !== undefined) invalid(`the role ${cyclic} includes itself, or a role that does`);
    if (closureSize(roleClosure(policy, MAX_ROLE_CLOSURE)) > MAX_ROLE_CLOSURE) {
        invalid(
            `its roles include more than ${MAX_ROLE_CLOSURE} roles; make the hierarchy flatter`,
        );
    }
    const unknown = policy.breakGlass?.roles.find((role) => !roles.has(role));
    if (unknown !== undefined) invalid(`breakGlass names ${unknown}, which is not a role`);
    return new Set(roles.keys());
}

function unknownRole(
    principals: readonly Principal[],
    roles: ReadonlySet<string>,
): string | undefined {
    return principals
        .map((each) => (typeof each === 'object' && 'role' in each ? each.role : undefined))
        .find((role) => role !== undefined && !roles.has(role));
}

/** Three short lists multiply: a rule of a few kilobytes could otherwise ask for a thousand million entries. */
function checkIndexEntries({ rules }: Policy): void {
    const entries = rules.reduce(
        (sum, { principals, actions, resources }) =>
            sum + principals.length * actions.length * resources.length,
        0,
    );
    if (entries <= MAX_INDEX_ENTRIES) return;
    invalid(
        `its rules come to ${entries} combinations of principal, action and resource; ${MAX_INDEX_ENTRIES} are allowed. Use roles, and "*"`,
    );
}

/** Refuses a policy that is malformed or contradicts itself, and returns it typed. */
export function validatePolicy(value: unknown): Policy {
    checkDepth(value, 'POLICY_INVALID');
    const count = (value as { rules?: { length?: number } } | null)?.rules?.length ?? 0;
    if (count > MAX_RULES) invalid(`it has ${count} rules; ${MAX_RULES} are allowed`);
    checkSchema(policySchema, value, 'POLICY_INVALID', 'the policy');
    const policy = value as Policy;
    const roles = checkRoles(policy);
    checkIndexEntries(policy);
    const seen = new Set<string>();
    for (const { id, effect, absolute, principals, period, when } of policy.rules) {
        if (seen.has(id)) invalid(`two rules have the id ${id}`);
        seen.add(id);
        const unknown = unknownRole(principals, roles);
        if (unknown !== undefined) invalid(`the rule ${id} names ${unknown}, which is not a role`);
        if (absolute === true && effect === 'permit') {
            invalid(`the rule ${id} is an absolute permit; only denials can be absolute`);
        }
        checkPeriod(period, `the rule ${id}`);
        if (when !== undefined && expressionDepth(when) > MAX_EXPRESSION_DEPTH) {
            invalid(`the rule ${id} has a condition deeper than ${MAX_EXPRESSION_DEPTH} levels`);
        }
    }
    return policy;
}

function checkProvision(provision: Provision, depth: number): void {
    const { period: { from, until } = {}, provisions = [] } = provision;
    if (
        depth > MAX_PROVISION_DEPTH ||
        (from !== undefined && until !== undefined && from >= until)
    ) {
        throw new ContractsError(
            'POLICY_CONSENT_INVALID',
            `a provision is nested deeper than ${MAX_PROVISION_DEPTH} levels, or its period ends before it begins`,
        );
    }
    for (const each of provisions) checkProvision(each, depth + 1);
}

/** Refuses consents that are malformed, and returns them typed. */
export function validateConsents(value: unknown): readonly Consent[] {
    checkDepth(value, 'POLICY_CONSENT_INVALID');
    checkSchema(consentsSchema, value, 'POLICY_CONSENT_INVALID', 'the consents');
    const consents = value as readonly Consent[];
    if (new Set(consents.map(({ id }) => id)).size < consents.length) {
        throw new ContractsError('POLICY_CONSENT_INVALID', 'two consents have the same id');
    }
    for (const { provision } of consents) checkProvision(provision, 1);
    return consents;
}

/** Refuses a request that is malformed, and returns it typed. */
export function validateRequest(value: unknown): AccessRequest {
    checkDepth(value, 'POLICY_REQUEST_INVALID');
    checkSchema(requestSchema, value, 'POLICY_REQUEST_INVALID', 'the request');
    return value as AccessRequest;
}
