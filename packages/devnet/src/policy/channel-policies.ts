import { peer } from '@hyperledger/fabric-protos';
import { DevnetError } from '../errors.js';
import { ImplicitMetaPolicy, type MetaRule } from './implicit-meta-policy.js';
import type { Policy } from './policy.js';
import { parseSignaturePolicy, SignaturePolicy } from './signature-policy.js';

/** Where the endorsement policy of a chaincode that names none stands. */
export const DEFAULT_ENDORSEMENT = '/Channel/Application/Endorsement';

export type OrgPolicyName = 'Readers' | 'Writers' | 'Admins' | 'Endorsement';

/** The policies an organisation's own group has in a channel's configuration. */
export const ORG_POLICIES: Readonly<Record<OrgPolicyName, (mspId: string) => string>> = {
    Readers: (org) => `OR('${org}.admin', '${org}.peer', '${org}.client')`,
    Writers: (org) => `OR('${org}.admin', '${org}.client')`,
    Admins: (org) => `OutOf(1, '${org}.admin')`,
    Endorsement: (org) => `OutOf(1, '${org}.peer')`,
};

/** The policies of all the organisations of a channel together: name, rule, and whose policies it is over. */
export const CHANNEL_POLICIES: readonly (readonly [string, MetaRule, OrgPolicyName])[] = [
    ['Readers', 'ANY', 'Readers'],
    ['Writers', 'ANY', 'Writers'],
    ['Admins', 'MAJORITY', 'Admins'],
    ['Endorsement', 'MAJORITY', 'Endorsement'],
    ['LifecycleEndorsement', 'MAJORITY', 'Endorsement'],
];

/** The policies a channel's configuration names, by path. */
export class ChannelPolicies {
    readonly #policies: ReadonlyMap<string, Policy>;

    constructor(policies: ReadonlyMap<string, Policy>) {
        this.#policies = policies;
    }

    /** The policies that Fabric's own sample networks give a channel of these organisations. */
    static standard(mspIds: readonly string[]): ChannelPolicies {
        const policies = new Map<string, Policy>();
        for (const org of mspIds) {
            for (const [name, text] of Object.entries(ORG_POLICIES)) {
                policies.set(
                    `/Channel/Application/${org}/${name}`,
                    parseSignaturePolicy(text(org)),
                );
            }
        }
        for (const [name, rule, inner] of CHANNEL_POLICIES) {
            const parts = mspIds.map((org) => policies.get(`/Channel/Application/${org}/${inner}`));
            const known = parts.filter((part) => part !== undefined);
            const policy = new ImplicitMetaPolicy(rule, inner, known);
            policies.set(`/Channel/Application/${name}`, policy);
        }
        return new ChannelPolicies(policies);
    }

    /** The policy at a path such as `/Channel/Application/Writers`, if there is one. */
    get(path: string): Policy | undefined {
        return this.#policies.get(path);
    }

    /**
     * The policy that a `peer.ApplicationPolicy` is: of its own or a reference to a channel's.
     * Throws `DEVNET_POLICY_INVALID`.
     */
    resolve(applicationPolicy: Uint8Array): Policy {
        const message = peer.ApplicationPolicy.deserializeBinary(applicationPolicy);
        const own = message.getSignaturePolicy();
        if (own !== undefined) return new SignaturePolicy(own);
        const reference = message.getChannelConfigPolicyReference();
        const found = this.#policies.get(reference);
        if (found !== undefined) return found;
        throw new DevnetError(
            'DEVNET_POLICY_INVALID',
            `failed to retrieve policy for reference ${JSON.stringify(reference)}; the channel has ${[...this.#policies.keys()].join(', ')}.`,
        );
    }
}

/**
 * The `peer.ApplicationPolicy` for a chaincode's endorsement policy: the text of a signature policy,
 * or the path of one of the channel's policies.
 *
 * @param policy - `AND('Org1MSP.peer', 'Org2MSP.peer')`, or `/Channel/Application/Endorsement` (the default)
 */
export function applicationPolicy(policy: string = DEFAULT_ENDORSEMENT): Uint8Array {
    const message = new peer.ApplicationPolicy();
    if (policy.startsWith('/')) message.setChannelConfigPolicyReference(policy);
    else message.setSignaturePolicy(parseSignaturePolicy(policy).toMessage());
    return message.serializeBinary();
}
