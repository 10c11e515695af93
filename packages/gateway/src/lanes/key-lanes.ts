import { Fifo } from '../queue/lists.js';

/** A key that an operation touches, and how. */
export interface KeyUse {
    readonly key: string;
    readonly write: boolean;
}

/** What the lanes must know of an item. */
export interface Laned {
    /** Distinct keys, at least one. */
    readonly keys: readonly KeyUse[];
    /** Items of one kind may share a group. */
    readonly kind: string;
}

/** What to do with an item that could start. */
export type Choice = 'take' | 'drop' | 'later' | 'stop';

/** Items that run together, and the keys they keep busy until they are released. */
export class LaneGroup<T> {
    readonly items: T[] = [];
    readonly holds = new Map<string, boolean>();
}

interface Waiting<T> {
    readonly item: T;
    /** In how many of its keys' lanes nothing is ahead of it that it may not overtake. */
    fronts: number;
    listed: boolean;
}

interface Lane<T> {
    /** At the front: one writer, or all readers before the next writer. */
    readonly front: Set<Waiting<T>>;
    frontWrites: boolean;
    readonly queue: Fifo<{ readonly entry: Waiting<T>; readonly write: boolean }>;
    /** Groups that keep the key busy. */
    readonly holders: Set<LaneGroup<T>>;
    writer: LaneGroup<T> | undefined;
}

/** Items passed over in one search before it gives up. */
const maxPassedOver = 256;

/**
 * One first-in-first-out lane per key. An item may start when it is the first in the lane of every
 * key it touches and none of them is busy; readers share. While it waits, it keeps its place in all
 * its lanes, so nothing overtakes it on any of them. Items may join a group that is being formed
 * when everything ahead of them is in that same group.
 */
export class KeyLanes<T extends Laned> {
    readonly #lanes = new Map<string, Lane<T>>();
    readonly #ready = new Map<string, Waiting<T>[]>();
    readonly #met: (key: string) => void;
    #waiting = 0;
    /** While a group is filled: what taking an item into it has set free. */
    #followers: { readonly kind: string; readonly list: Fifo<Waiting<T>> } | undefined;

    /** @param met - told of a key that an item has to wait for */
    constructor(met: (key: string) => void = () => undefined) {
        this.#met = met;
    }

    /** Items that have not been taken yet. */
    get waiting(): number {
        return this.#waiting;
    }

    /** Keys with something waiting or running. */
    get keys(): number {
        return this.#lanes.size;
    }

    /** Whether what comes now has to wait for the key: something ahead of it waits for it, or runs on it. */
    isTaken({ key, write }: KeyUse): boolean {
        const lane = this.#lanes.get(key);
        if (lane === undefined) return false;
        const { front, frontWrites, queue, holders, writer } = lane;
        if (queue.size > 0 || writer !== undefined) return true;
        return write ? front.size + holders.size > 0 : front.size > 0 && frontWrites;
    }

