import type { Channel } from '../channel/channel.js';
import { RefusedProposal } from '../endorser/check-proposal.js';
import type { Proposal } from '../endorser/proposal.js';
import { status } from '@grpc/grpc-js';
import type { ErrorDetail } from '../grpc/rpc-error.js';
import type { UnpackedEnvelope } from '../orderer/check-envelope.js';
import type { Endorsed, Peer } from '../peer/peer.js';

/** What the gateway of a peer works with. */
export interface GatewayContext {
    /** The peer the gateway is part of. */
    readonly local: Peer;
    /** All peers of the network, the local one included. */
    readonly peers: readonly Peer[];
    readonly channels: ReadonlyMap<string, Channel>;
    /** Whether a system chaincode has that name: those are on every peer. */
    isSystemChaincode(name: string): boolean;
    /** Hands an envelope to the ordering service; throws `RefusedEnvelope`, or whatever else went wrong. */
    broadcast(bytes: Uint8Array, unpacked: UnpackedEnvelope): Promise<void>;
    /** `host:port` and MSP of the ordering service. */
    orderer(): Omit<ErrorDetail, 'message'>;
}

/** An endorsement that came about, or why it did not. */
export type Attempt =
    | { readonly peer: Peer; readonly endorsed: Endorsed }
    | {
          readonly peer: Peer;
          readonly code: status;
          readonly message: string;
          /** Another peer may do better. */
          readonly retry: boolean;
      };

/** Has a peer process a proposal, and judges its answer as a gateway does. */
export async function attempt(peer: Peer, proposal: Proposal): Promise<Attempt> {
    let endorsed: Endorsed;
    try {
        endorsed = await peer.process(proposal);
    } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        const heard = error instanceof RefusedProposal && !error.unheard;
        const code = heard ? status.FAILED_PRECONDITION : status.UNAVAILABLE;
        return { peer, code, message, retry: !heard };
    }
    const response = endorsed.response.getResponse();
    const code = response?.getStatus() ?? 0;
    if (code >= 200 && code < 400) return { peer, endorsed };
    const message = response?.getMessage() ?? '';
    if (code === 500 && endorsed.response.getPayload_asU8().length === 0) {
        return { peer, code: status.ABORTED, message, retry: true };
    }
    return {
        peer,
        code: status.UNKNOWN,
        message: `chaincode response ${code}, ${message}`,
        retry: false,
    };
}

/** Where it failed and why, as the details of an error have it. */
export function detailOf(peer: Peer, message: string): ErrorDetail {
    return { address: peer.endpoint, mspId: peer.mspId, message };
}

/** Peers that can run the chaincode on the channel, the gateway's own first. */
export function peersWith(
    context: GatewayContext,
    { channelId, chaincodeName }: Pick<Proposal, 'channelId' | 'chaincodeName'>,
): readonly Peer[] {
    if (!context.channels.has(channelId)) return [];
    const isSystem = context.isSystemChaincode(chaincodeName);
    const able = context.peers.filter(
        (peer) => isSystem || peer.runtime.has(channelId, chaincodeName),
    );
    const { local } = context;
    return [
        ...able.filter((peer) => peer === local),
        ...able.filter((peer) => peer !== local && peer.mspId === local.mspId),
        ...able.filter((peer) => peer.mspId !== local.mspId),
    ];
}

/** What a gateway says of a channel that its peer has not joined. */
export function noConfig(channelId: string): string {
    return `failed to get config for channel [${channelId}]: could not get last config for channel ${channelId}`;
}
