import { common, orderer } from '@hyperledger/fabric-protos';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb.js';
import type { SigningIdentity } from '../identity/signing-identity.js';

/** A position for {@link seekEnvelope}. */
export type Position = number | 'newest' | 'oldest';

function positionOf(position: Position): orderer.SeekPosition {
    const made = new orderer.SeekPosition();
    if (position === 'newest') made.setNewest(new orderer.SeekNewest());
    else if (position === 'oldest') made.setOldest(new orderer.SeekOldest());
    else {
        const specified = new orderer.SeekSpecified();
        specified.setNumber(position);
        made.setSpecified(specified);
    }
    return made;
}

/** A signed request for blocks. */
export function seekEnvelope(
    identity: SigningIdentity,
    request: {
        readonly channel?: string;
        readonly start: Position;
        readonly stop: Position;
        readonly failIfNotReady?: boolean;
        readonly time?: Date;
    },
): common.Envelope {
    const info = new orderer.SeekInfo();
    info.setStart(positionOf(request.start));
    info.setStop(positionOf(request.stop));
    if (request.failIfNotReady === true) {
        info.setBehavior(orderer.SeekInfo.SeekBehavior.FAIL_IF_NOT_READY);
    }
    const time = new Timestamp();
    time.fromDate(request.time ?? new Date());
    const channelHeader = new common.ChannelHeader();
    channelHeader.setType(common.HeaderType.DELIVER_SEEK_INFO);
    channelHeader.setChannelId(request.channel ?? 'mychannel');
    channelHeader.setTimestamp(time);
    const signatureHeader = new common.SignatureHeader();
    signatureHeader.setCreator(identity.serialized);
    const header = new common.Header();
    header.setChannelHeader(channelHeader.serializeBinary());
    header.setSignatureHeader(signatureHeader.serializeBinary());
    const payload = new common.Payload();
    payload.setHeader(header);
    payload.setData(info.serializeBinary());
    const envelope = new common.Envelope();
    const bytes = payload.serializeBinary();
    envelope.setPayload(bytes);
    envelope.setSignature(identity.sign(bytes));
    return envelope;
}
