/** Names that are told apart unless something else is said: more than any application should have. */
export const mostNames = 1_000;

/**
 * What is kept for each of the names that an application uses: of chaincodes, contracts, functions.
 * They may come from its users, and so be without end: those beyond `most` share one entry.
 */
export class NamedMap<V> {
    readonly #entries = new Map<string, V>();
    readonly #most: number;
    readonly #shared: string;

    /** @param shared - the name of what is shared */
    constructor(most = mostNames, shared = '') {
        this.#most = most;
        this.#shared = shared;
    }

    /** Names that something is kept for. */
    get size(): number {
        return this.#entries.size;
    }

    /** The name that something is kept under. */
    nameOf(name: string): string {
        const own = this.#entries.has(name) || this.#entries.size < this.#most;
        return own ? name : this.#shared;
    }

    values(): Iterable<V> {
        return this.#entries.values();
    }

    get(name: string): V | undefined {
        return this.#entries.get(this.nameOf(name));
    }

    set(name: string, value: V): void {
        this.#entries.set(this.nameOf(name), value);
    }

    delete(name: string): void {
        this.#entries.delete(this.nameOf(name));
    }

    /** What is kept for a name; made when there is nothing yet. */
    getOrMake(name: string, make: (name: string) => V): V {
        const key = this.nameOf(name);
        let value = this.#entries.get(key);
        if (value === undefined) {
            value = make(key);
            this.#entries.set(key, value);
        }
        return value;
    }
}
