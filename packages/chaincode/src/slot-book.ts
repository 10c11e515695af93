import type { AnyPart, PartValues, SlotKey, SlotWindow } from '@goodput/keys';
import { canonicalJson } from './canonical-json.js';
import { ChaincodeError } from './errors.js';
import { numberOf, unitOfContext, type UnitContext } from './rows.js';
import { txTime } from './tx-time.js';
import type { UnitOfWork } from './unit-of-work.js';

/** Who has a slot. */
export interface SlotState {
    /** Whoever holds or booked it. */
    readonly by: string;
    readonly state: 'held' | 'booked';
    /** When a hold ends, in milliseconds since 1970. */
    readonly until?: number;
}

/** One slot of a window. */
export interface SlotStatus {
    /** Where it begins, in milliseconds since 1970. */
    readonly slot: number;
    /** Undefined when it is free, which it also is when its hold has ended. */
    readonly taken: SlotState | undefined;
}

// Nobody's name would fit every slot that nobody has.
function checkBy(by: unknown): void {
    if (typeof by === 'string' && by !== '') return;
    throw new ChaincodeError('CHAINCODE_SETUP_INVALID', '"by" is empty; say whose the slots are');
}

/** Times that are never given to two: held for a while, then booked or free again. Made by {@link slotBook}. */
export class SlotBook<P extends readonly AnyPart[]> {
    readonly #key: SlotKey<string, P>;

    constructor(key: SlotKey<string, P>) {
        this.#key = key;
    }

    /**
     * Holds all slots of a window, or none. Each is read before it is written: of two concurrent holds of
     * one slot Fabric commits one. Holding again what one holds already moves the end of the hold.
     */
    async hold(
        ctx: UnitContext,
        resource: PartValues<P>,
        window: SlotWindow & { readonly by: string; readonly forMs: number },
    ): Promise<void> {
        const unit = unitOfContext(ctx);
        const { by, forMs } = window;
        if (!Number.isSafeInteger(forMs) || forMs < 1) {
            throw new ChaincodeError(
                'CHAINCODE_SETUP_INVALID',
                `forMs is ${String(forMs)}; give whole milliseconds above 0`,
            );
        }
        const until = txTime(unit).ms + forMs;
        await this.#takeAll(unit, resource, window, by, { by, state: 'held', until });
    }

    /** Books all slots of a window, free or held by the same, or none of them. */
    async book(
        ctx: UnitContext,
        resource: PartValues<P>,
        window: SlotWindow & { readonly by: string },
    ): Promise<void> {
        const { by } = window;
        await this.#takeAll(unitOfContext(ctx), resource, window, by, { by, state: 'booked' });
    }

    /** Books what is held, all slots of it or none; a hold that has ended is not enough. */
    async confirm(
        ctx: UnitContext,
        resource: PartValues<P>,
        window: SlotWindow & { readonly by: string },
    ): Promise<void> {
        const unit = unitOfContext(ctx);
        const { by } = window;
        checkBy(by);
        const keys = this.#key.slots(resource, window);
        await this.#each(unit, keys, 'CHAINCODE_SLOT_NOT_HELD', (taken) => taken?.by === by);
        await this.#write(unit, keys, { by, state: 'booked' });
    }

    /** Frees all slots of a window, held or booked by the same, or none of them. */
    async release(
        ctx: UnitContext,
        resource: PartValues<P>,
        window: SlotWindow & { readonly by: string },
    ): Promise<void> {
        const unit = unitOfContext(ctx);
        checkBy(window.by);
        const keys = this.#key.slots(resource, window);
        await this.#each(unit, keys, 'CHAINCODE_SLOT_NOT_HELD', (taken) => taken?.by === window.by);
        for (const key of keys) await unit.deleteState(key);
    }

    /** Who has each slot of a window. */
    async status(
        ctx: UnitContext,
        resource: PartValues<P>,
        window: SlotWindow,
    ): Promise<SlotStatus[]> {
        const unit = unitOfContext(ctx);
        const all: SlotStatus[] = [];
        for (const key of this.#key.slots(resource, window)) {
            all.push({ slot: this.#beginOf(key), taken: await this.#taken(unit, key) });
        }
        return all;
    }

    async #takeAll(
        unit: UnitOfWork,
        resource: PartValues<P>,
        window: SlotWindow,
        by: string,
        state: SlotState,
    ): Promise<void> {
        checkBy(by);
        const keys = this.#key.slots(resource, window);
        const isFree = (taken: SlotState | undefined): boolean =>
            taken === undefined || (taken.by === by && taken.state === 'held');
        await this.#each(unit, keys, 'CHAINCODE_SLOT_TAKEN', isFree);
        await this.#write(unit, keys, state);
    }

    // All are looked at before any is written, so that what fails leaves nothing.
    async #each(
        unit: UnitOfWork,
        keys: readonly string[],
        code: 'CHAINCODE_SLOT_TAKEN' | 'CHAINCODE_SLOT_NOT_HELD',
        isRight: (taken: SlotState | undefined) => boolean,
    ): Promise<void> {
        const wrong: string[] = [];
        for (const key of keys) {
            if (!isRight(await this.#taken(unit, key))) {
                wrong.push(new Date(this.#beginOf(key)).toISOString());
            }
        }
        if (wrong.length === 0) return;
        const what = code === 'CHAINCODE_SLOT_TAKEN' ? 'taken' : 'not held or booked by the caller';
        // Whose they are is not for everybody to read.
        throw new ChaincodeError(code, `${wrong.length} of ${keys.length} slots are ${what}`, {
            slots: wrong,
        });
    }

    async #taken(unit: UnitOfWork, key: string): Promise<SlotState | undefined> {
        const value = await unit.getState(key);
        if (value.length === 0) return undefined;
        const state = JSON.parse(value.toString()) as SlotState;
        const hasEnded = state.until !== undefined && state.until <= txTime(unit).ms;
        return hasEnded ? undefined : state;
    }

    async #write(unit: UnitOfWork, keys: readonly string[], state: SlotState): Promise<void> {
        const value = canonicalJson(state);
        for (const key of keys) await unit.putState(key, value);
    }

    #beginOf(key: string): number {
        return numberOf(this.#key, key, 'slot');
    }
}

/** Makes a book of a key from `defineSlotKey`. */
export function slotBook<const P extends readonly AnyPart[]>(key: SlotKey<string, P>): SlotBook<P> {
    return new SlotBook(key);
}
