import { common } from '@hyperledger/fabric-protos';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb.js';
import { encodeMspConfig, type MspOptions } from '../identity/msp-config.js';
import type { SigningIdentity } from '../identity/signing-identity.js';
import { makeBlock } from '../orderer/make-block.js';

const { HeaderType } = common;

/** What a channel begins with. */
export interface GenesisParts {
    readonly channelId: string;
    readonly organizations: readonly MspOptions[];
    readonly orderer: MspOptions;
    readonly time: Date;
}

function value(bytes: Uint8Array): common.ConfigValue {
    const made = new common.ConfigValue();
    made.setValue(bytes);
    made.setModPolicy('Admins');
    return made;
}

function organizationGroup(organization: MspOptions): common.ConfigGroup {
    const group = new common.ConfigGroup();
    group.setModPolicy('Admins');
    group.getValuesMap().set('MSP', value(encodeMspConfig(organization)));
    return group;
}

function groupOf(organizations: readonly MspOptions[]): common.ConfigGroup {
    const group = new common.ConfigGroup();
    group.setModPolicy('Admins');
    for (const organization of organizations) {
        group.getGroupsMap().set(organization.mspId, organizationGroup(organization));
    }
    return group;
}

function configOf({ organizations, orderer }: GenesisParts): common.Config {
    const channel = new common.ConfigGroup();
    channel.setModPolicy('Admins');
    channel.getGroupsMap().set('Application', groupOf(organizations));
    channel.getGroupsMap().set('Orderer', groupOf([orderer]));
    const config = new common.Config();
    config.setChannelGroup(channel);
    return config;
}

/** A channel's first block: its configuration, which names its organisations. */
export function genesisBlock(parts: GenesisParts, identity: SigningIdentity): common.Block {
    const header = new common.ChannelHeader();
    header.setType(HeaderType.CONFIG);
    header.setChannelId(parts.channelId);
    const time = new Timestamp();
    time.fromDate(parts.time);
    header.setTimestamp(time);
    const signatureHeader = new common.SignatureHeader();
    signatureHeader.setCreator(identity.serialized);
    const headers = new common.Header();
    headers.setChannelHeader(header.serializeBinary());
    headers.setSignatureHeader(signatureHeader.serializeBinary());
    const envelope = new common.ConfigEnvelope();
    envelope.setConfig(configOf(parts));
    const payload = new common.Payload();
    payload.setHeader(headers);
    payload.setData(envelope.serializeBinary());
    const transaction = new common.Envelope();
    transaction.setPayload(payload.serializeBinary());
    return makeBlock(
        {
            number: 0,
            previousHash: new Uint8Array(),
            data: [transaction.serializeBinary()],
            lastConfig: 0,
        },
        identity,
    );
}
