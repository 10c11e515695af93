import { canonicalJson, contentHash, type GoodputContext } from '@goodput/chaincode';
import { ContractsError } from '../errors.js';
import { readJson, writeJson } from '../ledger.js';
import type { Policy } from '../policy/model.js';
import type { AdministrationOptions } from './administration.js';
import { accessKeys } from './keys.js';
import { readBody, storeBody, type Head } from './policy-store.js';

/** Which policy: of a tenant, for one type of resource or `*`. */
export interface ScopeName {
    readonly tenant: string;
    readonly scope: string;
}

/** A policy that waits for a second person. */
export interface Draft {
    readonly hash: string;
    /** The version it replaces. */
    readonly basedOn: number;
    readonly by: string;
    /** The same for all certificates of who drafted it, so that another one is not another person. */
    readonly person: string;
    readonly organisation: string;
    readonly at: number;
}

/** One version of a policy, as history keeps it. */
export interface PolicyVersion {
    readonly version: number;
    readonly hash: string;
    readonly draftedBy: string;
    readonly activatedBy: string;
    readonly at: number;
    readonly tx: string;
}

/** Bytes of canonical JSON a policy may have on the ledger. */
export const MAX_POLICY_BYTES = 4 * 1024 * 1024;
const MAX_HISTORY = 1000;

/** The version in force; 0 when there is none. */
export async function versionOf(ctx: GoodputContext, name: ScopeName): Promise<number> {
    return (await readJson<Head>(ctx, accessKeys.head.build(name)))?.version ?? 0;
}

function expectVersion(version: number, expected: number): void {
    if (version === expected) return;
    throw new ContractsError(
        'POLICY_VERSION_CHANGED',
        `version ${version} is in force, not ${expected}`,
        { expected, version },
    );
}

/** Keeps a policy as the draft of its scope, in place of an earlier draft. */
export async function saveDraft(
    ctx: GoodputContext,
    name: ScopeName,
    policy: Policy,
    ifVersion: number,
): Promise<Draft> {
    expectVersion(await versionOf(ctx, name), ifVersion);
    const body = canonicalJson(policy);
    if (Buffer.byteLength(body) > MAX_POLICY_BYTES) {
        throw new ContractsError(
            'POLICY_INVALID',
            `the policy has more than ${MAX_POLICY_BYTES} bytes; split it by resource type`,
        );
    }
    const hash = contentHash(body);
    await storeBody(ctx, accessKeys.body.build({ hash }), body);
    return putDraft(ctx, name, hash, ifVersion);
}

async function putDraft(
    ctx: GoodputContext,
    name: ScopeName,
    hash: string,
    basedOn: number,
): Promise<Draft> {
    const { key: by, person, mspId: organisation } = ctx.caller;
    const draft = { hash, basedOn, by, person, organisation, at: ctx.time.ms };
    await writeJson(ctx, accessKeys.draft.build(name), draft);
    return draft;
}

/** Makes an earlier version the draft: going back needs a second person too. */
export async function draftVersion(
    ctx: GoodputContext,
    name: ScopeName,
    version: number,
    ifVersion: number,
): Promise<Draft> {
    expectVersion(await versionOf(ctx, name), ifVersion);
    const earlier = await readVersion(ctx, name, version);
    return putDraft(ctx, name, earlier.hash, ifVersion);
}

/** One version of a policy, as history has it. */
export async function readVersion(
    ctx: GoodputContext,
    name: ScopeName,
    version: number,
): Promise<PolicyVersion> {
    const key = accessKeys.version.build({ ...name, version });
    const entry = await readJson<PolicyVersion>(ctx, key);
    return entry ?? notFound(`version ${version} of this policy`);
}

function notFound(what: string): never {
    throw new ContractsError('POLICY_NOT_FOUND', `there is no ${what}`);
}

/** The draft of a scope. */
export async function readDraft(ctx: GoodputContext, name: ScopeName): Promise<Draft> {
    const draft = await readJson<Draft>(ctx, accessKeys.draft.build(name));
    return draft ?? notFound('draft of this policy');
}

/** Takes a draft back: nothing is waiting any more. */
export async function discardDraft(ctx: GoodputContext, name: ScopeName): Promise<void> {
    await readDraft(ctx, name);
    await ctx.stub.deleteState(accessKeys.draft.build(name));
}

/** Brings a draft into force: by a second person, who names what was looked at. */
export async function activateDraft(
    ctx: GoodputContext,
    name: ScopeName,
    hash: string,
    { activation = 'another-person' }: AdministrationOptions,
): Promise<PolicyVersion> {
    const draft = await readDraft(ctx, name);
    if (draft.hash !== hash) {
        throw new ContractsError('POLICY_VERSION_CHANGED', 'the draft is another one by now', {
            expected: hash,
            draft: draft.hash,
        });
    }
    expectVersion(await versionOf(ctx, name), draft.basedOn);
    const { key: by, person, mspId } = ctx.caller;
    const same =
        activation === 'another-person' ? draft.person === person : draft.organisation === mspId;
    if (same) {
        throw new ContractsError('POLICY_SAME_PERSON', `${activation} must activate this draft`);
    }
    const version = draft.basedOn + 1;
    const entry: PolicyVersion = {
        version,
        hash,
        draftedBy: draft.by,
        activatedBy: by,
        at: ctx.time.ms,
        tx: ctx.stub.getTxID(),
    };
    await writeJson(ctx, accessKeys.head.build(name), { version, hash });
    await writeJson(ctx, accessKeys.version.build({ ...name, version }), entry);
    await ctx.stub.deleteState(accessKeys.draft.build(name));
    ctx.emit('policy-activated', { ...name, version, hash });
    return entry;
}

/** The versions of a policy, oldest first; of more than a thousand, the latest. */
export async function versionsOf(ctx: GoodputContext, name: ScopeName): Promise<PolicyVersion[]> {
    const all: PolicyVersion[] = [];
    const from = Math.max(1, (await versionOf(ctx, name)) - MAX_HISTORY + 1);
    const { startKey, endKey } = accessKeys.version.range(name, { from });
    for await (const { value } of ctx.stub.getStateByRange(startKey, endKey)) {
        all.push(JSON.parse(Buffer.from(value).toString()) as PolicyVersion);
    }
    return all;
}

/** The policy with that hash. */
export async function policyByHash(ctx: GoodputContext, hash: string): Promise<Policy> {
    const body = await readBody(ctx, accessKeys.body.build({ hash }));
    return body === undefined ? notFound('policy with this hash') : (JSON.parse(body) as Policy);
}

/** The policy in force for a scope; one without any rules when there is none. */
export async function policyOf(ctx: GoodputContext, name: ScopeName): Promise<Policy> {
    const head = await readJson<Head>(ctx, accessKeys.head.build(name));
    if (head !== undefined) return policyByHash(ctx, head.hash);
    return { format: 'goodput.policy/1', title: '', roles: {}, rules: [] };
}
