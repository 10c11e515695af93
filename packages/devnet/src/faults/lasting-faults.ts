import { setTimeout as delay } from 'node:timers/promises';

/** Faults of one kind, each until it is repaired. */
export class LastingFaults<T> {
    readonly #faults = new Map<object, { readonly fault: T; readonly end: AbortController }>();

    /**
     * Begins a fault; what is returned repairs it, and does nothing when it is called again.
     *
     * @param ended - runs when it is repaired, however that comes
     */
    begin(fault: T, ended?: () => void): () => void {
        const key = {};
        const end = new AbortController();
        if (ended !== undefined) end.signal.addEventListener('abort', ended, { once: true });
        this.#faults.set(key, { fault, end });
        return () => {
            this.#faults.delete(key);
            end.abort();
        };
    }

    /** Repairs all. */
    clear(): void {
        const ending = [...this.#faults.values()];
        this.#faults.clear();
        for (const { end } of ending) end.abort();
    }

    /** Those that are not repaired. */
    get current(): readonly T[] {
        return [...this.#faults.values()].map(({ fault }) => fault);
    }

    /** Waits as long as each fault says, one after another, or until it is repaired. */
    async wait(delayMs: (fault: T) => number): Promise<void> {
        for (const { fault, end } of [...this.#faults.values()]) {
            const ms = delayMs(fault);
            if (ms > 0 && !end.signal.aborted) await delayUnlessEnded(ms, end.signal);
        }
    }
}

async function delayUnlessEnded(ms: number, signal: AbortSignal): Promise<void> {
    try {
        await delay(ms, undefined, { signal, ref: false });
    } catch (error) {
        if (!signal.aborted) throw error;
    }
}
