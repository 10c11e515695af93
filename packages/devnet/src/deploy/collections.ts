import { peer } from '@hyperledger/fabric-protos';
import { applicationPolicy } from '../policy/channel-policies.js';
import { parseSignaturePolicy } from '../policy/signature-policy.js';

/** A private data collection, with the members of Fabric's own `collections_config.json`. */
export interface CollectionOptions {
    readonly name: string;
    /** Whose peers hold the data, e.g. `OR('Org1MSP.member', 'Org2MSP.member')`. */
    readonly policy: string;
    /**
     * After so many further blocks the data is purged; 0 keeps it.
     * @defaultValue 0
     */
    readonly blockToLive?: number;
    /** @defaultValue false */
    readonly memberOnlyRead?: boolean;
    /** @defaultValue false */
    readonly memberOnlyWrite?: boolean;
    /** Without effect: there is no gossip here. */
    readonly requiredPeerCount?: number;
    /** Without effect: there is no gossip here. */
    readonly maxPeerCount?: number;
    /** Who must endorse writes to it; the chaincode's policy where none is given. */
    readonly endorsementPolicy?: string;
}

function collectionConfig(options: CollectionOptions): peer.CollectionConfig {
    const members = new peer.CollectionPolicyConfig();
    members.setSignaturePolicy(parseSignaturePolicy(options.policy).toMessage());
    const config = new peer.StaticCollectionConfig();
    config.setName(options.name);
    config.setMemberOrgsPolicy(members);
    config.setRequiredPeerCount(options.requiredPeerCount ?? 0);
    config.setMaximumPeerCount(options.maxPeerCount ?? 1);
    config.setBlockToLive(options.blockToLive ?? 0);
    config.setMemberOnlyRead(options.memberOnlyRead ?? false);
    config.setMemberOnlyWrite(options.memberOnlyWrite ?? false);
    if (options.endorsementPolicy !== undefined) {
        config.setEndorsementPolicy(
            peer.ApplicationPolicy.deserializeBinary(applicationPolicy(options.endorsementPolicy)),
        );
    }
    const made = new peer.CollectionConfig();
    made.setStaticCollectionConfig(config);
    return made;
}

/** Collections in the form a definition holds them. */
export function collectionPackage(
    collections: readonly CollectionOptions[] = [],
): peer.CollectionConfigPackage {
    const made = new peer.CollectionConfigPackage();
    made.setConfigList(collections.map(collectionConfig));
    return made;
}
