import { common, gateway as gatewayProtocol, peer } from '@hyperledger/fabric-protos';
import type { Gateway, Proposal, Transaction } from '@hyperledger/fabric-gateway';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb.js';

/** What a proposal of a test is made of. */
export interface ProposalParts {
    /** A `gateway.ProposedTransaction` as the official client makes it. */
    readonly bytes: Uint8Array;
    /** The time it is to carry. */
    readonly time: Date;
    readonly sign: (message: Uint8Array) => Uint8Array;
    readonly gateway: Gateway;
    /** For messages: what it calls. */
    readonly title: string;
    readonly organizations?: readonly string[];
}

/** The proposal with another time in its header. */
function atTime(bytes: Uint8Array, time: Date): gatewayProtocol.ProposedTransaction {
    const proposed = gatewayProtocol.ProposedTransaction.deserializeBinary(bytes);
    const signed = proposed.getProposal() ?? new peer.SignedProposal();
    const proposal = peer.Proposal.deserializeBinary(signed.getProposalBytes_asU8());
    const header = common.Header.deserializeBinary(proposal.getHeader_asU8());
    const channelHeader = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
    const timestamp = new Timestamp();
    timestamp.fromDate(time);
    channelHeader.setTimestamp(timestamp);
    header.setChannelHeader(channelHeader.serializeBinary());
    proposal.setHeader(header.serializeBinary());
    signed.setProposalBytes(proposal.serializeBinary());
    proposed.setProposal(signed);
    return proposed;
}

/** A signed call of a chaincode that has not been made yet. */
export class TestProposal {
    readonly txId: string;
    /** For messages: what it calls. */
    readonly title: string;
    /** The organisations asked to endorse, if the caller named them. */
    readonly organizations: readonly string[] | undefined;
    /** What goes to the peers. */
    readonly signed: peer.SignedProposal;
    readonly #official: Proposal;

    /** @internal */
    constructor(parts: ProposalParts) {
        const proposed = atTime(parts.bytes, parts.time);
        const signed = proposed.getProposal() ?? new peer.SignedProposal();
        signed.setSignature(parts.sign(signed.getProposalBytes_asU8()));
        this.signed = signed;
        this.title = parts.title;
        this.organizations = parts.organizations;
        this.txId = proposed.getTransactionId();
        this.#official = parts.gateway.newSignedProposal(
            proposed.serializeBinary(),
            signed.getSignature_asU8(),
        );
    }

    /** Runs it on one peer for its result. */
    evaluate(): Promise<Uint8Array> {
        return this.#official.evaluate();
    }

    /** Has it endorsed by as many organisations as it takes. */
    endorse(): Promise<Transaction> {
        return this.#official.endorse();
    }
}
