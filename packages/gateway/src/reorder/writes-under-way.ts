import type { AccessSet } from '@goodput/rwset';
import { PendingNames } from './pending-names.js';

/** Keys that transactions of ours, submitted and not yet committed, will write. */
export class WritesUnderWay {
    readonly #writers = new PendingNames();

    /** @returns to be called when the transaction has its verdict */
    add({ writes }: AccessSet): () => void {
        return this.#writers.begin(writes);
    }

    /**
     * Whether something under way will overwrite what a transaction has read.
     *
     * @returns resolves when all of that has its verdict; undefined when there is none
     */
    concern({ reads }: AccessSet): Promise<unknown> | undefined {
        const verdicts = this.#writers.of(reads);
        return verdicts.size === 0 ? undefined : Promise.all(verdicts);
    }

    /** What a transaction has read and something under way will overwrite. */
    lostTo({ reads }: AccessSet): string[] {
        return reads.filter((name) => this.#writers.has(name));
    }
}
