import { createHash, randomBytes } from 'node:crypto';
import { dial, nativeSigner, type NetworkIdentity } from '@goodput/network';
import type { Client as GrpcClient } from '@grpc/grpc-js';
import { common, msp, orderer, peer } from '@hyperledger/fabric-protos';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb.js';
import { expect } from 'chai';
import { callStream, callUnary } from './support/call.js';
import { freshKey, type Client } from './support/client.js';
import { useTarget } from './support/target.js';

/** A proposal put together by hand, to be spoilt in any way. */
function makeProposal(
    identity: NetworkIdentity,
    channel: string,
    chaincode: string,
    args: readonly string[],
    change: (parts: {
        readonly channelHeader: common.ChannelHeader;
        readonly signatureHeader: common.SignatureHeader;
    }) => void = () => undefined,
): peer.SignedProposal {
    const creator = new msp.SerializedIdentity();
    creator.setMspid(identity.mspId);
    creator.setIdBytes(Buffer.from(identity.certificate));
    const nonce = randomBytes(24);
    const signatureHeader = new common.SignatureHeader();
    signatureHeader.setCreator(creator.serializeBinary());
    signatureHeader.setNonce(nonce);
    const id = new peer.ChaincodeID();
    id.setName(chaincode);
    const extension = new peer.ChaincodeHeaderExtension();
    extension.setChaincodeId(id);
    const channelHeader = new common.ChannelHeader();
    channelHeader.setType(common.HeaderType.ENDORSER_TRANSACTION);
    channelHeader.setChannelId(channel);
    channelHeader.setTimestamp(Timestamp.fromDate(new Date()));
    channelHeader.setTxId(
        createHash('sha256').update(nonce).update(creator.serializeBinary()).digest('hex'),
    );
    channelHeader.setExtension$(extension.serializeBinary());
    change({ channelHeader, signatureHeader });
    const header = new common.Header();
    header.setChannelHeader(channelHeader.serializeBinary());
    header.setSignatureHeader(signatureHeader.serializeBinary());
    const input = new peer.ChaincodeInput();
    input.setArgsList(args.map((each) => Buffer.from(each)));
    const spec = new peer.ChaincodeSpec();
    spec.setType(peer.ChaincodeSpec.Type.NODE);
    spec.setChaincodeId(id);
    spec.setInput(input);
    const invocation = new peer.ChaincodeInvocationSpec();
    invocation.setChaincodeSpec(spec);
    const payload = new peer.ChaincodeProposalPayload();
    payload.setInput(invocation.serializeBinary());
    const proposal = new peer.Proposal();
    proposal.setHeader(header.serializeBinary());
    proposal.setPayload(payload.serializeBinary());
    const signed = new peer.SignedProposal();
    signed.setProposalBytes(proposal.serializeBinary());
    signed.setSignature(nativeSigner(identity.privateKey).signSync(proposal.serializeBinary()));
    return signed;
}

