import { readEvents } from '@goodput/chaincode/wire';
import { decodeBlock, type Block } from '@goodput/rwset';
import type { Gateway } from '@hyperledger/fabric-gateway';
import { wholeBlocks } from '../transport/block-streams.js';
import type { OpenStream, Positioned } from './event-stream.js';

/** An event that a contract set. */
export interface ContractEvent {
    readonly blockNumber: bigint;
    readonly transactionId: string;
    readonly chaincode: string;
    readonly name: string;
    readonly payload: Uint8Array;
}

/**
 * Events of a chaincode's valid transactions. Where one transaction carries several events, as a
 * merged one does, each is an item of its own.
 */
export function chaincodeEvents(
    gateway: () => Gateway,
    channel: string,
    chaincode: string,
): OpenStream<ContractEvent> {
    return async (start) => {
        const options = start === undefined ? {} : { startBlock: start };
        const source = await gateway().getNetwork(channel).getChaincodeEvents(chaincode, options);
        return {
            close: () => {
                source.close();
            },
            async *[Symbol.asyncIterator](): AsyncGenerator<Positioned<ContractEvent>> {
                let block: bigint | undefined;
                let index = 0;
                const seen = new Set<string>();
                for await (const event of source) {
                    const { blockNumber, transactionId, eventName, payload } = event;
                    // A transaction sets one event: a second one is a block delivered again.
                    if (block !== undefined && blockNumber < block) continue;
                    if (blockNumber !== block) {
                        index = 0;
                        seen.clear();
                    }
                    block = blockNumber;
                    if (seen.has(transactionId)) continue;
                    seen.add(transactionId);
                    for (const each of readEvents(eventName, payload)) {
                        const value = { blockNumber, transactionId, chaincode, ...each };
                        yield { block: blockNumber, index: index++, value };
                    }
                }
            },
        };
    };
}

/** Every block, decoded. */
export function blockEvents(gateway: () => Gateway, channel: string): OpenStream<Block> {
    return async (start) => {
        const source = await wholeBlocks(gateway(), channel, start);
        return {
            close: () => {
                source.close();
            },
            async *[Symbol.asyncIterator](): AsyncGenerator<Positioned<Block>> {
                for await (const { number, bytes } of source) {
                    if (bytes === undefined) continue;
                    yield { block: number, index: 0, value: decodeBlock(bytes) };
                }
            },
        };
    };
}
