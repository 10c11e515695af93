/** A first-in-first-out list that does not move its items when one is taken. */
export class Fifo<T> {
    #items: (T | undefined)[] = [];
    #head = 0;

    get size(): number {
        return this.#items.length - this.#head;
    }

    push(item: T): void {
        this.#items.push(item);
    }

    peek(): T | undefined {
        return this.#items[this.#head];
    }

    shift(): T | undefined {
        if (this.size === 0) return undefined;
        const item = this.#items[this.#head];
        this.#items[this.#head++] = undefined;
        if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
            this.#items = this.#items.slice(this.#head);
            this.#head = 0;
        }
        return item;
    }

    /** Takes everything. */
    drain(): T[] {
        const items = this.#items.slice(this.#head) as T[];
        this.#items = [];
        this.#head = 0;
        return items;
    }
}

/** A list that {@link Turns} can be made of. */
export interface List<T> {
    readonly size: number;
    push(item: T): void;
    shift(): T | undefined;
}

const everybody = (): boolean => true;

/** Lists by name that take turns, one item each; each list is in the order in which it was filled. */
export class Turns<T> implements List<T> {
    readonly #nameOf: (item: T) => string;
    readonly #newList: () => List<T>;
    readonly #lists = new Map<string, List<T>>();
    readonly #order = new Fifo<string>();
    #size = 0;

    constructor(nameOf: (item: T) => string, newList: () => List<T> = () => new Fifo<T>()) {
        this.#nameOf = nameOf;
        this.#newList = newList;
    }

    get size(): number {
        return this.#size;
    }

    push(item: T): void {
        const name = this.#nameOf(item);
        let list = this.#lists.get(name);
        if (list === undefined) {
            list = this.#newList();
            this.#lists.set(name, list);
            this.#order.push(name);
        }
        list.push(item);
        this.#size += 1;
    }

    /** @param may - whose turn it may be at all */
    shift(may: (name: string) => boolean = everybody): T | undefined {
        for (let left = this.#order.size; left > 0; left--) {
            const name = this.#order.shift();
            if (name === undefined) return undefined;
            if (may(name)) return this.#next(name);
            this.#order.push(name);
        }
        return undefined;
    }

    #next(name: string): T | undefined {
        const list = this.#lists.get(name);
        const item = list?.shift();
        this.#size -= 1;
        if (list === undefined || list.size === 0) this.#lists.delete(name);
        else this.#order.push(name);
        return item;
    }
}
