import { common } from '@hyperledger/fabric-protos';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb.js';
import type { SigningIdentity } from '../identity/signing-identity.js';
import { makeBlock } from '../orderer/make-block.js';
import { channelConfig, type ConfigParts } from './channel-config.js';

const { HeaderType } = common;

/** What a channel begins with. */
export interface GenesisParts extends ConfigParts {
    readonly channelId: string;
    readonly time: Date;
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
    envelope.setConfig(channelConfig(parts));
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
