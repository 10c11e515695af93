import type { peer } from '@hyperledger/fabric-protos';
import type { Membership } from '../identity/membership.js';
import type { ChannelPolicies } from '../policy/channel-policies.js';

/** What validation needs to know of a chaincode that is defined on the channel. */
export interface ChaincodeRules {
    /** Serialized `peer.ApplicationPolicy`; empty for the channel's default endorsement policy. */
    readonly policy: Uint8Array;
    readonly collections: peer.CollectionConfigPackage;
}

/** Metadata of a key by name, as the committed state has it. */
export type KeyMetadata = ReadonlyMap<string, Uint8Array> | undefined;

/** The channel as it stands before a block, as far as validation looks at it. */
export interface ValidationContext {
    readonly channel: string;
    readonly membership: Membership;
    readonly policies: ChannelPolicies;
    /** The rules of a chaincode, if it is defined on the channel. */
    chaincode(name: string): ChaincodeRules | undefined;
    /** Whether the ledger has a transaction of this id already. */
    hasTransaction(txId: string): boolean;
    keyMetadata(namespace: string, key: string): KeyMetadata;
    privateMetadata(namespace: string, collection: string, keyHash: Uint8Array): KeyMetadata;
}
