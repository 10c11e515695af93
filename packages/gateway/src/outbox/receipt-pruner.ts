/** What is pruned. */
export interface Prunable {
    /** Forgets receipts from before then, as many as that at most. @returns how many */
    forgetReceipts(before: number, most: number): Promise<number>;
}

/** Receipts forgotten in one step. */
const stepSize = 1_000;
/** Pause after a step that found as many as it may take: there are more. */
const betweenStepsMs = 20;
/** Longest that a receipt is kept beyond its time, as far as the steps keep up. */
const mostLateMs = 60_000;
const leastPauseMs = 1_000;

/** Forgets receipts when their time has passed, in small steps beside what the outbox is there for. */
export class ReceiptPruner {
    readonly #outbox: Prunable;
    readonly #keepMs: number;
    readonly #failed: (error: unknown) => void;
    #timer: NodeJS.Timeout | undefined;
    #step: Promise<void> = Promise.resolve();
    #stopped = false;

    /** @param failed - told when a step failed; the next one tries again */
    constructor(outbox: Prunable, keepMs: number, failed: (error: unknown) => void) {
        this.#outbox = outbox;
        this.#keepMs = keepMs;
        this.#failed = failed;
    }

    start(): void {
        this.#after(0);
    }

    /** Resolves when no step is under way, and none will be. */
    async stop(): Promise<void> {
        this.#stopped = true;
        clearTimeout(this.#timer);
        await this.#step;
    }

    #after(ms: number): void {
        if (this.#stopped) return;
        this.#timer = setTimeout(() => {
            this.#step = this.#forget().then((next) => {
                this.#after(next);
            });
        }, ms);
        this.#timer.unref();
    }

    /** @returns the pause until the next step */
    async #forget(): Promise<number> {
        try {
            const before = Date.now() - this.#keepMs;
            const forgotten = await this.#outbox.forgetReceipts(before, stepSize);
            if (forgotten === stepSize) return betweenStepsMs;
        } catch (error) {
            this.#failed(error);
        }
        return Math.max(leastPauseMs, Math.min(mostLateMs, this.#keepMs));
    }
}
