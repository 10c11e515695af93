import { common, peer } from '@hyperledger/fabric-protos';
import type { Proposal } from '../endorser/proposal.js';

/** The unsigned envelope of an endorsed transaction: the transient data stays out. */
export function prepareTransaction(
    proposal: Proposal,
    responsePayload: Uint8Array,
    endorsements: readonly peer.Endorsement[],
): common.Envelope {
    const withoutTransient = new peer.ChaincodeProposalPayload();
    withoutTransient.setInput(proposal.invocation);
    const endorsed = new peer.ChaincodeEndorsedAction();
    endorsed.setProposalResponsePayload(responsePayload);
    endorsed.setEndorsementsList(unique(endorsements));
    const actionPayload = new peer.ChaincodeActionPayload();
    actionPayload.setChaincodeProposalPayload(withoutTransient.serializeBinary());
    actionPayload.setAction(endorsed);
    const action = new peer.TransactionAction();
    action.setHeader(proposal.header.getSignatureHeader_asU8());
    action.setPayload(actionPayload.serializeBinary());
    const transaction = new peer.Transaction();
    transaction.addActions(action);
    const payload = new common.Payload();
    payload.setHeader(proposal.header);
    payload.setData(transaction.serializeBinary());
    const envelope = new common.Envelope();
    envelope.setPayload(payload.serializeBinary());
    return envelope;
}

function unique(endorsements: readonly peer.Endorsement[]): peer.Endorsement[] {
    const byEndorser = new Map<string, peer.Endorsement>();
    for (const endorsement of endorsements) {
        const endorser = Buffer.from(endorsement.getEndorser_asU8()).toString('latin1');
        if (!byEndorser.has(endorser)) byEndorser.set(endorser, endorsement);
    }
    return [...byEndorser.values()];
}