describe('a peer’s endorser service', () => {
    const target = useTarget();
    let client: Client;
    before(() => {
        client = target.current.client();
    });

    async function process(
        args: readonly string[],
        change?: Parameters<typeof makeProposal>[4],
        spoil: (signed: peer.SignedProposal) => void = () => undefined,
    ) {
        const { network, lab } = target.current;
        const signed = makeProposal(network.identity(), client.channel, lab, args, change);
        spoil(signed);
        const answer = await callUnary(
            client.connection,
            '/protos.Endorser/ProcessProposal',
            signed,
        );
        return { ...answer, response: peer.ProposalResponse.deserializeBinary(answer.bytes) };
    }

    it('endorses a proposal, with a signature over its result', async () => {
        const key = freshKey();
        const { status, response } = await process(['put', key, 'x']);
        expect(status).to.equal('OK');
        expect(response.getResponse()!.getStatus()).to.equal(200);
        expect(response.getEndorsement()!.getSignature_asU8().length).to.be.greaterThan(60);
        const payload = peer.ProposalResponsePayload.deserializeBinary(response.getPayload_asU8());
        expect(payload.getProposalHash_asU8()).to.have.length(32);
    });

    it('endorses the same proposal with the same result', async () => {
        const { network, lab } = target.current;
        const signed = makeProposal(network.identity(), client.channel, lab, [
            'put',
            freshKey(),
            'x',
        ]);
        const payloads = new Set<string>();
        for (let time = 0; time < 3; time++) {
            const { bytes } = await callUnary(
                client.connection,
                '/protos.Endorser/ProcessProposal',
                signed,
            );
            const response = peer.ProposalResponse.deserializeBinary(bytes);
            payloads.add(Buffer.from(response.getPayload_asU8()).toString('hex'));
        }
        expect(payloads.size).to.equal(1);
    });

    it('answers with the chaincode’s error, unsigned', async () => {
        const { status, response } = await process(['fail', 'no such luck']);
        expect(status).to.equal('OK');
        expect(response.getResponse()!.getStatus()).to.equal(500);
        expect(response.getResponse()!.getMessage()).to.contain('no such luck');
        expect(response.getEndorsement()).to.equal(undefined);
    });

    it('answers with 500 for a chaincode that is not there', async () => {
        const { network } = target.current;
        const signed = makeProposal(network.identity(), client.channel, 'absent', ['get', 'k']);
        const { bytes } = await callUnary(
            client.connection,
            '/protos.Endorser/ProcessProposal',
            signed,
        );
        const response = peer.ProposalResponse.deserializeBinary(bytes);
        expect(response.getResponse()!.getStatus()).to.equal(500);
        expect(response.getResponse()!.getMessage()).to.contain('absent');
    });

    const refused: [
        string,
        RegExp,
        Parameters<typeof makeProposal>[4],
        ((signed: peer.SignedProposal) => void)?,
    ][] = [
        [
            'an id not of nonce and creator',
            /txid|transaction id/i,
            ({ channelHeader }) => {
                channelHeader.setTxId('ab'.repeat(32));
            },
        ],
        [
            'no nonce',
            /nonce/i,
            ({ signatureHeader }) => {
                signatureHeader.setNonce('');
            },
        ],
        [
            'no creator',
            /creator/i,
            ({ signatureHeader }) => {
                signatureHeader.setCreator('');
            },
        ],
        [
            'an epoch',
            /epoch/i,
            ({ channelHeader }) => {
                channelHeader.setEpoch(1);
            },
        ],
        [
            'another type of header',
            /header type/i,
            ({ channelHeader }) => {
                channelHeader.setType(common.HeaderType.MESSAGE);
            },
        ],
        [
            'a wrong signature',
            /access denied|signature/i,
            undefined,
            (signed) => {
                signed.setSignature(Buffer.from('3006020101020101', 'hex'));
            },
        ],
        [
            'no signature',
            /access denied|signature|empty/i,
            undefined,
            (signed) => {
                signed.setSignature('');
            },
        ],
        [
            'a proposal that is none',
            /proto|unmarshal|parse|proposal|header/i,
            undefined,
            (signed) => {
                signed.setProposalBytes(Buffer.from('ff', 'hex'));
            },
        ],
    ];
    for (const [what, message, change, spoil] of refused) {
        it(`refuses ${what}`, async () => {
            const { status, text, response } = await process(['get', 'k'], change, spoil);
            const said = `${text}\n${response.getResponse()?.getMessage() ?? ''}`;
            expect(said).to.match(message);
            expect(response.getEndorsement()).to.equal(undefined);
            expect(status).to.not.equal('INTERNAL');
        });
    }
});

