/** What part of the latest of many things is of each kind. */
export class RecentMix {
    readonly #latest: string[] = [];
    readonly #counts = new Map<string, number>();
    readonly #size: number;
    #next = 0;

    /** @param size - how many of the latest are looked at */
    constructor(size: number) {
        this.#size = size;
    }

    add(kind: string): void {
        const oldest = this.#latest[this.#next];
        if (oldest !== undefined) {
            const left = (this.#counts.get(oldest) ?? 1) - 1;
            if (left === 0) this.#counts.delete(oldest);
            else this.#counts.set(oldest, left);
        }
        this.#latest[this.#next] = kind;
        this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
        this.#next = (this.#next + 1) % this.#size;
    }

    /** Between 0 and 1; 1 while there is nothing to compare with. */
    share(kind: string): number {
        if (this.#latest.length === 0) return 1;
        return (this.#counts.get(kind) ?? 0) / this.#latest.length;
    }
}
