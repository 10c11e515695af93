import { randomBytes } from 'node:crypto';
import { common } from '@hyperledger/fabric-protos';
import type { SigningIdentity } from '../identity/signing-identity.js';
import { blockDataHash, blockHeaderBytes } from '../ledger/block-hash.js';

/** What a block is made of before it is signed. */
export interface BlockParts {
    readonly number: number;
    readonly previousHash: Uint8Array;
    /** Serialized envelopes. */
    readonly data: readonly Uint8Array[];
    /** Number of the last block with a configuration. */
    readonly lastConfig: number;
}

function signatureOf(
    identity: SigningIdentity,
    value: Uint8Array,
    header: common.BlockHeader,
): common.MetadataSignature {
    const signatureHeader = new common.SignatureHeader();
    signatureHeader.setCreator(identity.serialized);
    signatureHeader.setNonce(randomBytes(24));
    const bytes = signatureHeader.serializeBinary();
    const signature = new common.MetadataSignature();
    signature.setSignatureHeader(bytes);
    signature.setSignature(identity.sign(Buffer.concat([value, bytes, blockHeaderBytes(header)])));
    return signature;
}

/** A block as the ordering service hands it to peers: hashed, chained, signed, not yet validated. */
export function makeBlock(parts: BlockParts, orderer: SigningIdentity): common.Block {
    const header = new common.BlockHeader();
    header.setNumber(parts.number);
    header.setPreviousHash(parts.previousHash);
    header.setDataHash(blockDataHash(parts.data));
    const data = new common.BlockData();
    data.setDataList([...parts.data]);

    const lastConfig = new common.LastConfig();
    lastConfig.setIndex(parts.lastConfig);
    const ordererMetadata = new common.OrdererBlockMetadata();
    ordererMetadata.setLastConfig(lastConfig);
    const value = ordererMetadata.serializeBinary();
    const signatures = new common.Metadata();
    signatures.setValue(value);
    signatures.addSignatures(signatureOf(orderer, value, header));
    const nothing = new Uint8Array();
    const metadata = new common.BlockMetadata();
    metadata.setMetadataList([signatures.serializeBinary(), nothing, nothing, nothing, nothing]);

    const block = new common.Block();
    block.setHeader(header);
    block.setData(data);
    block.setMetadata(metadata);
    return block;
}
