import { common, ledger, msp, peer } from '@hyperledger/fabric-protos';
import { encodeTxReadWriteSet } from '../encode-rwset.js';
import { MemoryState } from '../memory-state.js';
import type { TxReadWriteSet } from '../model.js';
import { SeededRandom } from '../random.js';
import { ReadWriteSetBuilder } from '../read-write-set-builder.js';
import { zipf } from '../test-support/workloads.js';
import { validateBlock } from '../validate.js';

const IDENTITY_BYTES = 810;
const SIGNATURE_BYTES = 71;

/**
 * Blocks as a peer delivers them: envelopes of about the size real ones have, endorsed by two
 * organisations, with skewed updates of which many conflict, and the verdicts in the metadata.
 */
export function blockStream(blocks: number, perBlock: number): Buffer[] {
    const random = new SeededRandom(9);
    const draw = zipf(10_000, 1, random);
    const state = new MemoryState();
    return Array.from({ length: blocks }, (_, number) => {
        const calls = Array.from({ length: perBlock }, () => [`k${draw()}`, `k${draw()}`]);
        const transactions = calls.map((keys) => ({ rwset: rwsetOf(keys, state) }));
        const { codes, updates } = validateBlock(state, { number, transactions });
        state.apply(updates);
        const data = new common.BlockData();
        data.setDataList(
            transactions.map(({ rwset }, i) =>
                envelope(
                    `${String(number).padStart(32, '0')}${String(i).padStart(32, '0')}`,
                    calls[i]!,
                    rwset,
                ),
            ),
        );
        const header = new common.BlockHeader();
        header.setNumber(number);
        const metadata = new common.BlockMetadata();
        metadata.setMetadataList([Buffer.alloc(0), Buffer.alloc(0), Buffer.from(codes)]);
        const block = new common.Block();
        block.setHeader(header);
        block.setData(data);
        block.setMetadata(metadata);
        return Buffer.from(block.serializeBinary());
    });
}

/**
 * The same as far as Fabric's own message classes go: everything down to the reads and writes, and
 * who wrote what last by key.
 */
export function decodeWithFabricProtos(bytes: Uint8Array, lastWriter: Map<string, string>): number {
    let reads = 0;
    for (const data of common.Block.deserializeBinary(bytes).getData()!.getDataList_asU8()) {
        const payload = common.Payload.deserializeBinary(
            common.Envelope.deserializeBinary(data).getPayload_asU8(),
        );
        const channelHeader = common.ChannelHeader.deserializeBinary(
            payload.getHeader()!.getChannelHeader_asU8(),
        );
        const transaction = peer.Transaction.deserializeBinary(payload.getData_asU8());
        const actionPayload = peer.ChaincodeActionPayload.deserializeBinary(
            transaction.getActionsList()[0]!.getPayload_asU8(),
        );
        const response = peer.ProposalResponsePayload.deserializeBinary(
            actionPayload.getAction()!.getProposalResponsePayload_asU8(),
        );
        const action = peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8());
        const sets = ledger.rwset.TxReadWriteSet.deserializeBinary(action.getResults_asU8());
        for (const set of sets.getNsRwsetList()) {
            const kv = ledger.rwset.kvrwset.KVRWSet.deserializeBinary(set.getRwset_asU8());
            reads += kv.getReadsList().length;
            for (const write of kv.getWritesList()) {
                lastWriter.set(`${set.getNamespace()} ${write.getKey()}`, channelHeader.getTxId());
            }
        }
    }
    return reads;
}

function rwsetOf(keys: readonly string[], state: MemoryState): TxReadWriteSet {
    const builder = new ReadWriteSetBuilder();
    builder.addRead('_lifecycle', 'namespaces/fields/bank/Sequence', undefined);
    for (const key of keys) {
        builder.addRead('bank', key, state.get('bank', key)?.version);
        builder.addWrite('bank', key, Buffer.alloc(100, 0x31));
    }
    return builder.build().rwset;
}

function identity(mspId: string): Uint8Array {
    const serialized = new msp.SerializedIdentity();
    serialized.setMspid(mspId);
    serialized.setIdBytes(Buffer.alloc(IDENTITY_BYTES, 0x41));
    return serialized.serializeBinary();
}

function envelope(txId: string, args: readonly string[], rwset: TxReadWriteSet): Uint8Array {
    const chaincode = new peer.ChaincodeID();
    chaincode.setName('bank');
    chaincode.setVersion('1.0');
    const response = new peer.Response();
    response.setStatus(200);
    const action = new peer.ChaincodeAction();
    action.setResults(encodeTxReadWriteSet(rwset));
    action.setChaincodeId(chaincode);
    action.setResponse(response);
    const responsePayload = new peer.ProposalResponsePayload();
    responsePayload.setProposalHash(Buffer.alloc(32, 1));
    responsePayload.setExtension$(action.serializeBinary());

    const endorsed = new peer.ChaincodeEndorsedAction();
    endorsed.setProposalResponsePayload(responsePayload.serializeBinary());
    endorsed.setEndorsementsList(
        ['Org1MSP', 'Org2MSP'].map((mspId) => {
            const endorsement = new peer.Endorsement();
            endorsement.setEndorser(identity(mspId));
            endorsement.setSignature(Buffer.alloc(SIGNATURE_BYTES, 2));
            return endorsement;
        }),
    );
    const input = new peer.ChaincodeInput();
    input.setArgsList(['transfer', ...args].map((arg) => Buffer.from(arg)));
    const spec = new peer.ChaincodeSpec();
    spec.setChaincodeId(chaincode);
    spec.setInput(input);
    const invocation = new peer.ChaincodeInvocationSpec();
    invocation.setChaincodeSpec(spec);
    const proposal = new peer.ChaincodeProposalPayload();
    proposal.setInput(invocation.serializeBinary());
    const actionPayload = new peer.ChaincodeActionPayload();
    actionPayload.setChaincodeProposalPayload(proposal.serializeBinary());
    actionPayload.setAction(endorsed);

    const signature = new common.SignatureHeader();
    signature.setCreator(identity('Org1MSP'));
    signature.setNonce(Buffer.alloc(24, 3));
    const transactionAction = new peer.TransactionAction();
    transactionAction.setHeader(signature.serializeBinary());
    transactionAction.setPayload(actionPayload.serializeBinary());
    const transaction = new peer.Transaction();
    transaction.addActions(transactionAction);

    const channel = new common.ChannelHeader();
    channel.setType(common.HeaderType.ENDORSER_TRANSACTION);
    channel.setChannelId('mychannel');
    channel.setTxId(txId);
    const header = new common.Header();
    header.setChannelHeader(channel.serializeBinary());
    header.setSignatureHeader(signature.serializeBinary());
    const payload = new common.Payload();
    payload.setHeader(header);
    payload.setData(transaction.serializeBinary());
    const message = new common.Envelope();
    message.setPayload(payload.serializeBinary());
    message.setSignature(Buffer.alloc(SIGNATURE_BYTES, 4));
    return message.serializeBinary();
}
