import { createHash } from 'node:crypto';

import type { common } from '@hyperledger/fabric-protos';

import { sha256 } from './sha256.js';

/** The header as Fabric hashes and signs it: in ASN.1 DER. */
export function blockHeaderBytes(header: common.BlockHeader): Uint8Array {
    const content = Buffer.concat([
        der(0x02, integer(header.getNumber())),
        der(0x04, header.getPreviousHash_asU8()),
        der(0x04, header.getDataHash_asU8()),
    ]);
    return der(0x30, content);
}

/** The hash by which the next block refers to this one. */
export function blockHeaderHash(header: common.BlockHeader): Uint8Array {
    return sha256(blockHeaderBytes(header));
}

/** The hash of a block's transactions, as its header states it. */
export function blockDataHash(envelopes: readonly Uint8Array[]): Uint8Array {
    const hash = createHash('sha256');
    for (const envelope of envelopes) hash.update(envelope);
    return hash.digest();
}

function der(tag: number, content: Uint8Array): Uint8Array {
    const length =
        content.length < 0x80
            ? [content.length]
            : content.length < 0x100
              ? [0x81, content.length]
              : [0x82, content.length >>> 8, content.length & 0xff];
    return Buffer.concat([Uint8Array.of(tag, ...length), content]);
}

/** A positive number in as few bytes as DER allows: the first bit is the sign. */
function integer(number: number): Uint8Array {
    const hex = number.toString(16);
    const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
    return bytes[0] !== undefined && bytes[0] >= 0x80
        ? Buffer.concat([Uint8Array.of(0), bytes])
        : bytes;
}
