import { LaneGroup, type Choice } from '../lanes/key-lanes.js';
import { isUnknown, scopeKey } from '../lanes/key-use.js';
import { BatchSize, type BatchBounds } from '../merge/batch-size.js';
import { Linger } from '../merge/linger.js';
import type { BlockClock } from './block-clock.js';
import { Departure } from './departure.js';
import type { FlightLimit } from './flight-limit.js';
import type { Operation } from './operation.js';
import type { WaitingRoom } from './waiting-room.js';

/** What bounds the merged transactions of a contract. */
export interface MergeLimits {
    /** Merged transactions of the contract at a time. */
    readonly lanes: number;
    /** Bounds of one merged transaction. */
    readonly batch: BatchBounds;
    /** Time from submit to receipt to aim for. */
    readonly latencyMs: number;
    /** Endorsing a batch should not take longer. */
    readonly batchEndorseMs: number;
}

/** What a contract's merging looks at. */
export interface MergeScopeParts {
    readonly limits: MergeLimits;
    /** What the contract allows in a batch at the moment; undefined when it takes none. */
    readonly allowed: () => BatchBounds | undefined;
    /** Bounds what independent operations may start; what comes beyond shares transactions. */
    readonly flight: FlightLimit;
    readonly clock: BlockClock;
    /** Asks to be looked at again. */
    readonly wake: () => void;
}

/** Beyond this many times `lanes`, even operations that have waited long enough go on waiting. */
const laneOverdraft = 4;

/** What one contract's merged transactions are formed by. */
export class MergeScope {
    readonly size: BatchSize;
    readonly linger: Linger;
    readonly #parts: MergeScopeParts;
    /** Operations wait because the bound is reached: they leave together. */
    #backlogged = false;
    /** Transactions opened by operations that always merge. */
    #running = 0;
    /** Of what others want as well, and of what has been crowded out. */
    readonly #departures: { readonly gathered: Departure; readonly crowded: Departure };
    #timer: NodeJS.Timeout | undefined;
    #wakeAt = 0;

