import {
    accessSetsOf,
    orderTransactions,
    type AccessSet,
    type TxReadWriteSet,
} from '@goodput/rwset';
import type { BlockClock } from '../strategy/block-clock.js';
import { Departure } from '../strategy/departure.js';
import { Unacknowledged, type Leave } from './unacknowledged.js';

/** Leave to submit, or none. */
export type Turn =
    | (Leave & {
          readonly go: true;
          /** It waited with others until the block was nearly cut. */
          readonly gathered: boolean;
      })
    | { readonly go: false };

/** An endorsed transaction, and what it touches. */
export interface Endorsement {
    readonly rwset: TxReadWriteSet;
    /** Its keys, as {@link namesOf} gives them. */
    readonly names: AccessSet;
}

interface Entry extends Endorsement {
    readonly weight: number;
    readonly resolve: (turn: Turn) => void;
}

/** Bounds of a window. */
export interface WindowBounds {
    /** Transactions. */
    readonly size: number;
    /** Wait for company while nothing tells when a block will be cut, in milliseconds. */
    readonly ms: number;
}

/**
 * Gathers endorsed transactions and gives them their turns: readers of a key before its writers, each
 * writer only after its readers are acknowledged, and no turn for those that no order could save.
 *
 * All in it were endorsed on the same state, and whatever is sent until the block is cut shares that
 * block. So the window stays open until shortly before, and the choice is among all that came. One
 * goes ahead when nothing of ours is on its way, because it takes a transaction to open a block: the
 * one whose writes the fewest others have read.
 */
export class OrderWindow {
    readonly #bounds: WindowBounds;
    readonly #clock: BlockClock;
    readonly #departure: Departure;
    readonly #unacknowledged = new Unacknowledged();
    #entries: Entry[] = [];
    #timer: NodeJS.Timeout | undefined;
    /** One has leave to open a block, and has not been sent yet. */
    #opening = false;

    constructor(bounds: WindowBounds, clock: BlockClock) {
        this.#bounds = bounds;
        this.#clock = clock;
        this.#departure = new Departure(clock);
    }

    /** @param weight - what its survival is worth */
    join({ rwset, names }: Endorsement, weight = 1): Promise<Turn> {
        const turn = new Promise<Turn>((resolve) => {
            this.#entries.push({ rwset, names, weight, resolve });
        });
        if (this.#entries.length >= this.#bounds.size) this.close();
        else if (this.#timer === undefined) this.#wait();
        return turn;
    }

    /** A turn at once, beside the window. */
    pass({ names }: Endorsement): Extract<Turn, { go: true }> {
        return this.#go(names, false);
    }

    /** Something was sent, or has its verdict: blocks may be cut at other times than it seemed. */
    reconsider(): void {
        this.#opening = false;
        this.#wait();
    }

    /** Gives everybody in it a turn, or none. */
    close(): void {
        const gathered = this.#departure.inMs !== undefined;
        this.#departure.left();
        const entries = this.#entries;
        this.#empty();
        const rwsets = entries.map(({ rwset }) => rwset);
        const weights = entries.map(({ weight }) => weight);
        const { order, victims } = orderTransactions(rwsets, { weights });
        const names = accessSetsOf(rwsets);
        for (const index of order) {
            entries[index]?.resolve(this.#go(names[index] ?? { reads: [], writes: [] }, gathered));
        }
        // Last, so that they find under way what they have lost to.
        for (const { index } of victims) entries[index]?.resolve({ go: false });
    }

    #go(names: AccessSet, gathered: boolean): Extract<Turn, { go: true }> {
        this.#overtake(names);
        return { go: true, gathered, ...this.#unacknowledged.give(names) };
    }

    /** What waits and has read what is now going to be written has lost its chance. */
    #overtake({ writes }: AccessSet): void {
        if (this.#entries.length === 0) return;
        const written = new Set(writes);
        const lost = (entry: Entry): boolean => entry.names.reads.some((name) => written.has(name));
        const losers = this.#entries.filter(lost);
        if (losers.length === 0) return;
        this.#entries = this.#entries.filter((entry) => !lost(entry));
        // In the next turn, so that they find under way what they have lost to.
        setImmediate(() => {
            for (const { resolve } of losers) resolve({ go: false });
        });
    }

    #wait(): void {
        clearTimeout(this.#timer);
        this.#timer = undefined;
        if (this.#entries.length === 0 || this.#opening) return;
        const leavesIn = this.#gathers ? this.#departure.inMs : undefined;
        this.#timer = setTimeout(
            () => {
                this.#timer = undefined;
                if (this.#gathers && this.#departure.inMs === undefined) this.#open();
                else this.close();
            },
            leavesIn === undefined ? this.#bounds.ms : Math.max(0, leavesIn),
        );
    }

    /** Whether blocks take long enough to wait for one. */
    get #gathers(): boolean {
        return this.#clock.predicts && this.#clock.waitMs > this.#bounds.ms;
    }

    /** Sends one ahead. */
    #open(): void {
        const readers = new Map<string, number>();
        for (const { names } of this.#entries) {
            for (const name of names.reads) readers.set(name, (readers.get(name) ?? 0) + 1);
        }
        const cost = ({ names, weight }: Entry): number => {
            const own = new Set(names.reads);
            const others = names.writes.map((name) => {
                return (readers.get(name) ?? 0) - (own.has(name) ? 1 : 0);
            });
            return others.reduce((sum, count) => sum + count, 0) / weight;
        };
        const [first, ...rest] = this.#entries;
        if (first === undefined) return;
        let best = { entry: first, cost: cost(first) };
        for (const entry of rest) {
            const own = cost(entry);
            if (own < best.cost) best = { entry, cost: own };
        }
        this.#entries = this.#entries.filter((entry) => entry !== best.entry);
        this.#opening = true;
        best.entry.resolve(this.#go(best.entry.names, false));
    }

    #empty(): void {
        clearTimeout(this.#timer);
        this.#timer = undefined;
        this.#entries = [];
    }
}

/** The keys of one transaction, looked at by itself. */
export function namesOf(rwset: TxReadWriteSet): AccessSet {
    return accessSetsOf([rwset])[0] ?? { reads: [], writes: [] };
}
