import { common } from '@hyperledger/fabric-protos';

import { DevnetError } from '../errors.js';
import { blockDataHash, blockHeaderHash } from './block-hash.js';

const TRANSACTIONS_FILTER = common.BlockMetadataIndex.TRANSACTIONS_FILTER;
const COMMIT_HASH = common.BlockMetadataIndex.COMMIT_HASH;

/** The end of a chain. */
export interface ChainEnd {
    readonly channel: string;
    readonly height: number;
    readonly lastHash: Uint8Array;
}

/** Refuses a block that does not continue the chain, or does not hold together. */
export function checkNextBlock(
    chain: ChainEnd,
    block: common.Block,
    codes: readonly number[],
): void {
    const header = block.getHeader();
    const envelopes = block.getData()?.getDataList_asU8() ?? [];
    const problem =
        header?.getNumber() !== chain.height
            ? `has number ${header?.getNumber()}, but the next is ${chain.height}`
            : Buffer.compare(header.getPreviousHash_asU8(), chain.lastHash) !== 0
              ? 'does not refer to the last block'
              : Buffer.compare(header.getDataHash_asU8(), blockDataHash(envelopes)) !== 0
                ? 'has a data hash that is not of its transactions'
                : codes.length !== envelopes.length
                  ? `has ${envelopes.length} transactions, but ${codes.length} verdicts came`
                  : undefined;
    if (problem === undefined) return;
    throw new DevnetError(
        'DEVNET_BLOCK_REFUSED',
        `The block for channel ${chain.channel} ${problem}. Order it again after the last block.`,
    );
}

/** The commit hash in a committed block's metadata; empty in a genesis block. */
export function commitHashOf(block: common.Block): Uint8Array {
    const stored = block.getMetadata()?.getMetadataList_asU8()[COMMIT_HASH] ?? new Uint8Array();
    return common.Metadata.deserializeBinary(stored).getValue_asU8();
}

/** The hash by which the next block has to refer to this one. */
export function headerHashOf(block: common.Block): Uint8Array {
    return blockHeaderHash(block.getHeader() ?? new common.BlockHeader());
}

/** Writes the verdicts, and the commit hash if there is one, leaving the rest of the metadata. */
export function setVerdicts(block: common.Block, codes: readonly number[], link: Uint8Array): void {
    const metadata = block.getMetadata() ?? new common.BlockMetadata();
    const list = [...metadata.getMetadataList_asU8()];
    while (list.length <= COMMIT_HASH) list.push(new Uint8Array());
    list[TRANSACTIONS_FILTER] = Uint8Array.from(codes);
    if (link.length > 0) {
        const message = new common.Metadata();
        message.setValue(link);
        list[COMMIT_HASH] = message.serializeBinary();
    }
    metadata.setMetadataList(list);
    block.setMetadata(metadata);
}
