/** What has not ended yet, by names that it goes by. */
export class PendingNames {
    readonly #pending = new Map<string, Set<Promise<void>>>();

    /** @returns to be called when it has ended */
    begin(names: readonly string[]): () => void {
        let resolve: () => void = () => undefined;
        const ended = new Promise<void>((done) => {
            resolve = done;
        });
        for (const name of names) {
            const pending = this.#pending.get(name);
            if (pending === undefined) this.#pending.set(name, new Set([ended]));
            else pending.add(ended);
        }
        return () => {
            for (const name of names) {
                const pending = this.#pending.get(name);
                pending?.delete(ended);
                if (pending?.size === 0) this.#pending.delete(name);
            }
            resolve();
        };
    }

    has(name: string): boolean {
        return this.#pending.has(name);
    }

    /** The ends of all that goes by any of the names. */
    of(names: readonly string[]): ReadonlySet<Promise<void>> {
        const ends = new Set<Promise<void>>();
        if (this.#pending.size === 0) return ends;
        for (const name of names) for (const end of this.#pending.get(name) ?? []) ends.add(end);
        return ends;
    }
}
