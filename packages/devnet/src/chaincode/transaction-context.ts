import type { peer } from '@hyperledger/fabric-protos';
import type { ResultPages } from '../ledger/result-batches.js';
import type { Simulation } from '../ledger/simulation.js';

/** What a chaincode may be told and asked about while it runs one transaction. */
export interface TransactionContext {
    /** Name of the peer it runs for. */
    readonly peerName: string;
    readonly channelId: string;
    readonly txId: string;
    /** The chaincode's name: the namespace of its keys. */
    readonly namespace: string;
    readonly simulation: Simulation;
    readonly proposal: peer.SignedProposal;
    readonly isInit: boolean;
    /** Runs another chaincode; resolves to its serialized `ChaincodeMessage`. */
    invoke(target: string, input: peer.ChaincodeInput): Promise<Uint8Array>;
}

/** The iterators a transaction has open; all are closed when it ends. */
export class OpenQueries {
    readonly #pages = new Map<string, ResultPages>();
    #next = 0;

    open(pages: ResultPages): string {
        this.#next += 1;
        const id = String(this.#next);
        this.#pages.set(id, pages);
        return id;
    }

    get(id: string): ResultPages | undefined {
        return this.#pages.get(id);
    }

    close(id: string): void {
        this.#pages.get(id)?.close();
        this.#pages.delete(id);
    }

    closeAll(): void {
        for (const id of [...this.#pages.keys()]) this.close(id);
    }
}
