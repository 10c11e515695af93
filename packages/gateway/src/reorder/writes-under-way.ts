import type { AccessSet } from '@goodput/rwset';

/** Keys that transactions of ours, submitted and not yet committed, will write. */
export class WritesUnderWay {
    readonly #writers = new Map<string, Set<Promise<void>>>();

    /** @returns to be called when the transaction has its verdict */
    add({ writes }: AccessSet): () => void {
        let ended: () => void = () => undefined;
        const verdict = new Promise<void>((resolve) => {
            ended = resolve;
        });
        for (const name of writes) {
            const writers = this.#writers.get(name);
            if (writers === undefined) this.#writers.set(name, new Set([verdict]));
            else writers.add(verdict);
        }
        return () => {
            for (const name of writes) {
                const writers = this.#writers.get(name);
                writers?.delete(verdict);
                if (writers?.size === 0) this.#writers.delete(name);
            }
            ended();
        };
    }

    /**
     * Whether something under way will overwrite what a transaction has read.
     *
     * @returns resolves when all of that has its verdict; undefined when there is none
     */
    concern({ reads }: AccessSet): Promise<unknown> | undefined {
        if (this.#writers.size === 0) return undefined;
        const verdicts = new Set<Promise<void>>();
        for (const name of reads) {
            for (const verdict of this.#writers.get(name) ?? []) verdicts.add(verdict);
        }
        return verdicts.size === 0 ? undefined : Promise.all(verdicts);
    }

    /** What a transaction has read and something under way will overwrite. */
    lostTo({ reads }: AccessSet): string[] {
        return reads.filter((name) => this.#writers.has(name));
    }
}
