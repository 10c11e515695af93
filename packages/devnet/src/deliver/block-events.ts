import { common, peer } from '@hyperledger/fabric-protos';

const { HeaderType } = common;
const VALID = 0;

/** One transaction of a block, as far as its headers tell. */
export interface BlockTransaction {
    readonly channelId: string;
    readonly txId: string;
    readonly type: number;
    readonly code: number;
    /** The serialized `Transaction`. */
    readonly data: Uint8Array;
}

/** The verdicts on a block's transactions. */
export function codesOf(block: common.Block): Uint8Array {
    const index = common.BlockMetadataIndex.TRANSACTIONS_FILTER;
    return block.getMetadata()?.getMetadataList_asU8()[index] ?? new Uint8Array();
}

/** The transactions of a block; what is none at all is left out. */
export function transactionsOf(block: common.Block): readonly BlockTransaction[] {
    const codes = codesOf(block);
    const found: BlockTransaction[] = [];
    block
        .getData()
        ?.getDataList_asU8()
        .forEach((bytes, index) => {
            const transaction = readTransaction(bytes, codes[index] ?? 0);
            if (transaction !== undefined) found.push(transaction);
        });
    return found;
}

function readTransaction(bytes: Uint8Array, code: number): BlockTransaction | undefined {
    try {
        const envelope = common.Envelope.deserializeBinary(bytes);
        const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
        const header = common.ChannelHeader.deserializeBinary(
            payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array(),
        );
        return {
            channelId: header.getChannelId(),
            txId: header.getTxId(),
            type: header.getType(),
            code,
            data: payload.getData_asU8(),
        };
    } catch {
        // Anything can be ordered; a peer skips in its answers what cannot be read.
        return undefined;
    }
}

/** The events of one transaction's actions; those without one are left out. */
export function eventsOfTransaction(data: Uint8Array): readonly peer.ChaincodeEvent[] {
    return peer.Transaction.deserializeBinary(data)
        .getActionsList()
        .flatMap((action) => {
            const payload = peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8());
            const response = payload.getAction()?.getProposalResponsePayload_asU8();
            if (response === undefined) return [];
            const extension = peer.ProposalResponsePayload.deserializeBinary(response);
            const result = peer.ChaincodeAction.deserializeBinary(extension.getExtension_asU8());
            const event = peer.ChaincodeEvent.deserializeBinary(result.getEvents_asU8());
            return event.getChaincodeId() === '' ? [] : [event];
        });
}

/** The events of a block's valid transactions, in their order. */
export function eventsOf(block: common.Block): readonly peer.ChaincodeEvent[] {
    return transactionsOf(block)
        .filter(({ code, type }) => code === VALID && type === HeaderType.ENDORSER_TRANSACTION)
        .flatMap(({ data }) => eventsOfTransaction(data));
}
