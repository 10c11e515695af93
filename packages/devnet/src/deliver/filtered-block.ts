import { peer, common } from '@hyperledger/fabric-protos';
import { eventsOfTransaction, transactionsOf, type BlockTransaction } from './block-events.js';

const { HeaderType } = common;

function actionsOf(data: Uint8Array): peer.FilteredTransactionActions {
    const actions = new peer.FilteredTransactionActions();
    for (const event of eventsOfTransaction(data)) {
        const withoutPayload = new peer.ChaincodeEvent();
        withoutPayload.setChaincodeId(event.getChaincodeId());
        withoutPayload.setTxId(event.getTxId());
        withoutPayload.setEventName(event.getEventName());
        const action = new peer.FilteredChaincodeAction();
        action.setChaincodeEvent(withoutPayload);
        actions.addChaincodeActions(action);
    }
    return actions;
}

function filter(transaction: BlockTransaction): peer.FilteredTransaction {
    const filtered = new peer.FilteredTransaction();
    filtered.setTxid(transaction.txId);
    filtered.setType(transaction.type as common.HeaderTypeMap[keyof common.HeaderTypeMap]);
    filtered.setTxValidationCode(
        transaction.code as peer.TxValidationCodeMap[keyof peer.TxValidationCodeMap],
    );
    if (transaction.type !== HeaderType.ENDORSER_TRANSACTION) return filtered;
    try {
        filtered.setTransactionActions(actionsOf(transaction.data));
    } catch {
        // An invalid transaction may hold anything; a valid one has been decoded before.
        filtered.setTransactionActions(new peer.FilteredTransactionActions());
    }
    return filtered;
}

/** What is told of a block to those who want its transactions' ids, verdicts and event names alone. */
export function filteredBlock(block: common.Block): peer.FilteredBlock {
    const filtered = new peer.FilteredBlock();
    filtered.setNumber(block.getHeader()?.getNumber() ?? 0);
    const transactions = transactionsOf(block);
    filtered.setChannelId(transactions[0]?.channelId ?? '');
    filtered.setFilteredTransactionsList(transactions.map(filter));
    return filtered;
}
