/** What became of a transaction. */
export interface TransactionStatus {
    readonly code: number;
    readonly blockNumber: number;
}

type Waiter = (status: TransactionStatus) => void;

/** Those who wait for a transaction to commit. */
export class CommitWaiters {
    readonly #waiters = new Map<string, Set<Waiter>>();

    /** Calls back once when the transaction commits; the function returned ends the wait. */
    wait(txId: string, waiter: Waiter): () => void {
        let waiters = this.#waiters.get(txId);
        if (waiters === undefined) {
            waiters = new Set();
            this.#waiters.set(txId, waiters);
        }
        waiters.add(waiter);
        return () => {
            this.#waiters.get(txId)?.delete(waiter);
            if (this.#waiters.get(txId)?.size === 0) this.#waiters.delete(txId);
        };
    }

    notify(txId: string, status: TransactionStatus): void {
        const waiters = this.#waiters.get(txId);
        if (waiters === undefined) return;
        this.#waiters.delete(txId);
        for (const waiter of waiters) waiter(status);
    }
}
