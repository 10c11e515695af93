import { common, orderer } from '@hyperledger/fabric-protos';
import { signedRefusal } from '../channel/access.js';
import type { Channel } from '../channel/channel.js';
import { TIME_WINDOW_MS } from '../endorser/check-proposal.js';
import { unpackEnvelope, type UnpackedEnvelope } from '../orderer/check-envelope.js';

const { Status } = common;

/** A status that ends a request for blocks. */
export type DeliverStatus = common.StatusMap[keyof common.StatusMap];

/** What somebody wants to be sent. */
export interface Seek {
    readonly channel: Channel;
    readonly start: number;
    /** Number of the last block. */
    readonly stop: number;
    /** Do not wait for blocks that are not there yet. */
    readonly failIfNotReady: boolean;
    readonly headersOnly: boolean;
    readonly creator: Uint8Array;
    /** When who asks is served no longer. */
    readonly expiresAt: Date;
}

function readEnvelope(envelope: common.Envelope, now: Date): UnpackedEnvelope | undefined {
    let unpacked: UnpackedEnvelope;
    try {
        unpacked = unpackEnvelope(envelope);
    } catch {
        // The answer to what cannot be read is a status, and the status says it all.
        return undefined;
    }
    const sent = unpacked.channelHeader.getTimestamp()?.toDate();
    if (sent === undefined) return undefined;
    const apart = Math.abs(sent.getTime() - now.getTime());
    return apart > TIME_WINDOW_MS ? undefined : unpacked;
}

function decodeSeekInfo(data: Uint8Array): orderer.SeekInfo | undefined {
    try {
        return orderer.SeekInfo.deserializeBinary(data);
    } catch {
        return undefined;
    }
}

/** Where the position is: the newest block, and the next, depend on the height. */
function positionOf(position: orderer.SeekPosition, height: number): number | undefined {
    const specified = position.getSpecified();
    if (specified !== undefined) return specified.getNumber();
    if (position.hasNewest()) return Math.max(0, height - 1);
    if (position.hasNextCommit()) return height;
    if (position.hasOldest()) return 0;
    return undefined;
}

function range(info: orderer.SeekInfo, height: number): [start: number, stop: number] | undefined {
    const [startAt, stopAt] = [info.getStart(), info.getStop()];
    if (startAt === undefined || stopAt === undefined) return undefined;
    const start = positionOf(startAt, height);
    if (start === undefined) return undefined;
    if (stopAt.hasOldest()) return [start, start];
    const stop = stopAt.hasNextCommit() ? undefined : positionOf(stopAt, height);
    if (stop === undefined || (stopAt.hasSpecified() && stop < start)) return undefined;
    return [start, stopAt.hasNewest() && startAt.hasNewest() ? start : stop];
}

/** Reads a signed request for blocks; a number is the status to refuse it with. */
export function readSeek(
    envelope: common.Envelope,
    channels: ReadonlyMap<string, Channel>,
    now: Date,
): Seek | DeliverStatus {
    const unpacked = readEnvelope(envelope, now);
    if (unpacked === undefined) return Status.BAD_REQUEST;
    const channel = channels.get(unpacked.channelHeader.getChannelId());
    if (channel === undefined) return Status.NOT_FOUND;
    const info = decodeSeekInfo(unpacked.data);
    if (info === undefined) return Status.BAD_REQUEST;
    const signed = {
        message: unpacked.payload,
        identity: unpacked.creator,
        signature: unpacked.signature,
    };
    if (signedRefusal(channel, 'Readers', signed) !== undefined) return Status.FORBIDDEN;
    const { notAfter: expiresAt } = channel.membership.validate(unpacked.creator);
    if (expiresAt < now) return Status.FORBIDDEN;
    const found = range(info, channel.ledger.height);
    if (found === undefined) return Status.BAD_REQUEST;
    if (found[0] > channel.ledger.height) return Status.NOT_FOUND;
    const { FAIL_IF_NOT_READY } = orderer.SeekInfo.SeekBehavior;
    const { HEADER_WITH_SIG } = orderer.SeekInfo.SeekContentType;
    return {
        channel,
        start: found[0],
        stop: found[1],
        failIfNotReady: info.getBehavior() === FAIL_IF_NOT_READY,
        headersOnly: info.getContentType() === HEADER_WITH_SIG,
        creator: unpacked.creator,
        expiresAt,
    };
}
