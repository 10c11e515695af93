import { common, peer } from '@hyperledger/fabric-protos';

import { implicitCollection } from '../collections.js';
import type { Ledger } from '../ledger.js';
import { definitionWrites, LIFECYCLE_NAMESPACE } from '../lifecycle.js';
import { commitTogether, work } from './build-block.js';

/** Whom the collections of the tests are for. */
export const MEMBERS = implicitCollection('Org1MSP').memberPolicy;

/** A collection to define. */
export interface CollectionOptions {
    readonly name: string;
    readonly blockToLive: number;
    readonly memberOnlyRead?: boolean;
    readonly memberOnlyWrite?: boolean;
}

/** Commits a chaincode definition with these collections, as block 0. */
export async function defineCollections(
    ledger: Ledger,
    collections: readonly CollectionOptions[],
): Promise<void> {
    const configs = new peer.CollectionConfigPackage();
    for (const options of collections) {
        const policy = new peer.CollectionPolicyConfig();
        policy.setSignaturePolicy(common.SignaturePolicyEnvelope.deserializeBinary(MEMBERS));
        const collection = new peer.StaticCollectionConfig();
        collection.setName(options.name);
        collection.setMemberOrgsPolicy(policy);
        collection.setBlockToLive(options.blockToLive);
        collection.setMemberOnlyRead(options.memberOnlyRead ?? false);
        collection.setMemberOnlyWrite(options.memberOnlyWrite ?? false);
        collection.setRequiredPeerCount(1);
        collection.setMaximumPeerCount(2);
        const config = new peer.CollectionConfig();
        config.setStaticCollectionConfig(collection);
        configs.addConfig(config);
    }
    const definition = {
        sequence: 1,
        endorsementInfo: new peer.lifecycle.ChaincodeEndorsementInfo(),
        validationInfo: new peer.lifecycle.ChaincodeValidationInfo(),
        collections: configs,
    };
    await commitTogether(
        ledger,
        work((simulation) => {
            for (const [key, value] of definitionWrites('cc', definition, () => undefined)) {
                simulation.putState(LIFECYCLE_NAMESPACE, key, value);
            }
        }),
    );
}
