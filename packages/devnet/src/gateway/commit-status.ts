import { status } from '@grpc/grpc-js';
import { gateway, peer } from '@hyperledger/fabric-protos';
import { accessDenied, signedRefusal } from '../channel/access.js';
import type { Channel } from '../channel/channel.js';
import type { TransactionStatus } from '../channel/commit-waiters.js';
import { RpcError } from '../grpc/rpc-error.js';
import type { CallContext } from '../grpc/unary.js';
import type { GatewayContext } from './gateway-context.js';

function invalid(message: string): RpcError {
    return new RpcError(status.INVALID_ARGUMENT, message);
}

function decodeRequest(bytes: Uint8Array): gateway.CommitStatusRequest {
    if (bytes.length === 0) throw invalid('a commit status request is required');
    let request: gateway.CommitStatusRequest;
    try {
        request = gateway.CommitStatusRequest.deserializeBinary(bytes);
    } catch {
        throw invalid('invalid status request: proto: cannot parse invalid wire-format data');
    }
    if (request.getIdentity_asU8().length === 0) throw invalid('no identity provided');
    if (request.getChannelId() === '') throw invalid('no channel ID provided');
    if (request.getTransactionId() === '') throw invalid('transaction ID should not be empty');
    return request;
}

function untilCommitted(
    channel: Channel,
    txId: string,
    call: CallContext,
): Promise<TransactionStatus> {
    return new Promise((resolve, reject) => {
        const stop = channel.onceCommitted(txId, (committed) => {
            forget();
            resolve(committed);
        });
        const fail = (reason: Error): void => {
            stop();
            reject(reason);
        };
        const forget = channel.standstill.onceBegun(fail);
        call.onCancelled((reason) => {
            forget();
            fail(reason);
        });
    });
}

/** Says what became of a transaction, once it is committed. */
export async function commitStatus(
    context: GatewayContext,
    signed: gateway.SignedCommitStatusRequest,
    call: CallContext,
): Promise<gateway.CommitStatusResponse> {
    const request = decodeRequest(signed.getRequest_asU8());
    const channelId = request.getChannelId();
    const channel = context.channels.get(channelId);
    if (channel === undefined) {
        throw new RpcError(
            status.PERMISSION_DENIED,
            `Failed to get policy manager for channel [${channelId}]`,
        );
    }
    const signedData = {
        message: signed.getRequest_asU8(),
        identity: request.getIdentity_asU8(),
        signature: signed.getSignature_asU8(),
    };
    await channel.membership.prepare(signedData);
    const why = signedRefusal(channel, 'Readers', signedData);
    if (why !== undefined) {
        throw new RpcError(status.PERMISSION_DENIED, accessDenied(channelId, 'Readers', why));
    }
    const txId = request.getTransactionId();
    const committed = channel.statusOf(txId) ?? (await untilCommitted(channel, txId, call));
    const response = new gateway.CommitStatusResponse();
    response.setResult(committed.code as peer.TxValidationCodeMap[keyof peer.TxValidationCodeMap]);
    response.setBlockNumber(committed.blockNumber);
    return response;
}
