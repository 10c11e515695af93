import { LRUCache } from 'lru-cache';
import { isGatewayError } from '../errors.js';
import { mostNames } from '../queue/named-map.js';
import type { Call } from '../transport/transport.js';
import type { BatchBounds } from './batch-size.js';

/** Whether a contract runs batches, and how large ones. */
export type BatchCapability =
    | { readonly batchable: true; readonly limits: BatchBounds }
    | {
          readonly batchable: false;
          readonly why: string;
          /** It could not be asked, which says nothing of it. */
          readonly unreached?: boolean;
      };

/** A contract is asked again after this long: it may have been upgraded. */
const believedMs = 60_000;
/** One that could not be reached is asked again sooner. */
const unreachedMs = 2_000;

interface Known {
    capability: Promise<BatchCapability>;
    /** `performance.now()` from which it is asked again. */
    askAt: number;
}

/**
 * Asks each contract, through its metadata, whether it runs batches. An answer holds for a while and
 * is then renewed beside the submissions, which never wait for it a second time; it goes on holding
 * while the contract cannot be asked. A peer that is too busy to answer is when batches matter most.
 */
export class BatchCapabilities {
    readonly #evaluate: (call: Call) => Promise<Uint8Array>;
    readonly #read: (metadata: unknown, contract: string | undefined) => BatchBounds | undefined;
    readonly #metadata = new Map<string, Promise<unknown>>();
    /** One that is forgotten is asked again. */
    readonly #known = new LRUCache<string, Known>({ max: mostNames });

    constructor(
        evaluate: (call: Call) => Promise<Uint8Array>,
        read: (metadata: unknown, contract: string | undefined) => BatchBounds | undefined,
    ) {
        this.#evaluate = evaluate;
        this.#read = read;
    }

    /** Resolves even when the contract cannot be asked: such a contract is not batched. */
    of(scope: string, chaincode: string, contract: string | undefined): Promise<BatchCapability> {
        const known = this.#known.get(scope);
        if (known === undefined) {
            const asked = { capability: this.#ask(chaincode, contract, scope), askAt: Infinity };
            this.#known.set(scope, asked);
            return asked.capability;
        }
        if (performance.now() >= known.askAt) {
            known.askAt = Infinity;
            void this.#ask(chaincode, contract, scope).then((capability) => {
                const unreached = !capability.batchable && capability.unreached === true;
                if (!unreached) known.capability = Promise.resolve(capability);
            });
        }
        return known.capability;
    }

    /** The contract turned out to have no executor after all. */
    refused(scope: string): void {
        const why = 'the contract refused a batch';
        this.#known.set(scope, {
            capability: Promise.resolve({ batchable: false, why }),
            askAt: performance.now() + believedMs,
        });
    }

    /** The parsed metadata of a chaincode, as it is now. */
    metadata(chaincode: string): Promise<unknown> {
        let metadata = this.#metadata.get(chaincode);
        if (metadata === undefined) {
            const contract = 'org.hyperledger.fabric';
            metadata = this.#evaluate({ chaincode, contract, transaction: 'GetMetadata', args: [] })
                .then((bytes): unknown => JSON.parse(Buffer.from(bytes).toString('utf8')))
                .finally(() => {
                    this.#metadata.delete(chaincode);
                });
            this.#metadata.set(chaincode, metadata);
        }
        return metadata;
    }

    async #ask(
        chaincode: string,
        contract: string | undefined,
        scope: string,
    ): Promise<BatchCapability> {
        let again = believedMs;
        try {
            const limits = this.#read(await this.metadata(chaincode), contract);
            if (limits !== undefined) return { batchable: true, limits };
            return { batchable: false, why: 'the contract has no batch executor' };
        } catch (error) {
            // A chaincode of another kind answers too, in its own way; one out of reach does not.
            const unreached = isGatewayError(error) && error.code !== 'GATEWAY_CONTRACT_REJECTED';
            if (unreached) again = unreachedMs;
            const why = error instanceof Error ? error.message : String(error);
            return {
                batchable: false,
                why: `the contract's metadata could not be read: ${why}`,
                unreached,
            };
        } finally {
            const known = this.#known.get(scope);
            if (known !== undefined) known.askAt = performance.now() + again;
        }
    }
}
