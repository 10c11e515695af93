import { peer, type common } from '@hyperledger/fabric-protos';

/** A block with the private data of its transactions that the client may see. */
export function privateDataOf(block: common.Block): peer.BlockAndPrivateData {
    const result = new peer.BlockAndPrivateData();
    result.setBlock(block);
    return result;
}
