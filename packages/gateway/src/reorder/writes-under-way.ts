import type { TxReadWriteSet } from '@goodput/rwset';

/** Keys that transactions of ours, submitted and not yet committed, will write. */
export class WritesUnderWay {
    readonly #writers = new Map<string, number>();

    /** @returns to be called when the transaction has its verdict */
    add({ namespaces }: TxReadWriteSet): () => void {
        const names = namespaces.flatMap(({ namespace, writes }) =>
            writes.map(({ key }) => `${namespace}\u0000${key}`),
        );
        for (const name of names) this.#writers.set(name, (this.#writers.get(name) ?? 0) + 1);
        return () => {
            for (const name of names) {
                const left = (this.#writers.get(name) ?? 1) - 1;
                if (left === 0) this.#writers.delete(name);
                else this.#writers.set(name, left);
            }
        };
    }

    /** Whether something under way will overwrite what a transaction has read. */
    concern({ namespaces }: TxReadWriteSet): boolean {
        if (this.#writers.size === 0) return false;
        return namespaces.some(({ namespace, reads }) =>
            reads.some(({ key }) => this.#writers.has(`${namespace}\u0000${key}`)),
        );
    }
}
