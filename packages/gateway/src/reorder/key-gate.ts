/** How often the first in line on all its keys is passed by others before none passes any more. */
const mostPassed = 8;

interface Waiting<T> {
    readonly item: T;
    readonly keys: readonly string[];
    readonly order: number;
    readonly enter: () => void;
    passed: number;
}

/**
 * Lets one at a time in on each key. Unlike in lanes, what waits for one key does not hold up what
 * shares another key with it: on two keys out of many, nearly everything would in the end wait for
 * the hottest. The oldest comes first, and in the end nothing passes it.
 */
export class KeyGate<T> {
    readonly #holders = new Map<string, T>();
    readonly #waiting = new Map<string, Set<Waiting<T>>>();
    readonly #alive: (item: T) => boolean;
    readonly #free = new Set<string>();
    #scheduled = false;
    #arrivals = 0;

    /** @param alive - whether a waiting one still wants to come in */
    constructor(alive: (item: T) => boolean) {
        this.#alive = alive;
    }

    /**
     * Whether it may go on now, and then it holds its keys until {@link leave}.
     *
     * @param enter - called otherwise, once it may and holds them
     */
    enter(item: T, keys: readonly string[], enter: () => void): boolean {
        const isFree = keys.every((key) => !this.#holders.has(key) && !this.#waiting.has(key));
        if (isFree) {
            this.#hold(item, keys);
            return true;
        }
        const waiting = { item, keys, order: (this.#arrivals += 1), enter, passed: 0 };
        for (const key of keys) {
            const queue = this.#waiting.get(key);
            if (queue === undefined) this.#waiting.set(key, new Set([waiting]));
            else queue.add(waiting);
        }
        this.#look(keys);
        return false;
    }

    /** Gives back what it holds of its keys. */
    leave(item: T, keys: readonly string[]): void {
        const held = keys.filter((key) => this.#holders.get(key) === item);
        for (const key of held) this.#holders.delete(key);
        this.#look(held);
    }

    /** How many wait. */
    get size(): number {
        const all = new Set<Waiting<T>>();
        for (const queue of this.#waiting.values()) for (const each of queue) all.add(each);
        return all.size;
    }

    #hold(item: T, keys: readonly string[]): void {
        for (const key of keys) this.#holders.set(key, item);
    }

    /** Deferred: what commits in one block gives back its keys one after the other. */
    #look(keys: readonly string[]): void {
        for (const key of keys) if (this.#waiting.has(key)) this.#free.add(key);
        if (this.#free.size === 0 || this.#scheduled) return;
        this.#scheduled = true;
        setImmediate(() => {
            this.#scheduled = false;
            this.#letIn();
        });
    }

    #letIn(): void {
        const candidates = new Set<Waiting<T>>();
        for (const key of this.#free) {
            for (const waiting of this.#waiting.get(key) ?? []) candidates.add(waiting);
        }
        this.#free.clear();
        const reserved = new Set<string>();
        for (const waiting of [...candidates].sort((a, b) => a.order - b.order)) {
            const { item, keys } = waiting;
            if (!this.#alive(item)) {
                this.#forget(waiting);
                continue;
            }
            if (keys.some((key) => this.#holders.has(key) || reserved.has(key))) {
                if (this.#isFirst(waiting) && (waiting.passed += 1) > mostPassed) {
                    for (const key of keys) reserved.add(key);
                }
                continue;
            }
            this.#forget(waiting);
            this.#hold(item, keys);
            waiting.enter();
        }
    }

    #isFirst(waiting: Waiting<T>): boolean {
        return waiting.keys.every(
            (key) => this.#waiting.get(key)?.values().next().value === waiting,
        );
    }

    #forget(waiting: Waiting<T>): void {
        for (const key of waiting.keys) {
            const queue = this.#waiting.get(key);
            queue?.delete(waiting);
            if (queue?.size === 0) this.#waiting.delete(key);
        }
    }
}
