import { common, peer } from '@hyperledger/fabric-protos';
import { signedRefusal } from '../channel/access.js';
import type { Channel } from '../channel/channel.js';
import { decode, UndecodableMessage } from '../grpc/decode.js';

/** An envelope the ordering service does not take. */
export class RefusedEnvelope extends Error {
    override readonly name = 'RefusedEnvelope';
    readonly status: common.StatusMap[keyof common.StatusMap];

    constructor(status: common.StatusMap[keyof common.StatusMap], message: string) {
        super(message);
        this.status = status;
    }
}

/** What is known of an envelope that has been taken apart. */
export interface UnpackedEnvelope {
    readonly payload: Uint8Array;
    readonly signature: Uint8Array;
    readonly channelHeader: common.ChannelHeader;
    readonly creator: Uint8Array;
    readonly data: Uint8Array;
}

const { Status, HeaderType } = common;

/** Takes an envelope apart, or throws {@link UndecodableMessage}. */
export function unpackEnvelope(envelope: common.Envelope): UnpackedEnvelope {
    const payloadBytes = envelope.getPayload_asU8();
    const payload = decode(common.Payload, payloadBytes, 'Payload');
    const header = payload.getHeader();
    if (header === undefined) throw new UndecodableMessage('envelope has no header');
    const channelHeader = decode(
        common.ChannelHeader,
        header.getChannelHeader_asU8(),
        'ChannelHeader',
    );
    const signatureHeader = decode(
        common.SignatureHeader,
        header.getSignatureHeader_asU8(),
        'SignatureHeader',
    );
    return {
        payload: payloadBytes,
        signature: envelope.getSignature_asU8(),
        channelHeader,
        creator: signatureHeader.getCreator_asU8(),
        data: payload.getData_asU8(),
    };
}

/** The chaincode that an envelope's header says was called; empty if it says nothing. */
export function invokedChaincode(header: common.ChannelHeader): string {
    try {
        const extension = peer.ChaincodeHeaderExtension.deserializeBinary(
            header.getExtension_asU8(),
        );
        return extension.getChaincodeId()?.getName() ?? '';
    } catch {
        // Only those who endorsed it look at this: the ordering service takes anything.
        return '';
    }
}

/** {@link unpackEnvelope} as the ordering service does it: throws {@link RefusedEnvelope}. */
export function readEnvelope(envelope: common.Envelope): UnpackedEnvelope {
    try {
        return unpackEnvelope(envelope);
    } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new RefusedEnvelope(Status.BAD_REQUEST, `could not determine channel ID: ${why}`);
    }
}

/** Throws {@link RefusedEnvelope} if the channel's ordering service would not take the envelope. */
export function checkEnvelope(envelope: UnpackedEnvelope, channel: Channel, now: Date): void {
    const type = envelope.channelHeader.getType();
    if (type === HeaderType.CONFIG || type === HeaderType.ORDERER_TRANSACTION) {
        throw new RefusedEnvelope(
            Status.BAD_REQUEST,
            'message is of type that cannot be processed directly',
        );
    }
    if (type === HeaderType.CONFIG_UPDATE) {
        throw new RefusedEnvelope(
            Status.BAD_REQUEST,
            'this network takes no configuration updates: change its settings where it is started',
        );
    }
    if (envelope.data.length === 0 || envelope.payload.length === 0) {
        throw new RefusedEnvelope(Status.BAD_REQUEST, 'message payload is empty');
    }
    checkSize(envelope, channel.orderer.settings.absoluteMaxBytes);
    const signed = {
        message: envelope.payload,
        identity: envelope.creator,
        signature: envelope.signature,
    };
    const why = signedRefusal(channel, 'Writers', signed);
    if (why !== undefined) throw new RefusedEnvelope(Status.FORBIDDEN, `${why}: permission denied`);
    if (channel.membership.validate(envelope.creator).notAfter < now) {
        throw new RefusedEnvelope(Status.BAD_REQUEST, 'broadcast client identity expired');
    }
}

function checkSize({ payload, signature }: UnpackedEnvelope, maximum: number): void {
    const size = payload.length + signature.length;
    if (size <= maximum) return;
    throw new RefusedEnvelope(
        Status.BAD_REQUEST,
        `message payload is ${size} bytes and exceeds maximum allowed ${maximum} bytes`,
    );
}
