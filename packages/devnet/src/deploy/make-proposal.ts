import { createHash, randomBytes } from 'node:crypto';
import { common, peer } from '@hyperledger/fabric-protos';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb.js';
import { unpackProposal, type Proposal } from '../endorser/proposal.js';
import type { SigningIdentity } from '../identity/signing-identity.js';

/** A call of a chaincode, to be proposed. */
export interface Call {
    readonly channelId: string;
    readonly chaincode: string;
    readonly args: readonly Uint8Array[];
    readonly time: Date;
    /** A transaction's by default; some tools ask for a channel's configuration with `CONFIG`. */
    readonly type?: number;
}

function headerOf(call: Call, identity: SigningIdentity): common.Header {
    const nonce = randomBytes(24);
    const signatureHeader = new common.SignatureHeader();
    signatureHeader.setCreator(identity.serialized);
    signatureHeader.setNonce(nonce);
    const id = new peer.ChaincodeID();
    id.setName(call.chaincode);
    const extension = new peer.ChaincodeHeaderExtension();
    extension.setChaincodeId(id);
    const time = new Timestamp();
    time.fromDate(call.time);
    const channelHeader = new common.ChannelHeader();
    channelHeader.setType(call.type ?? common.HeaderType.ENDORSER_TRANSACTION);
    channelHeader.setChannelId(call.channelId);
    channelHeader.setTimestamp(time);
    channelHeader.setTxId(
        createHash('sha256').update(nonce).update(identity.serialized).digest('hex'),
    );
    channelHeader.setExtension$(extension.serializeBinary());
    const header = new common.Header();
    header.setChannelHeader(channelHeader.serializeBinary());
    header.setSignatureHeader(signatureHeader.serializeBinary());
    return header;
}

/** A signed proposal to call a chaincode, as a client makes it. */
export function makeProposal(call: Call, identity: SigningIdentity): Proposal {
    const id = new peer.ChaincodeID();
    id.setName(call.chaincode);
    const input = new peer.ChaincodeInput();
    input.setArgsList([...call.args]);
    const spec = new peer.ChaincodeSpec();
    spec.setChaincodeId(id);
    spec.setInput(input);
    const invocation = new peer.ChaincodeInvocationSpec();
    invocation.setChaincodeSpec(spec);
    const payload = new peer.ChaincodeProposalPayload();
    payload.setInput(invocation.serializeBinary());
    const proposal = new peer.Proposal();
    proposal.setHeader(headerOf(call, identity).serializeBinary());
    proposal.setPayload(payload.serializeBinary());
    const bytes = proposal.serializeBinary();
    const signed = new peer.SignedProposal();
    signed.setProposalBytes(bytes);
    signed.setSignature(identity.sign(bytes));
    return unpackProposal(signed);
}
