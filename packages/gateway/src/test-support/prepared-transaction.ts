import { common, gateway, peer } from '@hyperledger/fabric-protos';

/** The bytes of an endorsed transaction with this read/write set, as `fabric-gateway` gives them. */
export function preparedTransaction(readWriteSet: Uint8Array, transactionId = 't'): Uint8Array {
    const action = new peer.ChaincodeAction();
    action.setResults(readWriteSet);
    const answer = new peer.Response();
    answer.setStatus(200);
    action.setResponse(answer);
    const response = new peer.ProposalResponsePayload();
    response.setExtension$(action.serializeBinary());
    const endorsed = new peer.ChaincodeEndorsedAction();
    endorsed.setProposalResponsePayload(response.serializeBinary());
    const payload = new peer.ChaincodeActionPayload();
    payload.setAction(endorsed);
    payload.setChaincodeProposalPayload(new peer.ChaincodeProposalPayload().serializeBinary());
    const transactionAction = new peer.TransactionAction();
    transactionAction.setPayload(payload.serializeBinary());
    const transaction = new peer.Transaction();
    transaction.setActionsList([transactionAction]);
    const channelHeader = new common.ChannelHeader();
    channelHeader.setType(common.HeaderType.ENDORSER_TRANSACTION);
    channelHeader.setTxId(transactionId);
    const header = new common.Header();
    header.setChannelHeader(channelHeader.serializeBinary());
    header.setSignatureHeader(new common.SignatureHeader().serializeBinary());
    const whole = new common.Payload();
    whole.setHeader(header);
    whole.setData(transaction.serializeBinary());
    const envelope = new common.Envelope();
    envelope.setPayload(whole.serializeBinary());
    const prepared = new gateway.PreparedTransaction();
    prepared.setTransactionId(transactionId);
    prepared.setEnvelope(envelope);
    return prepared.serializeBinary();
}