describe('an ordering node', () => {
    const target = useTarget();
    let client: Client;
    let connection: GrpcClient;
    before(function () {
        target.current.needs(this, 'an ordering node');
        client = target.current.client();
        connection = dial(target.current.network.orderers[0]!);
    });
    after(() => {
        (connection as GrpcClient | undefined)?.close();
    });

    async function broadcast(
        ...envelopes: common.Envelope[]
    ): Promise<orderer.BroadcastResponse[]> {
        const answers = await callStream(
            connection,
            '/orderer.AtomicBroadcast/Broadcast',
            envelopes,
            (all) => all.length >= envelopes.length,
        );
        return answers.map((bytes) => orderer.BroadcastResponse.deserializeBinary(bytes));
    }

    async function endorsed(): Promise<{ envelope: common.Envelope; txId: string }> {
        const transaction = await client.endorse('put', [freshKey(), 'x']);
        const { gateway } = await import('@hyperledger/fabric-protos');
        const prepared = gateway.PreparedTransaction.deserializeBinary(transaction.getBytes());
        const envelope = prepared.getEnvelope()!;
        const { signSync } = nativeSigner(target.current.network.identity().privateKey);
        envelope.setSignature(signSync(envelope.getPayload_asU8()));
        return { envelope, txId: transaction.getTransactionId() };
    }

    it('takes an endorsed transaction, which is then committed', async () => {
        const { envelope, txId } = await endorsed();
        const [answer] = await broadcast(envelope);
        expect(answer!.getStatus()).to.equal(common.Status.SUCCESS);
        const blocks = await client.gateway
            .getNetwork(client.channel)
            .getFilteredBlockEvents({ startBlock: 0n });
        for await (const block of blocks) {
            const found = block.getFilteredTransactionsList().find((tx) => tx.getTxid() === txId);
            if (found === undefined) continue;
            expect(found.getTxValidationCode()).to.equal(0);
            break;
        }
        blocks.close();
    });

    it('takes several over one stream', async () => {
        const envelopes = [];
        for (let count = 0; count < 3; count++) envelopes.push((await endorsed()).envelope);
        const answers = await broadcast(...envelopes);
        expect(answers.map((each) => each.getStatus())).to.deep.equal([200, 200, 200]);
    });

    it('refuses a transaction signed by nobody it knows', async () => {
        const { envelope } = await endorsed();
        envelope.setSignature(Buffer.from('3006020101020101', 'hex'));
        const [answer] = await broadcast(envelope);
        expect(answer!.getStatus()).to.equal(common.Status.FORBIDDEN);
    });

    it('refuses an envelope that holds nothing', async () => {
        const [answer] = await broadcast(new common.Envelope());
        expect(answer!.getStatus()).to.equal(common.Status.BAD_REQUEST);
    });

    it('refuses a channel it does not have', async () => {
        const { envelope } = await endorsed();
        const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
        const header = payload.getHeader()!;
        const channelHeader = common.ChannelHeader.deserializeBinary(
            header.getChannelHeader_asU8(),
        );
        channelHeader.setChannelId('nosuchchannel');
        header.setChannelHeader(channelHeader.serializeBinary());
        envelope.setPayload(payload.serializeBinary());
        const [answer] = await broadcast(envelope);
        expect(answer!.getStatus()).to.be.oneOf([
            common.Status.NOT_FOUND,
            common.Status.BAD_REQUEST,
        ]);
    });

    /** A signed request for blocks. */
    function seek(from: number, to: number, identity = target.current.network.identity()) {
        const position = (number: number): orderer.SeekPosition => {
            const specified = new orderer.SeekSpecified();
            specified.setNumber(number);
            const made = new orderer.SeekPosition();
            made.setSpecified(specified);
            return made;
        };
        const info = new orderer.SeekInfo();
        info.setStart(position(from));
        info.setStop(position(to));
        const creator = new msp.SerializedIdentity();
        creator.setMspid(identity.mspId);
        creator.setIdBytes(Buffer.from(identity.certificate));
        const channelHeader = new common.ChannelHeader();
        channelHeader.setType(common.HeaderType.DELIVER_SEEK_INFO);
        channelHeader.setChannelId(client.channel);
        channelHeader.setTimestamp(Timestamp.fromDate(new Date()));
        const signatureHeader = new common.SignatureHeader();
        signatureHeader.setCreator(creator.serializeBinary());
        signatureHeader.setNonce(randomBytes(24));
        const header = new common.Header();
        header.setChannelHeader(channelHeader.serializeBinary());
        header.setSignatureHeader(signatureHeader.serializeBinary());
        const payload = new common.Payload();
        payload.setHeader(header);
        payload.setData(info.serializeBinary());
        const envelope = new common.Envelope();
        envelope.setPayload(payload.serializeBinary());
        const { signSync } = nativeSigner(identity.privateKey);
        envelope.setSignature(signSync(envelope.getPayload_asU8()));
        return envelope;
    }

    it('delivers a peer blocks up to the one it was asked for, then says so', async () => {
        const answers = await callStream(
            client.connection,
            '/protos.Deliver/Deliver',
            [seek(0, 1)],
            (all) => all.length >= 3,
        );
        const responses = answers.map((bytes) => peer.DeliverResponse.deserializeBinary(bytes));
        expect(responses.map((each) => each.getBlock()?.getHeader()?.getNumber())).to.deep.equal([
            0,
            1,
            undefined,
        ]);
        expect(responses[2]!.getStatus()).to.equal(common.Status.SUCCESS);
    });

    it('is refused blocks in an order that makes no sense', async () => {
        const answers = await callStream(
            client.connection,
            '/protos.Deliver/Deliver',
            [seek(1, 0)],
            (all) => all.length >= 1,
        );
        const response = peer.DeliverResponse.deserializeBinary(answers[0]!);
        expect(response.getStatus()).to.equal(common.Status.BAD_REQUEST);
    });

    it('is refused blocks when the signature is wrong', async () => {
        const request = seek(0, 1);
        request.setSignature(Buffer.from('3006020101020101', 'hex'));
        const answers = await callStream(
            client.connection,
            '/protos.Deliver/Deliver',
            [request],
            (all) => all.length >= 1,
        );
        const response = peer.DeliverResponse.deserializeBinary(answers[0]!);
        expect(response.getStatus()).to.equal(common.Status.FORBIDDEN);
    });
});
