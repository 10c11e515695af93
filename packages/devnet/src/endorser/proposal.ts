import { createHash } from 'node:crypto';
import { common, peer } from '@hyperledger/fabric-protos';
import { decode } from '../grpc/decode.js';

/** A signed proposal taken apart once, and shared by everything that looks at it. */
export interface Proposal {
    readonly signed: peer.SignedProposal;
    readonly bytes: Uint8Array;
    readonly signature: Uint8Array;
    /** The serialized header, as it goes into the transaction. */
    readonly header: common.Header;
    readonly type: number;
    readonly epoch: number;
    readonly channelId: string;
    readonly txId: string;
    readonly timestamp: Date | undefined;
    readonly creator: Uint8Array;
    readonly nonce: Uint8Array;
    /** From the header's extension: what the endorser runs. */
    readonly chaincodeName: string;
    readonly input: peer.ChaincodeInput;
    /** The invocation, serialized: the payload of the transaction without transient data. */
    readonly invocation: Uint8Array;
    readonly hasTransient: boolean;
    /** Binds an endorsement to this proposal. */
    readonly hash: Uint8Array;
}

/** Why a proposal cannot be taken apart; the message is what a peer answers. */
export class MalformedProposal extends Error {
    override readonly name = 'MalformedProposal';
}

function malformed(message: string): never {
    throw new MalformedProposal(message);
}

interface Headers {
    readonly header: common.Header;
    readonly channel: common.ChannelHeader;
    readonly signature: common.SignatureHeader;
}

function decodeHeaders(bytes: Uint8Array): Headers {
    const header = decode(common.Header, bytes, 'Header');
    return {
        header,
        channel: decode(common.ChannelHeader, header.getChannelHeader_asU8(), 'ChannelHeader'),
        signature: decode(
            common.SignatureHeader,
            header.getSignatureHeader_asU8(),
            'SignatureHeader',
        ),
    };
}

function invokedChaincode(channelHeader: common.ChannelHeader): string {
    const extension = decode(
        peer.ChaincodeHeaderExtension,
        channelHeader.getExtension_asU8(),
        'ChaincodeHeaderExtension',
    );
    const id = extension.getChaincodeId();
    if (id === undefined) malformed('ChaincodeHeaderExtension.ChaincodeId is nil');
    if (id.getName() === '') malformed('ChaincodeHeaderExtension.ChaincodeId.Name is empty');
    return id.getName();
}

function decodeInput(invocation: Uint8Array): peer.ChaincodeInput {
    const spec = decode(
        peer.ChaincodeInvocationSpec,
        invocation,
        'ChaincodeInvocationSpec',
    ).getChaincodeSpec();
    if (spec === undefined) {
        malformed('chaincode invocation spec did not contain chaincode spec');
    }
    return spec.getInput() ?? malformed('chaincode input did not contain any input');
}

function hashWithoutTransient(header: common.Header, invocation: Uint8Array): Uint8Array {
    const payload = new peer.ChaincodeProposalPayload();
    payload.setInput(invocation);
    return createHash('sha256')
        .update(header.getChannelHeader_asU8())
        .update(header.getSignatureHeader_asU8())
        .update(payload.serializeBinary())
        .digest();
}

/** Takes a signed proposal apart, or throws {@link MalformedProposal}. Nothing is verified yet. */
export function unpackProposal(signed: peer.SignedProposal): Proposal {
    const bytes = signed.getProposalBytes_asU8();
    const proposal = decode(peer.Proposal, bytes, 'Proposal');
    const { header, channel, signature } = decodeHeaders(proposal.getHeader_asU8());
    const chaincodeName = invokedChaincode(channel);
    const payload = decode(
        peer.ChaincodeProposalPayload,
        proposal.getPayload_asU8(),
        'ChaincodeProposalPayload',
    );
    const invocation = payload.getInput_asU8();
    return {
        signed,
        bytes,
        signature: signed.getSignature_asU8(),
        header,
        type: channel.getType(),
        epoch: channel.getEpoch(),
        channelId: channel.getChannelId(),
        txId: channel.getTxId(),
        timestamp: channel.getTimestamp()?.toDate(),
        creator: signature.getCreator_asU8(),
        nonce: signature.getNonce_asU8(),
        chaincodeName,
        input: decodeInput(invocation),
        invocation,
        hasTransient: payload.getTransientmapMap().getLength() > 0,
        hash: hashWithoutTransient(header, invocation),
    };
}
