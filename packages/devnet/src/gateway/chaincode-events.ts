import { status, type ServerWritableStream } from '@grpc/grpc-js';
import { common, gateway, peer } from '@hyperledger/fabric-protos';
import { accessDenied, signedRefusal } from '../channel/access.js';
import type { Channel } from '../channel/channel.js';
import { BlockCursor } from '../deliver/block-cursor.js';
import { eventsOf } from '../deliver/block-events.js';
import { RpcError } from '../grpc/rpc-error.js';
import type { GatewayContext } from './gateway-context.js';

type EventStream = ServerWritableStream<
    gateway.SignedChaincodeEventsRequest,
    gateway.ChaincodeEventsResponse
>;

function decodeRequest(bytes: Uint8Array): gateway.ChaincodeEventsRequest {
    if (bytes.length === 0) {
        throw new RpcError(status.INVALID_ARGUMENT, 'a chaincode events request is required');
    }
    try {
        return gateway.ChaincodeEventsRequest.deserializeBinary(bytes);
    } catch {
        throw new RpcError(
            status.INVALID_ARGUMENT,
            'invalid chaincode events request: proto: cannot parse invalid wire-format data',
        );
    }
}

function startBlock(channel: Channel, request: gateway.ChaincodeEventsRequest): number {
    const after = channel.ledger.blockByTxId(request.getAfterTransactionId());
    if (after !== undefined) return after.getHeader()?.getNumber() ?? 0;
    const position = request.getStartPosition();
    const specified = position?.getSpecified();
    if (specified !== undefined) return specified.getNumber();
    if (position?.hasOldest() === true || position?.hasNewest() === true) {
        const type = position.hasOldest() ? 'Oldest' : 'Newest';
        throw new RpcError(
            status.INVALID_ARGUMENT,
            `invalid start position type: *orderer.SeekPosition_${type}`,
        );
    }
    return channel.ledger.height;
}

/** Lets events through that come after a transaction and are of one chaincode. */
function matcher(request: gateway.ChaincodeEventsRequest): (event: peer.ChaincodeEvent) => boolean {
    const after = request.getAfterTransactionId();
    const chaincode = request.getChaincodeId();
    let passed = after === '';
    return (event) => {
        if (passed) return event.getChaincodeId() === chaincode;
        passed = event.getTxId() === after;
        return false;
    };
}

function responseFor(
    block: common.Block,
    matches: (event: peer.ChaincodeEvent) => boolean,
): gateway.ChaincodeEventsResponse | undefined {
    const events = eventsOf(block).filter(matches);
    if (events.length === 0) return undefined;
    const response = new gateway.ChaincodeEventsResponse();
    response.setBlockNumber(block.getHeader()?.getNumber() ?? 0);
    response.setEventsList(events);
    return response;
}

/** Sends the events of a chaincode, block by block, until the client goes away. */
export async function chaincodeEvents(context: GatewayContext, stream: EventStream): Promise<void> {
    const bytes = stream.request.getRequest_asU8();
    const request = decodeRequest(bytes);
    const channelId = request.getChannelId();
    const channel = context.channels.get(channelId);
    const signed = {
        message: bytes,
        identity: request.getIdentity_asU8(),
        signature: stream.request.getSignature_asU8(),
    };
    if (channel === undefined) {
        throw new RpcError(
            status.PERMISSION_DENIED,
            `Failed to get policy manager for channel [${channelId}]`,
        );
    }
    const why = signedRefusal(channel, 'Readers', signed);
    if (why !== undefined) {
        throw new RpcError(status.PERMISSION_DENIED, accessDenied(channelId, 'Readers', why));
    }
    const matches = matcher(request);
    const cursor = new BlockCursor(channel, startBlock(channel, request));
    stream.once('cancelled', () => {
        cursor.close();
    });
    for await (const block of cursor) {
        const response = responseFor(block, matches);
        if (response === undefined) continue;
        if (!stream.write(response)) await drained(stream, cursor);
    }
    throw new RpcError(status.CANCELLED, 'context canceled');
}

function drained(stream: EventStream, cursor: BlockCursor): Promise<void> {
    return new Promise((resolve) => {
        stream.once('drain', resolve);
        cursor.onceClosed(resolve);
    });
}
