import { common } from '@hyperledger/fabric-protos';
import { connect, hash, type Gateway } from '@hyperledger/fabric-gateway';
import { dial, nativeSigner, type Network } from '@goodput/network';
import { decodeBlock, type Block } from '@goodput/rwset';

/** Reads a channel's blocks as any client may: nothing of the systems under comparison is involved. */
export interface LedgerReader {
    /** Number of blocks of the channel, as the peer has it. */
    height(): Promise<number>;
    /** The blocks [from, to). */
    blocks(from: number, to: number): Promise<Block[]>;
    close(): void;
}

async function readHeight(gateway: Gateway, channel: string): Promise<number> {
    const qscc = gateway.getNetwork(channel).getContract('qscc');
    const info = await qscc.evaluateTransaction('GetChainInfo', channel);
    return common.BlockchainInfo.deserializeBinary(info).getHeight();
}

async function readBlocks(
    gateway: Gateway,
    channel: string,
    from: number,
    to: number,
): Promise<Block[]> {
    if (to <= from) return [];
    const events = await gateway.getNetwork(channel).getBlockEvents({ startBlock: BigInt(from) });
    const blocks: Block[] = [];
    try {
        for await (const block of events) {
            blocks.push(decodeBlock(block.serializeBinary()));
            if (blocks.length === to - from) break;
        }
    } finally {
        events.close();
    }
    return blocks;
}

/** Connects to the profile's first peer. */
export function readLedger(network: Network, identity?: string): LedgerReader {
    const person = network.identity(identity);
    const client = dial(network.peer());
    const gateway = connect({
        client,
        identity: { mspId: person.mspId, credentials: Buffer.from(person.certificate) },
        signer: nativeSigner(person.privateKey).sign,
        hash: hash.none,
    });
    return {
        height: () => readHeight(gateway, network.channel),
        blocks: (from, to) => readBlocks(gateway, network.channel, from, to),
        close: () => {
            gateway.close();
            client.close();
        },
    };
}
