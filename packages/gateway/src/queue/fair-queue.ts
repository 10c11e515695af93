/** Urgency of an operation. */
export type Priority = 'high' | 'normal' | 'low';

/** What the queue must know of an item. */
export interface Queued {
    readonly caller: string;
    readonly priority: Priority;
}

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

/** Turns that each priority gets in one round while all of them wait. */
const turns: Readonly<Record<Priority, number>> = { high: 16, normal: 4, low: 1 };
const priorities: readonly Priority[] = ['high', 'normal', 'low'];

class CallerRing<T extends Queued> {
    readonly #lists = new Map<string, Fifo<T>>();
    readonly #order = new Fifo<string>();

    get empty(): boolean {
        return this.#lists.size === 0;
    }

    push(item: T): void {
        let list = this.#lists.get(item.caller);
        if (list === undefined) {
            list = new Fifo();
            this.#lists.set(item.caller, list);
            this.#order.push(item.caller);
        }
        list.push(item);
    }

    /** Takes everything, in the order of turns. */
    drain(): T[] {
        const all: T[] = [];
        for (let item = this.shift(); item !== undefined; item = this.shift()) all.push(item);
        return all;
    }

    shift(): T | undefined {
        const caller = this.#order.shift();
        if (caller === undefined) return undefined;
        const list = this.#lists.get(caller);
        const item = list?.shift();
        if (list === undefined || list.size === 0) this.#lists.delete(caller);
        else this.#order.push(caller);
        return item;
    }
}

/**
 * Waiting operations. Callers of one priority take turns, one operation each, so that nobody who
 * submits a flood delays the rest; priorities share by weight (16 : 4 : 1), so that none starves.
 * What one caller submits with one priority leaves in the order it came.
 */
export class FairQueue<T extends Queued> {
    readonly #rings: Readonly<Record<Priority, CallerRing<T>>> = {
        high: new CallerRing(),
        normal: new CallerRing(),
        low: new CallerRing(),
    };
    readonly #credit: Record<Priority, number> = { ...turns };
    #size = 0;

    get size(): number {
        return this.#size;
    }

    /** Drops what is not to be kept. */
    prune(keep: (item: T) => boolean): void {
        const kept = priorities.flatMap((priority) => this.#rings[priority].drain().filter(keep));
        this.#size = 0;
        for (const item of kept) this.push(item);
    }

    push(item: T): void {
        this.#rings[item.priority].push(item);
        this.#size += 1;
    }

    shift(): T | undefined {
        const waiting = priorities.filter((priority) => !this.#rings[priority].empty);
        if (waiting.length === 0) return undefined;
        let next = waiting.find((priority) => this.#credit[priority] > 0);
        if (next === undefined) {
            Object.assign(this.#credit, turns);
            next = waiting[0];
        }
        if (next === undefined) return undefined;
        this.#credit[next] -= 1;
        this.#size -= 1;
        return this.#rings[next].shift();
    }
}
