import type { BatchBounds } from './batch-size.js';
import type { Call } from '../transport/transport.js';

/** Whether a contract runs batches, and how large ones. */
export type BatchCapability =
    | { readonly batchable: true; readonly limits: BatchBounds }
    | { readonly batchable: false; readonly why: string };

/** Asks each contract once, through its metadata. */
export class BatchCapabilities {
    readonly #evaluate: (call: Call) => Promise<Uint8Array>;
    readonly #read: (metadata: unknown, contract: string | undefined) => BatchBounds | undefined;
    readonly #metadata = new Map<string, Promise<unknown>>();
    readonly #known = new Map<string, Promise<BatchCapability>>();

    constructor(
        evaluate: (call: Call) => Promise<Uint8Array>,
        read: (metadata: unknown, contract: string | undefined) => BatchBounds | undefined,
    ) {
        this.#evaluate = evaluate;
        this.#read = read;
    }

    /** Resolves even when the contract cannot be asked: such a contract is not batched. */
    of(scope: string, chaincode: string, contract: string | undefined): Promise<BatchCapability> {
        let known = this.#known.get(scope);
        if (known === undefined) {
            known = this.#ask(scope, chaincode, contract);
            this.#known.set(scope, known);
        }
        return known;
    }

    /** The contract turned out to have no executor after all. */
    refused(scope: string): void {
        const why = 'the contract refused a batch';
        this.#known.set(scope, Promise.resolve({ batchable: false, why }));
    }

    /** The parsed metadata of a chaincode. */
    metadata(chaincode: string): Promise<unknown> {
        let metadata = this.#metadata.get(chaincode);
        if (metadata === undefined) {
            const contract = 'org.hyperledger.fabric';
            metadata = this.#evaluate({ chaincode, contract, transaction: 'GetMetadata', args: [] })
                .then((bytes): unknown => JSON.parse(Buffer.from(bytes).toString('utf8')))
                .catch((error: unknown) => {
                    // Ask again the next time: the peer may only have been away.
                    this.#metadata.delete(chaincode);
                    throw error;
                });
            this.#metadata.set(chaincode, metadata);
        }
        return metadata;
    }

    async #ask(
        scope: string,
        chaincode: string,
        contract: string | undefined,
    ): Promise<BatchCapability> {
        try {
            const limits = this.#read(await this.metadata(chaincode), contract);
            if (limits !== undefined) return { batchable: true, limits };
            return { batchable: false, why: 'the contract has no batch executor' };
        } catch (error) {
            this.#known.delete(scope);
            const why = error instanceof Error ? error.message : String(error);
            return { batchable: false, why: `the contract's metadata could not be read: ${why}` };
        }
    }
}
