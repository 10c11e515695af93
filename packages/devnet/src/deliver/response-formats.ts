import { common, orderer, peer } from '@hyperledger/fabric-protos';
import { filteredBlock } from './filtered-block.js';
import type { ResponseFormat } from './deliver-stream.js';
import type { Seek } from './seek.js';

const { BlockMetadataIndex } = common;

/** Serializes what every client is sent once, however many there are. */
function once(
    make: (block: common.Block) => peer.DeliverResponse | orderer.DeliverResponse,
): (block: common.Block) => Buffer {
    const made = new WeakMap<common.Block, Buffer>();
    return (block) => {
        let bytes = made.get(block);
        if (bytes === undefined) {
            bytes = Buffer.from(make(block).serializeBinary());
            made.set(block, bytes);
        }
        return bytes;
    };
}

function peerStatus(status: common.StatusMap[keyof common.StatusMap]): Buffer {
    const response = new peer.DeliverResponse();
    response.setStatus(status);
    return Buffer.from(response.serializeBinary());
}

function headerOnly(block: common.Block): common.Block {
    const copy = new common.Block();
    copy.setHeader(block.getHeader());
    copy.setMetadata(block.getMetadata());
    return copy;
}

function withBlock(block: common.Block): peer.DeliverResponse {
    const response = new peer.DeliverResponse();
    response.setBlock(block);
    return response;
}

/** Whole blocks, as a peer has committed them. */
export function fullBlocks(): ResponseFormat {
    const full = once(withBlock);
    const headers = once((block) => withBlock(headerOnly(block)));
    return {
        status: peerStatus,
        block: (block, seek) => (seek.headersOnly ? headers(block) : full(block)),
    };
}

/** Ids, verdicts and event names. */
export function filteredBlocks(): ResponseFormat {
    return {
        status: peerStatus,
        block: once((block) => {
            const response = new peer.DeliverResponse();
            response.setFilteredBlock(filteredBlock(block));
            return response;
        }),
    };
}

/** Whole blocks with the private data the client may see. */
export function blocksWithPrivateData(
    privateData: (block: common.Block, seek: Seek) => peer.BlockAndPrivateData,
): ResponseFormat {
    return {
        status: peerStatus,
        block: (block, seek) => {
            const response = new peer.DeliverResponse();
            response.setBlockAndPrivateData(privateData(block, seek));
            return Buffer.from(response.serializeBinary());
        },
    };
}

/** A block as the ordering service has it: without a peer's verdicts and commit hash. */
function asOrdered(block: common.Block): common.Block {
    const copy = block.cloneMessage();
    const metadata = copy.getMetadata()?.getMetadataList_asU8() ?? [];
    metadata[BlockMetadataIndex.TRANSACTIONS_FILTER] = new Uint8Array();
    metadata[BlockMetadataIndex.COMMIT_HASH] = new Uint8Array();
    copy.getMetadata()?.setMetadataList(metadata);
    return copy;
}

/** Whole blocks, as the ordering service made them. */
export function orderedBlocks(): ResponseFormat {
    const withBlock = (block: common.Block): orderer.DeliverResponse => {
        const response = new orderer.DeliverResponse();
        response.setBlock(block);
        return response;
    };
    const full = once((block) => withBlock(asOrdered(block)));
    const headers = once((block) => withBlock(headerOnly(asOrdered(block))));
    return {
        status: (status) => {
            const response = new orderer.DeliverResponse();
            response.setStatus(status);
            return Buffer.from(response.serializeBinary());
        },
        block: (block, seek) => (seek.headersOnly ? headers(block) : full(block)),
    };
}
