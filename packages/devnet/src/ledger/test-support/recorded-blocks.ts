import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { common } from '@hyperledger/fabric-protos';

const FOLDER = join(__dirname, '..', '..', '..', 'fixtures', 'fabric-2.5-blocks');

/** How many blocks a real peer was recorded committing. */
export const FIXTURE_BLOCKS = 42;

/** One of the recorded blocks, with the metadata the peer wrote. */
export function fixtureBlock(number: number): common.Block {
    const file = `block_${String(number).padStart(4, '0')}.block`;
    return common.Block.deserializeBinary(readFileSync(join(FOLDER, file)));
}

/** The same block as the orderer delivered it: without verdicts and commit hash. */
export function orderedBlock(number: number): common.Block {
    const block = fixtureBlock(number);
    const metadata = block.getMetadata();
    const list = metadata?.getMetadataList_asU8() ?? [];
    metadata?.setMetadataList([list[0] ?? '', list[1] ?? '']);
    return block;
}

/** The peer's verdicts on a recorded block. */
export function recordedCodes(block: common.Block): number[] {
    const filter = common.BlockMetadataIndex.TRANSACTIONS_FILTER;
    return [...(block.getMetadata()?.getMetadataList_asU8()[filter] ?? [])];
}
