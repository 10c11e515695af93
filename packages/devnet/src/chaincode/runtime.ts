import { peer } from '@hyperledger/fabric-protos';
import type { ChaincodeConnection } from './connection.js';
import type { TransactionContext } from './transaction-context.js';

const { Type } = peer.ChaincodeMessage;

/** Where a peer gets a connection to a chaincode from. */
export interface ChaincodeSource {
    /** Resolves to a connection whose chaincode has registered. */
    connect(): Promise<ChaincodeConnection>;
    /** Ends the connection there is; the next call makes another. */
    disconnect(): void;
    close(): void;
}

/** What a chaincode answered. */
export interface ChaincodeResult {
    readonly response: peer.Response;
    readonly event: peer.ChaincodeEvent | undefined;
}

/** A name may stand for other code on another channel; no channel's name has a slash. */
function keyOf(channelId: string, name: string): string {
    return `${channelId}/${name}`;
}

/** The chaincodes one peer can run, by the channels and names they are deployed under. */
export class ChaincodeRuntime {
    /** Longest a chaincode may run, in milliseconds. */
    executeTimeoutMs: number;
    readonly #sources = new Map<string, ChaincodeSource>();

    constructor(executeTimeoutMs: number) {
        this.executeTimeoutMs = executeTimeoutMs;
    }

    /** Says where a chaincode of these channels is to be had, in place of what was said before. */
    install(name: string, channelIds: readonly string[], source: ChaincodeSource): void {
        const replaced = new Set<ChaincodeSource>();
        for (const channelId of channelIds) {
            const key = keyOf(channelId, name);
            const before = this.#sources.get(key);
            if (before !== undefined) replaced.add(before);
            this.#sources.set(key, source);
        }
        const inUse = this.#distinct();
        for (const each of replaced) if (!inUse.has(each)) each.close();
    }

    has(channelId: string, name: string): boolean {
        return this.#sources.has(keyOf(channelId, name));
    }

    /** Runs a transaction; resolves to the chaincode's COMPLETED or ERROR message. */
    async run(tx: TransactionContext, input: peer.ChaincodeInput): Promise<peer.ChaincodeMessage> {
        const connection = await this.#launch(tx.channelId, tx.namespace);
        try {
            return await connection.execute(tx, input, this.executeTimeoutMs);
        } catch (error) {
            throw new Error(`error sending: ${(error as Error).message}`, { cause: error });
        }
    }

    /** As {@link run}, with the message taken apart and an ERROR thrown. */
    async execute(tx: TransactionContext, input: peer.ChaincodeInput): Promise<ChaincodeResult> {
        let answer: peer.ChaincodeMessage;
        try {
            answer = await this.run(tx, input);
        } catch (error) {
            throw new Error(
                `failed to execute transaction ${tx.txId}: ${(error as Error).message}`,
                { cause: error },
            );
        }
        if (answer.getType() === Type.ERROR) {
            const why = Buffer.from(answer.getPayload_asU8()).toString();
            throw new Error(`transaction returned with failure: ${why}`);
        }
        return { response: decodeResponse(answer, tx.txId), event: eventOf(answer, tx) };
    }

    /** Ends the connections there are: chaincodes are connected to anew when they are needed. */
    disconnect(): void {
        for (const source of this.#distinct()) source.disconnect();
    }

    close(): void {
        for (const source of this.#distinct()) source.close();
        this.#sources.clear();
    }

    #distinct(): ReadonlySet<ChaincodeSource> {
        return new Set(this.#sources.values());
    }

    async #launch(channelId: string, name: string): Promise<ChaincodeConnection> {
        const source = this.#sources.get(keyOf(channelId, name));
        try {
            if (source === undefined) throw new Error(`chaincode ${name} is not installed`);
            return await source.connect();
        } catch (error) {
            throw new Error(`could not launch chaincode ${name}: ${(error as Error).message}`, {
                cause: error,
            });
        }
    }
}

function decodeResponse(answer: peer.ChaincodeMessage, txId: string): peer.Response {
    try {
        return peer.Response.deserializeBinary(answer.getPayload_asU8());
    } catch (cause) {
        throw new Error(`failed to unmarshal response for transaction ${txId}`, { cause });
    }
}

/** The event the chaincode set: a peer puts in itself whose it is. */
function eventOf(
    answer: peer.ChaincodeMessage,
    tx: TransactionContext,
): peer.ChaincodeEvent | undefined {
    const event = answer.getChaincodeEvent();
    event?.setChaincodeId(tx.namespace);
    event?.setTxId(tx.txId);
    return event;
}
