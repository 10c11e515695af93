import { common } from '@hyperledger/fabric-protos';
import { GatewayError, type Gateway } from '@hyperledger/fabric-gateway';
import type { Network } from '@goodput/network';
import { decodeBlock, type Block } from '@goodput/rwset';
import { connectOfficial } from '../systems/official-gateway.js';

/** Reads a channel's blocks as any client may: nothing of the systems under comparison is involved. */
export interface LedgerReader {
    /** Number of blocks of the channel, as the peer has it. */
    height(): Promise<number>;
    /** Resolves when a chaincode answers, whatever it answers. Throws what the peer says otherwise. */
    checkChaincode(name: string): Promise<void>;
    /** The blocks [from, to). */
    blocks(from: number, to: number): Promise<Block[]>;
    close(): void;
}

async function readHeight(gateway: Gateway, channel: string): Promise<number> {
    const qscc = gateway.getNetwork(channel).getContract('qscc');
    const info = await qscc.evaluateTransaction('GetChainInfo', channel);
    return common.BlockchainInfo.deserializeBinary(info).getHeight();
}

/** How long a chaincode may take to answer, in milliseconds: a peer may have to start it first. */
const ANSWER_WITHIN_MS = 20_000;

async function checkChaincode(gateway: Gateway, channel: string, name: string): Promise<void> {
    const contract = gateway.getNetwork(channel).getContract(name);
    try {
        await contract.evaluateTransaction('org.hyperledger.fabric:GetMetadata');
    } catch (error) {
        const answered =
            error instanceof GatewayError && error.message.includes('chaincode response');
        if (!answered) throw error;
    }
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
    const { gateway, close } = connectOfficial(network, {
        evaluateMs: ANSWER_WITHIN_MS,
        ...(identity !== undefined && { identity }),
    });
    return {
        height: () => readHeight(gateway, network.channel),
        checkChaincode: (name) => checkChaincode(gateway, network.channel, name),
        blocks: (from, to) => readBlocks(gateway, network.channel, from, to),
        close,
    };
}