    /** Kinds of which an item might be able to start. */
    readyKinds(): string[] {
        return [...this.#ready.keys()];
    }

    add(item: T): void {
        const entry: Waiting<T> = { item, fronts: 0, listed: false };
        this.#waiting += 1;
        for (const use of item.keys) {
            if (this.isTaken(use)) this.#met(use.key);
            const lane = this.#lane(use.key);
            lane.queue.push({ entry, write: use.write });
            this.#open(lane);
        }
        this.#list(entry);
    }

    /**
     * Moves items of one kind into the group for as long as `choose` takes them. A dropped item
     * leaves its lanes without keeping anything busy.
     */
    fill(kind: string, group: LaneGroup<T>, choose: (item: T) => Choice): void {
        const ready = this.#ready.get(kind);
        if (ready === undefined) return;
        const passed: Waiting<T>[] = [];
        const followers = new Fifo<Waiting<T>>();
        this.#followers = { kind, list: followers };
        let next = 0;
        while (passed.length < maxPassedOver) {
            // Followers first: only this group can take them now.
            const entry = followers.peek() ?? ready[next];
            if (entry === undefined) break;
            const free = this.#free(entry.item, group);
            const choice = free ? choose(entry.item) : 'busy';
            if (choice === 'stop') break;
            if (followers.peek() === undefined) next += 1;
            else followers.shift();
            if (choice === 'busy') entry.listed = false;
            else if (choice === 'later') passed.push(entry);
            else this.#leave(entry, choice === 'take' ? group : undefined);
        }
        this.#followers = undefined;
        this.#keepReady(kind, [...passed, ...followers.drain()], ready, next);
    }

    #keepReady(
        kind: string,
        first: readonly Waiting<T>[],
        ready: Waiting<T>[],
        next: number,
    ): void {
        const rest = first.length === 0 && next === 0 ? ready : [...first, ...ready.slice(next)];
        if (rest.length === 0) this.#ready.delete(kind);
        else this.#ready.set(kind, rest);
    }

    /** Frees the keys of a group that has finished. */
    release(group: LaneGroup<T>): void {
        for (const [key, wrote] of group.holds) {
            const lane = this.#lanes.get(key);
            if (lane === undefined) continue;
            lane.holders.delete(group);
            if (lane.writer === group) lane.writer = undefined;
            // Readers that leave hold nobody back but a writer.
            if (wrote || lane.frontWrites) for (const entry of lane.front) this.#list(entry);
            this.#forgetIfIdle(key, lane);
        }
        group.holds.clear();
    }

    #lane(key: string): Lane<T> {
        let lane = this.#lanes.get(key);
        if (lane === undefined) {
            lane = {
                front: new Set(),
                frontWrites: false,
                queue: new Fifo(),
                holders: new Set(),
                writer: undefined,
            };
            this.#lanes.set(key, lane);
        }
        return lane;
    }

    /** Lets to the front what nothing in this lane holds back any more. */
    #open(lane: Lane<T>): void {
        for (;;) {
            const next = lane.queue.peek();
            if (next === undefined) return;
            if (lane.front.size > 0 && (next.write || lane.frontWrites)) return;
            lane.queue.shift();
            lane.front.add(next.entry);
            lane.frontWrites = next.write;
            next.entry.fronts += 1;
            this.#list(next.entry);
        }
    }

    #forgetIfIdle(key: string, lane: Lane<T>): void {
        if (lane.front.size === 0 && lane.holders.size === 0) this.#lanes.delete(key);
    }

    #list(entry: Waiting<T>): void {
        if (entry.listed || entry.fronts < entry.item.keys.length) return;
        entry.listed = true;
        if (this.#followers?.kind === entry.item.kind) {
            this.#followers.list.push(entry);
            return;
        }
        const ready = this.#ready.get(entry.item.kind);
        if (ready === undefined) this.#ready.set(entry.item.kind, [entry]);
        else ready.push(entry);
    }

    #free(item: T, group: LaneGroup<T>): boolean {
        return item.keys.every(({ key, write }) => {
            const lane = this.#lane(key);
            if (!write) return lane.writer === undefined || lane.writer === group;
            return lane.holders.size === 0 || (lane.holders.size === 1 && lane.holders.has(group));
        });
    }

    #leave(entry: Waiting<T>, group: LaneGroup<T> | undefined): void {
        this.#waiting -= 1;
        entry.listed = false;
        group?.items.push(entry.item);
        for (const { key, write } of entry.item.keys) {
            const lane = this.#lane(key);
            lane.front.delete(entry);
            if (group !== undefined) {
                const writes = write || group.holds.get(key) === true;
                group.holds.set(key, writes);
                lane.holders.add(group);
                if (writes) lane.writer = group;
            }
            this.#open(lane);
            this.#forgetIfIdle(key, lane);
        }
    }
}