    constructor(parts: MergeScopeParts) {
        this.#parts = parts;
        const { batchEndorseMs, latencyMs } = parts.limits;
        this.size = new BatchSize({ max: this.#bounds.operations, targetMs: batchEndorseMs });
        this.linger = new Linger(latencyMs);
        const { clock } = parts;
        this.#departures = { gathered: new Departure(clock), crowded: new Departure(clock) };
    }

    /** Whether operations wait because as many transactions as commit in time are under way. */
    get backlogged(): boolean {
        return this.#backlogged;
    }

    /** A transaction starts. @returns to be called when it has ended */
    started({ items }: LaneGroup<Operation>): () => void {
        const lane = items[0]?.spread === true ? 0 : 1;
        this.#running += lane;
        const started = performance.now();
        return () => {
            this.#running -= lane;
            this.linger.committedIn(performance.now() - started);
        };
    }

    /**
     * Forms the next transaction; an empty one when none may start now.
     *
     * @returns the group, and whether something that could have joined did not fit
     */
    form(
        room: WaitingRoom,
        kind: string,
        gathers: boolean,
    ): { readonly group: LaneGroup<Operation>; readonly full: boolean } {
        const group = new LaneGroup<Operation>();
        const { gathered, crowded } = this.#departures;
        const leaving = gathers ? this.#leaving(gathered) : 'now';
        if (leaving === 'later') return { group, full: false };
        const together = leaving === 'together';
        const squeezed = !together && this.#batchable && this.#parts.flight.full;
        const full = this.#fill(room, kind, group, { together, joint: together || squeezed });
        const [first] = group.items;
        if (together && first === undefined) gathered.left();
        if (first === undefined) return { group, full };
        // What gathers has a departure of its own: that it has left says nothing of those crowded out.
        if (!gathers) this.#backlogged &&= full;
        const crowdLeaves = squeezed && first.spread;
        if (crowdLeaves && !full) crowded.left();
        if (together || crowdLeaves) {
            for (const operation of group.items) operation.gathered = true;
        }
        return { group, full };
    }

    #fill(
        room: WaitingRoom,
        kind: string,
        group: LaneGroup<Operation>,
        leaves: { readonly together: boolean; readonly joint: boolean },
    ): boolean {
        const bounds = this.#bounds;
        this.size.bound(bounds.operations);
        const most = this.#batchable ? this.size.limit : 1;
        let bytes = 0;
        let full = false;
        let joint = this.#backlogged || leaves.joint;
        room.fill(kind, group, (operation): Choice => {
            const first = group.items.length === 0;
            if (first && !this.#mayOpen(operation, leaves.together)) return 'stop';
            // One whose keys are not known waits for all ahead of it and holds up all behind it:
            // apart they would only wait for one another.
            joint ||= isUnknown(operation) || room.awaitsAll(operation.call.chaincode);
            if (!first) {
                const apart = operation.spread && !joint && !touches(operation, group);
                if (apart) return 'stop';
                if (group.items.length >= most || bytes + operation.bytes > bounds.bytes) {
                    full = true;
                    return 'stop';
                }
                const fresh = operation.keys.filter(({ key }) => !group.holds.has(key)).length;
                if (group.holds.size + fresh > bounds.keys) {
                    full = true;
                    return 'later';
                }
            }
            bytes += operation.bytes;
            return 'take';
        });
        return full;
    }

    /** What a contract allows may change while it is used: it is upgraded, or asked for the first time. */
    get #bounds(): BatchBounds {
        return smaller(this.#parts.limits.batch, this.#parts.allowed());
    }

    get #batchable(): boolean {
        return this.#parts.allowed() !== undefined;
    }

    /**
     * When what others want as well leaves: one at once to open a block, the rest together shortly
     * before it is cut. Sent at once each would hold its keys for a whole block, and whatever meets
     * it there would have to wait for the next.
     */
    #leaving(departure: Departure): 'now' | 'together' | 'later' {
        const { clock, flight } = this.#parts;
        if (!clock.predicts || !this.#batchable) return 'now';
        const { inMs } = departure;
        // Being endorsed; it will open a block, and says so then.
        if (inMs === undefined) return flight.running === 0 ? 'now' : 'later';
        if (inMs <= 0) return 'together';
        this.#wakeIn(inMs);
        return 'later';
    }

    /**
     * A free lane opens at once; with all lanes busy, one more when an operation has waited enough.
     * What is crowded out, because as many as commit in time are under way, does not wait for one of
     * them either when that would cost it a block: it leaves, together, shortly before that is cut.
     */
    #mayOpen(operation: Operation, together: boolean): boolean {
        if (!this.#batchable) return true;
        const { clock, flight, limits } = this.#parts;
        if (operation.spread) {
            if (!flight.full) return true;
            this.#backlogged = true;
            if (clock.isBehind) return false;
            return together || this.#leaving(this.#departures.crowded) === 'together';
        }
        if (this.#running < limits.lanes) return true;
        const dueIn = operation.acceptedAt + this.linger.ms - performance.now();
        const overdrawn = this.#running >= limits.lanes * laneOverdraft;
        if (dueIn <= 0 && !overdrawn) return true;
        if (!overdrawn) this.#wakeIn(dueIn);
        return false;
    }

    #wakeIn(ms: number): void {
        const at = performance.now() + ms;
        if (this.#timer !== undefined && this.#wakeAt <= at) return;
        clearTimeout(this.#timer);
        this.#wakeAt = at;
        this.#timer = setTimeout(() => {
            this.#timer = undefined;
            this.#parts.wake();
        }, ms);
        this.#timer.unref();
    }
}

function smaller(a: BatchBounds, b: BatchBounds | undefined): BatchBounds {
    if (b === undefined) return a;
    return {
        operations: Math.min(a.operations, b.operations),
        bytes: Math.min(a.bytes, b.bytes),
        keys: Math.min(a.keys, b.keys),
    };
}

/** Whether it shares a key with the group, beside the lane of the whole contract. */
function touches(operation: Operation, group: LaneGroup<Operation>): boolean {
    const whole = scopeKey(operation.call.chaincode);
    return operation.keys.some(
        ({ key, write }) => (key !== whole || write) && group.holds.has(key),
    );
}
