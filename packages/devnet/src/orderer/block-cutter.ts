import type { BlockSettings } from './batch-settings.js';

/** An envelope on its way into a block. */
export interface OrderedEnvelope {
    /** The serialized envelope. */
    readonly bytes: Uint8Array;
    /** Length of payload and signature together: what the limits count. */
    readonly size: number;
    /** Empty for what is no transaction. */
    readonly txId: string;
    /** The chaincode it says it calls; empty if it says nothing. */
    readonly chaincode: string;
}

/** Collects envelopes into batches by the rules of Fabric's ordering service. */
export class BlockCutter {
    settings: BlockSettings;
    #pending: OrderedEnvelope[] = [];
    #bytes = 0;

    constructor(settings: BlockSettings) {
        this.settings = settings;
    }

    get pending(): number {
        return this.#pending.length;
    }

    /** Takes an envelope; returns the batches that are complete now, at most two. */
    add(envelope: OrderedEnvelope): readonly (readonly OrderedEnvelope[])[] {
        const { preferredMaxBytes, maxMessageCount } = this.settings;
        const batches: (readonly OrderedEnvelope[])[] = [];
        if (envelope.size > preferredMaxBytes) {
            if (this.#pending.length > 0) batches.push(this.cut());
            batches.push([envelope]);
            return batches;
        }
        if (this.#bytes + envelope.size > preferredMaxBytes) batches.push(this.cut());
        this.#pending.push(envelope);
        this.#bytes += envelope.size;
        if (this.#pending.length >= maxMessageCount) batches.push(this.cut());
        return batches;
    }

    /** What is pending, which is then no longer. */
    cut(): readonly OrderedEnvelope[] {
        const batch = this.#pending;
        this.#pending = [];
        this.#bytes = 0;
        return batch;
    }
}
