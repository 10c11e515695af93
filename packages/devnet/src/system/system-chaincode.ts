import { peer } from '@hyperledger/fabric-protos';
import type { Channel } from '../channel/channel.js';
import type { Proposal } from '../endorser/proposal.js';
import type { Member } from '../identity/member.js';
import type { Membership } from '../identity/membership.js';
import type { Simulation } from '../ledger/simulation.js';

/** What a system chaincode is called with. */
export interface SystemCall {
    readonly args: readonly Uint8Array[];
    /** The channel of the proposal; absent if it names none, as calls about the peer itself do. */
    readonly channel: Channel | undefined;
    readonly channels: ReadonlyMap<string, Channel>;
    readonly proposal: Proposal;
    readonly creator: Member;
    /** The MSP of the peer that is asked. */
    readonly peerMspId: string;
    /** The peer's own organisation, which decides on calls about the peer itself. */
    readonly localMembership: Membership;
    /** Whether the peer that is asked can run a chaincode of that name on a channel. */
    readonly isInstalled: (channelId: string, chaincode: string) => boolean;
    /** Absent for those that read the ledger itself. */
    readonly simulation: Simulation | undefined;
}

/** A chaincode that is part of every peer. */
export interface SystemChaincode {
    /** Whether it works on a simulation, as other chaincodes do. */
    readonly simulates: boolean;
    invoke(call: SystemCall): Promise<peer.Response>;
}

/** A response of status 200. */
export function success(payload: Uint8Array = new Uint8Array()): peer.Response {
    const response = new peer.Response();
    response.setStatus(200);
    response.setPayload(payload);
    return response;
}

function refused(status: number, message: string): peer.Response {
    const response = new peer.Response();
    response.setStatus(status);
    response.setMessage(message);
    return response;
}

/** A response of status 500. */
export function failure(message: string): peer.Response {
    return refused(500, message);
}

/** A response of status 404: what was asked for does not exist. */
export function notFound(message: string): peer.Response {
    return refused(404, message);
}
