import { ArtefactCache, type GoodputContext } from '@goodput/chaincode';
import { compilePolicy, type CompiledPolicy } from '../policy/compile.js';
import type { Consent } from '../policy/consent.js';
import type { Policy } from '../policy/model.js';
import { readJson } from '../ledger.js';
import { accessKeys } from './keys.js';

/** What is in force, and since which change. */
export interface Head {
    readonly version: number;
    readonly hash: string;
}

/** A policy in force, ready to decide. */
export interface PolicyInForce extends Head {
    readonly scope: string;
    readonly compiled: CompiledPolicy;
}

/** The scope of the policy that is asked whatever the type of the resource. */
export const EVERY_TYPE = '*';

/** Consents as they are cached: an object for the cache's sake. */
interface PatientConsents {
    readonly consents: readonly Consent[];
}

const policies = new ArtefactCache<CompiledPolicy>(
    (content) => compilePolicy(JSON.parse(content) as Policy),
    // A compiled policy holds its text's objects and an index over them.
    { maxBytes: 64 * 1024 * 1024, sizeOf: (_made, bytes) => 4 * bytes },
);
const consents = new ArtefactCache<PatientConsents>((content) => ({
    consents: JSON.parse(content) as readonly Consent[],
}));

/**
 * What the body under a key makes. Whether it is cached must not show in the transaction: a body is read
 * when it is not kept, and when it is, its validation parameter is asked for, which Fabric records as the
 * very same read of the key but without sending the value.
 */
async function bodyOf<T extends object>(
    ctx: GoodputContext,
    cache: ArtefactCache<T>,
    hash: string,
    key: string,
): Promise<T> {
    const kept = cache.kept(hash);
    if (kept !== undefined) {
        await ctx.stub.getStateValidationParameter(key);
        return kept;
    }
    return cache.ofHash(hash, async () => {
        const { body } = JSON.parse((await ctx.stub.getState(key)).toString()) as { body: string };
        return body;
    });
}

/** The policy in force for one scope of a tenant; its head is read, so that a change ends the transaction. */
export async function policyInForce(
    ctx: GoodputContext,
    tenant: string,
    scope: string,
): Promise<PolicyInForce | undefined> {
    const head = await readJson<Head>(ctx, accessKeys.head.build({ tenant, scope }));
    if (head === undefined) return undefined;
    const { version, hash } = head;
    const compiled = await bodyOf(ctx, policies, hash, accessKeys.body.build({ hash }));
    return { scope, version, hash, compiled };
}

/** The policies that decide about a type of resource: the type's own and the tenant's. */
export async function policiesFor(
    ctx: GoodputContext,
    tenant: string,
    type: string,
): Promise<PolicyInForce[]> {
    const found: PolicyInForce[] = [];
    for (const scope of new Set([type, EVERY_TYPE])) {
        const policy = await policyInForce(ctx, tenant, scope);
        if (policy !== undefined) found.push(policy);
    }
    return found;
}

/** A patient's consents, and the hash they are known by. */
export async function consentsOf(
    ctx: GoodputContext,
    tenant: string,
    patient: string,
): Promise<(Head & PatientConsents) | undefined> {
    const head = await readJson<Head>(ctx, accessKeys.consent.build({ tenant, patient }));
    if (head === undefined) return undefined;
    const { version, hash } = head;
    const key = accessKeys.consentBody.build({ hash });
    const { consents: all } = await bodyOf(ctx, consents, hash, key);
    return { version, hash, consents: all };
}

/** Stores content under its hash, unless it is there: a body that is written again would look changed. */
export async function storeBody(ctx: GoodputContext, key: string, body: string): Promise<void> {
    const existing = await ctx.stub.getState(key);
    // As text within an object: state databases may reorder objects, but never touch text.
    if (existing.length === 0) await ctx.stub.putState(key, JSON.stringify({ body }));
}

/** The text under a body's key. */
export async function readBody(ctx: GoodputContext, key: string): Promise<string | undefined> {
    return (await readJson<{ body: string }>(ctx, key))?.body;
}

/** @internal How many compiled policies this process keeps; for tests. */
export function keptPolicies(): number {
    return policies.size;
}
