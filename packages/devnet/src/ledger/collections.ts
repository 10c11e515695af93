import { common, msp, peer } from '@hyperledger/fabric-protos';

import { LIFECYCLE_NAMESPACE, readDefinition } from './lifecycle.js';

/** What the ledger needs to know of a collection. */
export interface Collection {
    readonly name: string;
    /** The serialized `SignaturePolicyEnvelope` of its members. */
    readonly memberPolicy: Uint8Array;
    /** After so many further blocks the data goes; 0 keeps it. */
    readonly blockToLive: number;
    readonly memberOnlyRead: boolean;
    readonly memberOnlyWrite: boolean;
    /** Parsed, and without effect here: there is no gossip. */
    readonly requiredPeerCount: number;
    readonly maximumPeerCount: number;
}

/**
 * The collections of a chaincode by name: those of its definition, and one of each organisation's
 * own. Undefined if the chaincode is not defined on the channel.
 */
export function collectionsOf(
    chaincode: string,
    organizations: readonly string[],
    read: (namespace: string, key: string) => Uint8Array | undefined,
): ReadonlyMap<string, Collection> | undefined {
    const collections = new Map<string, Collection>();
    if (chaincode !== LIFECYCLE_NAMESPACE) {
        const definition = readDefinition(chaincode, (key) => read(LIFECYCLE_NAMESPACE, key));
        if (!definition) {
            // a peer goes on to look for a chaincode of the old lifecycle
            read('lscc', chaincode);
            return undefined;
        }
        for (const config of definition.collections.getConfigList()) {
            const collection = config.getStaticCollectionConfig();
            if (collection) collections.set(collection.getName(), fromConfig(collection));
        }
    }
    for (const mspId of organizations) {
        const collection = implicitCollection(mspId);
        collections.set(collection.name, collection);
    }
    return collections;
}

function fromConfig(config: peer.StaticCollectionConfig): Collection {
    const policy = config.getMemberOrgsPolicy()?.getSignaturePolicy();
    return {
        name: config.getName(),
        memberPolicy: policy?.serializeBinary() ?? new Uint8Array(),
        blockToLive: config.getBlockToLive(),
        memberOnlyRead: config.getMemberOnlyRead(),
        memberOnlyWrite: config.getMemberOnlyWrite(),
        requiredPeerCount: config.getRequiredPeerCount(),
        maximumPeerCount: config.getMaximumPeerCount(),
    };
}

/** The collection that every organisation has of itself in every chaincode. */
export function implicitCollection(mspId: string): Collection {
    const role = new msp.MSPRole();
    role.setMspIdentifier(mspId);
    role.setRole(msp.MSPRole.MSPRoleType.MEMBER);
    const principal = new msp.MSPPrincipal();
    principal.setPrincipalClassification(msp.MSPPrincipal.Classification.ROLE);
    principal.setPrincipal(role.serializeBinary());
    const signedByIt = new common.SignaturePolicy();
    signedByIt.setSignedBy(0);
    const rule = new common.SignaturePolicy();
    const outOf = new common.SignaturePolicy.NOutOf();
    outOf.setN(1);
    outOf.setRulesList([signedByIt]);
    rule.setNOutOf(outOf);
    const envelope = new common.SignaturePolicyEnvelope();
    envelope.setRule(rule);
    envelope.setIdentitiesList([principal]);
    return {
        name: `_implicit_org_${mspId}`,
        memberPolicy: envelope.serializeBinary(),
        blockToLive: 0,
        memberOnlyRead: false,
        memberOnlyWrite: false,
        requiredPeerCount: 0,
        maximumPeerCount: 0,
    };
}

/** {@link collectionsOf} for many chaincodes, each looked up once. */
export function definedCollections(
    organizations: readonly string[],
    read: (namespace: string, key: string) => Uint8Array | undefined,
): (namespace: string) => ReadonlyMap<string, Collection> | undefined {
    const known = new Map<string, ReadonlyMap<string, Collection> | undefined>();
    return (namespace) => {
        if (!known.has(namespace)) {
            known.set(namespace, collectionsOf(namespace, organizations, read));
        }
        return known.get(namespace);
    };
}
