import type { CloseableAsyncIterable, Gateway } from '@hyperledger/fabric-gateway';
import { common, type peer } from '@hyperledger/fabric-protos';
import type { BlockStream, BlockSummary } from './block-feed.js';

function stream<T>(
    source: CloseableAsyncIterable<T>,
    summarize: (item: T) => BlockSummary,
): BlockStream {
    return {
        close: () => {
            source.close();
        },
        async *[Symbol.asyncIterator]() {
            for await (const item of source) yield summarize(item);
        },
    };
}

/** Verdicts only: the cheapest stream there is. */
export async function filteredBlocks(
    gateway: Gateway,
    channel: string,
    start: bigint | undefined,
): Promise<BlockStream> {
    const options = start === undefined ? {} : { startBlock: start };
    const blocks = await gateway.getNetwork(channel).getFilteredBlockEvents(options);
    return stream(blocks, (block: peer.FilteredBlock) => ({
        number: BigInt(block.getNumber()),
        transactions: block.getFilteredTransactionsList().map((transaction, index) => ({
            transactionId: transaction.getTxid(),
            code: transaction.getTxValidationCode(),
            index,
        })),
    }));
}

function transactionIdOf(envelope: Uint8Array): string {
    const payload = common.Payload.deserializeBinary(
        common.Envelope.deserializeBinary(envelope).getPayload_asU8(),
    );
    const header = payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array();
    return common.ChannelHeader.deserializeBinary(header).getTxId();
}

/** Whole blocks, for those who need to know what was written. */
export async function wholeBlocks(
    gateway: Gateway,
    channel: string,
    start: bigint | undefined,
): Promise<BlockStream> {
    const options = start === undefined ? {} : { startBlock: start };
    const blocks = await gateway.getNetwork(channel).getBlockEvents(options);
    return stream(blocks, (block) => {
        const verdicts = block
            .getMetadata()
            ?.getMetadataList_asU8()
            .at(common.BlockMetadataIndex.TRANSACTIONS_FILTER);
        const envelopes = block.getData()?.getDataList_asU8() ?? [];
        return {
            number: BigInt(block.getHeader()?.getNumber() ?? 0),
            transactions: envelopes.map((envelope, index) => ({
                transactionId: transactionIdOf(envelope),
                code: verdicts?.[index] ?? 255,
                index,
            })),
            bytes: block.serializeBinary(),
        };
    });
}
