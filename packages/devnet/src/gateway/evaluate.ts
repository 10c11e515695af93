import { status } from '@grpc/grpc-js';
import { gateway, peer } from '@hyperledger/fabric-protos';
import { unpackProposal, type Proposal } from '../endorser/proposal.js';
import { RpcError, type ErrorDetail } from '../grpc/rpc-error.js';
import type { Peer } from '../peer/peer.js';
import { attempt, detailOf, noConfig, peersWith, type GatewayContext } from './gateway-context.js';

function unpack(request: gateway.EvaluateRequest): Proposal {
    const signed = request.getProposedTransaction();
    const problem = (why: string): RpcError =>
        new RpcError(status.INVALID_ARGUMENT, `failed to unpack transaction proposal: ${why}`);
    if (signed === undefined || signed.getProposalBytes_asU8().length === 0) {
        throw problem('a signed proposal is required');
    }
    let proposal: Proposal;
    try {
        proposal = unpackProposal(signed);
    } catch (error) {
        throw problem((error as Error).message);
    }
    if (proposal.channelId === '') throw problem('no channel id provided');
    return proposal;
}

function candidates(
    context: GatewayContext,
    request: gateway.EvaluateRequest,
    proposal: Proposal,
): readonly Peer[] {
    const able = peersWith(context, proposal);
    const targets = request.getTargetOrganizationsList();
    const own = proposal.hasTransient && targets.length === 0;
    const orgs = own ? [context.local.mspId] : targets;
    const chosen = orgs.length === 0 ? able : able.filter((peer) => orgs.includes(peer.mspId));
    if (chosen.length > 0) return chosen;
    const none = `no peers available to evaluate chaincode ${proposal.chaincodeName} in channel ${proposal.channelId}`;
    throw new RpcError(
        status.FAILED_PRECONDITION,
        own
            ? `no endorsers found in the gateway's organization; retry specifying target organization(s) to protect transient data: ${none}`
            : none,
    );
}

/** The transaction's result: what was endorsed, which need not be what the response carries. */
function resultOf(response: peer.ProposalResponse): peer.Response {
    const result = response.getResponse() ?? new peer.Response();
    const payload = response.getPayload_asU8();
    if (payload.length === 0) return result;
    const extension = peer.ProposalResponsePayload.deserializeBinary(payload).getExtension_asU8();
    const action = peer.ChaincodeAction.deserializeBinary(extension);
    result.setPayload(action.getResponse()?.getPayload_asU8() ?? new Uint8Array());
    return result;
}

/** Runs a transaction on one peer, for its result alone. */
export async function evaluate(
    context: GatewayContext,
    request: gateway.EvaluateRequest,
): Promise<gateway.EvaluateResponse> {
    const proposal = unpack(request);
    if (!context.channels.has(proposal.channelId)) {
        throw new RpcError(status.UNAVAILABLE, noConfig(proposal.channelId));
    }
    const details: ErrorDetail[] = [];
    let last: status = status.UNAVAILABLE;
    for (const candidate of candidates(context, request, proposal)) {
        const tried = await attempt(candidate, proposal);
        if ('endorsed' in tried) {
            const response = new gateway.EvaluateResponse();
            response.setResult(resultOf(tried.endorsed.response));
            return response;
        }
        details.push(detailOf(candidate, tried.message));
        last = tried.code;
        if (!tried.retry) {
            throw new RpcError(
                tried.code,
                `evaluate call to endorser returned error: ${tried.message}`,
                details,
            );
        }
    }
    throw new RpcError(
        last,
        'failed to evaluate transaction, see attached details for more info',
        details,
    );
}
