import { status } from '@grpc/grpc-js';
import { gateway, type peer } from '@hyperledger/fabric-protos';
import { unpackProposal, type Proposal } from '../endorser/proposal.js';
import { RpcError, type ErrorDetail } from '../grpc/rpc-error.js';
import type { Endorsed, Peer } from '../peer/peer.js';
import { endorsementSets } from './endorsement-sets.js';
import { describeDifference } from './difference.js';
import { attempt, detailOf, peersWith, type GatewayContext } from './gateway-context.js';
import { prepareTransaction } from './prepare-transaction.js';

function unpack(request: gateway.EndorseRequest): Proposal {
    const signed = request.getProposedTransaction();
    if (signed === undefined || signed.getProposalBytes_asU8().length === 0) {
        throw new RpcError(
            status.INVALID_ARGUMENT,
            'the proposed transaction must contain a signed proposal',
        );
    }
    try {
        return unpackProposal(signed);
    } catch (error) {
        throw new RpcError(status.INVALID_ARGUMENT, (error as Error).message);
    }
}

interface Given {
    readonly peer: Peer;
    readonly endorsed: Endorsed;
}

/** The endorsements of one transaction, gathered until they suffice. */
class Endorsements {
    readonly #context: GatewayContext;
    readonly #proposal: Proposal;
    readonly #given = new Map<string, Given>();
    readonly #failed = new Set<string>();
    readonly details: ErrorDetail[] = [];

    constructor(context: GatewayContext, proposal: Proposal) {
        this.#context = context;
        this.#proposal = proposal;
    }

    get first(): Given | undefined {
        return this.#given.values().next().value;
    }

    has(mspId: string): boolean {
        return this.#given.has(mspId);
    }

    /** Whether the organisation may still endorse. */
    mayTry(mspId: string): boolean {
        return !this.#failed.has(mspId);
    }

    /** Asks the organisation's peers, one after another until one endorses. */
    async ask(mspId: string): Promise<void> {
        if (this.#given.has(mspId)) return;
        const able = peersWith(this.#context, this.#proposal);
        for (const peer of able.filter((each) => each.mspId === mspId)) {
            const tried = await attempt(peer, this.#proposal);
            if (!('endorsed' in tried)) {
                this.details.push(detailOf(peer, tried.message));
                continue;
            }
            const difference = this.#compare(peer, tried.endorsed);
            if (difference === undefined) {
                this.#given.set(mspId, { peer, endorsed: tried.endorsed });
                return;
            }
            this.details.push(detailOf(peer, difference));
        }
        this.#failed.add(mspId);
    }

    /** The endorsed transaction, of those organisations or of all that endorsed. */
    prepare(mspIds: readonly string[]): gateway.EndorseResponse {
        const given = mspIds.flatMap((mspId) => this.#given.get(mspId) ?? []);
        const payload = given[0]?.endorsed.response.getPayload_asU8() ?? new Uint8Array();
        const endorsements = given.flatMap(({ endorsed }): peer.Endorsement[] => {
            const endorsement = endorsed.response.getEndorsement();
            return endorsement === undefined ? [] : [endorsement];
        });
        const response = new gateway.EndorseResponse();
        response.setPreparedTransaction(prepareTransaction(this.#proposal, payload, endorsements));
        return response;
    }

    #compare(peer: Peer, endorsed: Endorsed): string | undefined {
        const { first } = this;
        if (first === undefined) return undefined;
        const [expected, actual] = [first.endorsed, endorsed].map((each) =>
            each.response.getPayload_asU8(),
        ) as [Uint8Array, Uint8Array];
        if (Buffer.compare(expected, actual) === 0) return undefined;
        const found = describeDifference(
            { endorsed: first.endorsed, by: first.peer.name },
            { endorsed, by: peer.name },
        );
        return `ProposalResponsePayloads do not match: ${found}`;
    }
}

async function endorseBy(
    endorsements: Endorsements,
    organizations: readonly string[],
    context: GatewayContext,
    proposal: Proposal,
): Promise<gateway.EndorseResponse> {
    const able = new Set(peersWith(context, proposal).map((peer) => peer.mspId));
    const missing = organizations.filter((mspId) => !able.has(mspId));
    if (missing.length > 0) {
        throw new RpcError(
            status.UNAVAILABLE,
            `failed to find any endorsing peers for org(s): ${missing.join(', ')}`,
        );
    }
    await Promise.all(organizations.map((mspId) => endorsements.ask(mspId)));
    if (organizations.every((mspId) => endorsements.has(mspId))) {
        return endorsements.prepare(organizations);
    }
    throw tooFew(endorsements);
}

function tooFew({ details }: Endorsements): RpcError {
    return new RpcError(
        status.ABORTED,
        'failed to collect enough transaction endorsements, see attached details for more info',
        details,
    );
}

function unknownToDiscovery({ chaincodeName, channelId }: Proposal): RpcError {
    return new RpcError(
        status.FAILED_PRECONDITION,
        `no combination of peers can be derived which satisfy the endorsement policy: No metadata was found for chaincode ${chaincodeName} in channel ${channelId}`,
    );
}

async function askFirst(
    endorsements: Endorsements,
    context: GatewayContext,
    proposal: Proposal,
): Promise<Given> {
    const able = peersWith(context, proposal);
    const [preferred] = able;
    const own = context.local.mspId;
    if (preferred?.mspId !== own && proposal.hasTransient) {
        throw new RpcError(
            status.FAILED_PRECONDITION,
            "no endorsers found in the gateway's organization; retry specifying endorsing organization(s) to protect transient data",
        );
    }
    if (preferred === undefined) throw unknownToDiscovery(proposal);
    await endorsements.ask(preferred.mspId);
    const { first } = endorsements;
    if (first !== undefined) return first;
    throw new RpcError(
        status.ABORTED,
        'failed to endorse transaction, see attached details for more info',
        endorsements.details,
    );
}

/** Gathers the endorsements a transaction needs and makes an envelope of them. */
export async function endorseTransaction(
    context: GatewayContext,
    request: gateway.EndorseRequest,
): Promise<gateway.EndorseResponse> {
    const proposal = unpack(request);
    const endorsements = new Endorsements(context, proposal);
    const wanted = request.getEndorsingOrganizationsList();
    if (wanted.length > 0) return endorseBy(endorsements, wanted, context, proposal);
    const channel = context.channels.get(proposal.channelId);
    if (channel === undefined) throw unknownToDiscovery(proposal);
    const first = await askFirst(endorsements, context, proposal);
    const sets = endorsementSets(context, channel, proposal, first);
    for (const organizations of sets) {
        if (!organizations.every((mspId) => endorsements.mayTry(mspId))) continue;
        await Promise.all(organizations.map((mspId) => endorsements.ask(mspId)));
        if (organizations.every((mspId) => endorsements.has(mspId))) {
            return endorsements.prepare(organizations);
        }
    }
    throw tooFew(endorsements);
}
