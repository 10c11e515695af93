import { common, peer } from '@hyperledger/fabric-protos';
import { validationCodeName } from '@goodput/rwset';
import { expect } from 'chai';
import { Membership } from '../identity/membership.js';
import { Msp } from '../identity/msp.js';
import { openLedger, type Ledger } from '../ledger/ledger.js';
import { LIFECYCLE_NAMESPACE, readDefinition } from '../ledger/lifecycle.js';
import {
    FIXTURE_BLOCKS,
    fixtureBlock,
    orderedBlock,
    recordedCodes,
} from '../ledger/test-support/recorded-blocks.js';
import { ChannelPolicies } from '../policy/channel-policies.js';
import { TransactionValidator } from './validate-transactions.js';
import type { ChaincodeRules } from './validation-context.js';

function envelopesOf(block: common.Block): Uint8Array[] {
    return block.getData()?.getDataList_asU8() ?? [];
}

/** The organisations of the channel, with the MSPs that its first block gives them. */
function membershipOf(genesis: common.Block): Membership {
    const [first] = envelopesOf(genesis);
    const envelope = common.Envelope.deserializeBinary(first!);
    const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
    const config = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8()).getConfig();
    const groups = config!.getChannelGroup()!.getGroupsMap();
    const msps: Msp[] = [];
    for (const section of ['Application', 'Orderer']) {
        groups
            .get(section)!
            .getGroupsMap()
            .forEach((org) => {
                msps.push(Msp.fromConfig(org.getValuesMap().get('MSP')!.getValue_asU8()));
            });
    }
    return new Membership(msps);
}

async function definitionOf(ledger: Ledger, name: string): Promise<ChaincodeRules | undefined> {
    const simulation = await ledger.simulate('lookup', { readOnly: true });
    const values = new Map<string, Uint8Array>();
    for (const field of ['Sequence', 'EndorsementInfo', 'ValidationInfo', 'Collections']) {
        const key = `namespaces/fields/${name}/${field}`;
        values.set(key, (await simulation.getState(LIFECYCLE_NAMESPACE, key)) ?? Buffer.alloc(0));
    }
    const key = `namespaces/metadata/${name}`;
    const metadata = await simulation.getState(LIFECYCLE_NAMESPACE, key);
    if (metadata !== undefined) values.set(key, metadata);
    simulation.done();
    const definition = readDefinition(name, (each) => values.get(each));
    return (
        definition && {
            policy: definition.validationInfo.getValidationParameter_asU8(),
            collections: definition.collections,
        }
    );
}

describe('validation of the blocks of a real network', () => {
    it('comes to the verdict its peers came to, for every transaction', async () => {
        const ledger = await openLedger({
            channel: 'mychannel',
            organizations: ['Org1MSP', 'Org2MSP'],
        });
        const membership = membershipOf(fixtureBlock(0));
        let lab: ChaincodeRules | undefined;
        const validator = new TransactionValidator({
            channel: 'mychannel',
            membership,
            policies: ChannelPolicies.standard(['Org1MSP', 'Org2MSP']),
            chaincode: (name) => (name === 'lab' ? lab : undefined),
            hasTransaction: (txId) => ledger.transaction(txId) !== undefined,
            keyMetadata: (namespace, key) => ledger.keyMetadata(namespace, key),
            privateMetadata: (namespace, collection, hash) =>
                ledger.privateMetadata(namespace, collection, hash),
        });
        let judged = 0;
        for (let number = 0; number < FIXTURE_BLOCKS; number++) {
            const block = orderedBlock(number);
            const envelopes = envelopesOf(block);
            // A peer takes the first block as given, and validates from the second on.
            const verdicts = number === 0 ? [{ code: 0 }] : validator.validateBlock(envelopes);
            const codes = verdicts.map(({ code }) => code);
            const committed = await ledger.commit(block, codes);
            const recorded = recordedCodes(fixtureBlock(number));
            expect(
                committed.codes.map(validationCodeName),
                `block ${number}: ${JSON.stringify(verdicts)}`,
            ).to.deep.equal(recorded.map(validationCodeName));
            if (number === 3) lab = await definitionOf(ledger, 'lab');
            judged += codes.length;
        }
        expect(judged).to.equal(63);
        expect(lab?.collections).to.be.instanceOf(peer.CollectionConfigPackage);
        await ledger.close();
    });
});
