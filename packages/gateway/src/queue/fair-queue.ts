import { Turns, type List } from './lists.js';

/** Urgency of an operation. */
export type Priority = 'high' | 'normal' | 'low';

/** What the queue must know of an item. */
export interface Queued {
    readonly caller: string;
    readonly priority: Priority;
}

/** Turns that each priority gets in one round while all of them wait. */
const turns: Readonly<Record<Priority, number>> = { high: 16, normal: 4, low: 1 };
const priorities: readonly Priority[] = ['high', 'normal', 'low'];

/**
 * Waiting operations. Priorities share by weight (16 : 4 : 1), so that none starves. Within one,
 * chaincodes take turns, and the callers of each, one operation at a time, so that nobody who submits
 * a flood delays the rest. What one caller submits to one chaincode with one priority leaves in the
 * order it came.
 */
export class FairQueue<T extends Queued> {
    readonly #turns: Readonly<Record<Priority, Turns<T>>>;
    readonly #credit: Record<Priority, number> = { ...turns };
    #size = 0;

    /** @param chaincodeOf - whom an item is for */
    constructor(chaincodeOf: (item: T) => string = () => '') {
        const callers = (): Turns<T> => new Turns<T>(({ caller }) => caller);
        const ring = (): Turns<T> => new Turns(chaincodeOf, callers);
        this.#turns = { high: ring(), normal: ring(), low: ring() };
    }

    get size(): number {
        return this.#size;
    }

    /** Drops what is not to be kept. */
    prune(keep: (item: T) => boolean): void {
        const kept = priorities.flatMap((priority) => drain(this.#turns[priority]).filter(keep));
        this.#size = 0;
        for (const item of kept) this.push(item);
    }

    push(item: T): void {
        this.#turns[item.priority].push(item);
        this.#size += 1;
    }

    /** @param may - whether something for that chaincode may leave */
    shift(may?: (chaincode: string) => boolean): T | undefined {
        if (this.#size === 0) return undefined;
        const item = this.#shift(may);
        if (item !== undefined) return item;
        // All that may leave have had their turns.
        Object.assign(this.#credit, turns);
        return this.#shift(may);
    }

    #shift(may?: (chaincode: string) => boolean): T | undefined {
        for (const priority of priorities) {
            if (this.#credit[priority] === 0) continue;
            const item = this.#turns[priority].shift(may);
            if (item === undefined) continue;
            this.#credit[priority] -= 1;
            this.#size -= 1;
            return item;
        }
        return undefined;
    }
}

/** Takes everything, in the order of turns. */
function drain<T>(list: List<T>): T[] {
    const all: T[] = [];
    for (let item = list.shift(); item !== undefined; item = list.shift()) all.push(item);
    return all;
}
