import { createHash } from 'node:crypto';
import { common, peer } from '@hyperledger/fabric-protos';
import type { Channel } from '../channel/channel.js';
import type { Definition } from '../channel/definitions.js';
import { DevnetError } from '../errors.js';
import { prepareTransaction } from '../gateway/prepare-transaction.js';
import type { SigningIdentity } from '../identity/signing-identity.js';
import { LIFECYCLE_NAMESPACE } from '../ledger/lifecycle.js';
import type { Peer } from '../peer/peer.js';
import { unpackEnvelope } from '../orderer/check-envelope.js';
import { makeProposal } from './make-proposal.js';

const { ApproveChaincodeDefinitionForMyOrgArgs, CommitChaincodeDefinitionArgs, ChaincodeSource } =
    peer.lifecycle;

/** An organisation's part in agreeing on a chaincode. */
export interface Signatory {
    readonly admin: SigningIdentity;
    readonly peer: Peer;
}

/** A definition to be agreed on, in the place of the one there is. */
export type NewDefinition = Omit<Definition, 'sequence'>;

/** Runs a lifecycle transaction on those peers and commits it in a block of its own. */
async function transact(
    channel: Channel,
    admin: SigningIdentity,
    peers: readonly Peer[],
    call: { readonly name: string; readonly argument: Uint8Array; readonly time: Date },
): Promise<void> {
    const proposal = makeProposal(
        {
            channelId: channel.id,
            chaincode: LIFECYCLE_NAMESPACE,
            args: [Buffer.from(call.name), call.argument],
            time: call.time,
        },
        admin,
    );
    const answers = await Promise.all(peers.map((each) => each.process(proposal)));
    for (const { response } of answers) {
        const result = response.getResponse();
        if (result?.getStatus() === 200) continue;
        throw failed(result?.getMessage() ?? 'a peer gave no response');
    }
    const payload = answers[0]?.response.getPayload_asU8() ?? new Uint8Array();
    const envelope = prepareTransaction(
        proposal,
        payload,
        answers.flatMap(({ response }) => response.getEndorsement() ?? []),
    );
    envelope.setSignature(admin.sign(envelope.getPayload_asU8()));
    await orderAlone(channel, envelope);
    const status = channel.statusOf(proposal.txId);
    if (status?.code !== 0) {
        throw failed(`${call.name} was committed as invalid, with code ${String(status?.code)}`);
    }
}

async function orderAlone(channel: Channel, envelope: common.Envelope): Promise<void> {
    const unpacked = unpackEnvelope(envelope);
    await channel.orderer.orderAlone([
        {
            bytes: envelope.serializeBinary(),
            size: unpacked.payload.length + unpacked.signature.length,
            txId: unpacked.channelHeader.getTxId(),
            chaincode: LIFECYCLE_NAMESPACE,
        },
    ]);
}

function failed(why: string): DevnetError {
    return new DevnetError(
        'DEVNET_DEPLOY_FAILED',
        `The chaincode could not be defined: ${why}. Mend what the message names and deploy it again.`,
    );
}

/** There is no package: what stands for its hash is told from others by the chaincode alone. */
function packageId({ name, version }: NewDefinition): string {
    const hash = createHash('sha256')
        .update(JSON.stringify([name, version]))
        .digest('hex');
    return `${name}_${version}:${hash}`;
}

function approval(definition: Definition): Uint8Array {
    const local = new ChaincodeSource.Local();
    local.setPackageId(packageId(definition));
    const source = new ChaincodeSource();
    source.setLocalPackage(local);
    const args = new ApproveChaincodeDefinitionForMyOrgArgs();
    args.setSource(source);
    return fill(args, definition).serializeBinary();
}

interface Arguments {
    setSequence(value: number): void;
    setName(value: string): void;
    setVersion(value: string): void;
    setValidationParameter(value: Uint8Array): void;
    setCollections(value: peer.CollectionConfigPackage): void;
    setInitRequired(value: boolean): void;
    serializeBinary(): Uint8Array;
}

function fill<T extends Arguments>(args: T, definition: Definition): T {
    args.setSequence(definition.sequence);
    args.setName(definition.name);
    args.setVersion(definition.version);
    args.setValidationParameter(definition.policy);
    if (definition.collections.getConfigList().length > 0) {
        args.setCollections(definition.collections);
    }
    args.setInitRequired(definition.initRequired);
    return args;
}

function sameDefinition(left: NewDefinition, right: NewDefinition): boolean {
    const bytes = (definition: NewDefinition): string =>
        Buffer.concat([definition.policy, definition.collections.serializeBinary()]).toString(
            'base64',
        );
    return (
        left.version === right.version &&
        left.initRequired === right.initRequired &&
        bytes(left) === bytes(right)
    );
}

/**
 * Has the organisations agree on a chaincode as they would on a real network: each approves in a
 * transaction of its own, and one commits. Nothing happens if that is what they agree on already.
 */
export async function defineChaincode(
    channel: Channel,
    wanted: NewDefinition,
    signatories: readonly Signatory[],
    clock: () => Date,
): Promise<void> {
    const current = channel.definitions.get(wanted.name);
    if (current !== undefined && sameDefinition(current, wanted)) return;
    const definition = { ...wanted, sequence: (current?.sequence ?? 0) + 1 };
    for (const { admin, peer: own } of signatories) {
        await transact(channel, admin, [own], {
            name: 'ApproveChaincodeDefinitionForMyOrg',
            argument: approval(definition),
            time: clock(),
        });
    }
    const [first] = signatories;
    if (first === undefined) throw failed('the network has no organisation');
    await transact(
        channel,
        first.admin,
        signatories.map((each) => each.peer),
        {
            name: 'CommitChaincodeDefinition',
            argument: fill(new CommitChaincodeDefinitionArgs(), definition).serializeBinary(),
            time: clock(),
        },
    );
}
