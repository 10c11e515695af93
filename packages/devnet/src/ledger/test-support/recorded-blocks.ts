import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { common, peer } from '@hyperledger/fabric-protos';

const FOLDER = join(__dirname, '..', '..', '..', 'fixtures', 'fabric-2.5-blocks');

/** How many blocks a real peer was recorded committing. */
export const FIXTURE_BLOCKS = 42;

/** Recorded transactions that were endorsed before the block in front of theirs was committed. */
export const ENDORSED_A_BLOCK_EARLIER = new Set([8, 18]);

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

/** The serialized read/write set of an endorsed transaction. */
export function resultsOf(envelope: Uint8Array): Uint8Array {
    const payload = common.Payload.deserializeBinary(
        common.Envelope.deserializeBinary(envelope).getPayload_asU8(),
    );
    const action = peer.Transaction.deserializeBinary(payload.getData_asU8()).getActionsList()[0];
    if (!action) return new Uint8Array();
    const endorsed = peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8());
    const response = peer.ProposalResponsePayload.deserializeBinary(
        endorsed.getAction()?.getProposalResponsePayload_asU8() ?? new Uint8Array(),
    );
    return peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8()).getResults_asU8();
}
