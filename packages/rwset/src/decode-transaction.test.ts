import { common, gateway, peer } from '@hyperledger/fabric-protos';
import { expect } from 'chai';
import { decodeBlock } from './decode-block.js';
import { decodeProposalResponsePayload } from './decode-action.js';
import { decodeEnvelope, decodePreparedTransaction } from './decode-transaction.js';
import { RwsetError } from './errors.js';
import { FIXTURE_BLOCKS } from './test-support/fixture-blocks.js';

const envelopeOf = (block: number): Uint8Array =>
    common.Block.deserializeBinary(FIXTURE_BLOCKS[block]!).getData()!.getDataList_asU8()[0]!;

const prepared = (block: number): Uint8Array => {
    const message = new gateway.PreparedTransaction();
    message.setTransactionId('id');
    message.setEnvelope(common.Envelope.deserializeBinary(envelopeOf(block)));
    return message.serializeBinary();
};

describe('Reading a transaction before it is in a block', () => {
    it('gives the same from the prepared transaction and from the envelope as from the block', () => {
        const { txNum, code, ...inBlock } = decodeBlock(FIXTURE_BLOCKS[15]!).transactions[0]!;
        expect([txNum, code]).to.deep.equal([0, 0]);
        const same = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
        expect(same(decodeEnvelope(envelopeOf(15)))).to.deep.equal(same(inBlock));
        expect(same(decodePreparedTransaction(prepared(15)))).to.deep.equal(same(inBlock));
        expect(inBlock.bytes).to.equal(envelopeOf(15).length);
    });

    it('reads what an endorser signs', () => {
        const payload = common.Payload.deserializeBinary(
            common.Envelope.deserializeBinary(envelopeOf(28)).getPayload_asU8(),
        );
        const action = peer.ChaincodeActionPayload.deserializeBinary(
            peer.Transaction.deserializeBinary(payload.getData_asU8())
                .getActionsList()[0]!
                .getPayload_asU8(),
        );
        const bytes = action.getAction()!.getProposalResponsePayload_asU8();
        const { event, response, chaincode, rwset, proposalHash } =
            decodeProposalResponsePayload(bytes);
        expect(event?.name).to.equal('made');
        expect(response?.status).to.equal(200);
        expect(chaincode).to.deep.equal({ name: 'lab', version: '1.0' });
        expect(rwset.namespaces.map(({ namespace }) => namespace)).to.include('lab');
        expect(proposalHash).to.have.lengthOf(32);
    });

    it('refuses a prepared transaction that holds a configuration', () => {
        expect(() => decodePreparedTransaction(prepared(37)))
            .to.throw(RwsetError, 'header type 1')
            .with.property('code', 'RWSET_NOT_A_TRANSACTION');
        expect(decodeEnvelope(envelopeOf(37)).kind).to.equal('config');
    });

    it('reads timestamps before 1970 and statuses below 0', () => {
        const envelope = common.Envelope.deserializeBinary(envelopeOf(15));
        const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
        const header = common.ChannelHeader.deserializeBinary(
            payload.getHeader()!.getChannelHeader_asU8(),
        );
        header.getTimestamp()!.setSeconds(-5);
        header.getTimestamp()!.setNanos(500_000_000);
        payload.getHeader()!.setChannelHeader(header.serializeBinary());
        envelope.setPayload(payload.serializeBinary());
        expect(decodeEnvelope(envelope.serializeBinary()).timestampMs).to.equal(-4500);
    });
});
