import { bucketStart, timeBucket } from '../codecs/time-bucket.js';
import { checkObject, makeKey } from '../define-key.js';
import { KeyError, placeError } from '../errors.js';
import type { OrderedKey } from '../ledger-key.js';
import { part, type AnyPart, type Part, type PartValues } from '../part.js';
import { refuse, refuseOption } from '../refuse.js';
import { checkLimit } from './stamp.js';

/** What {@link defineSlotKey} takes. */
export interface SlotDefinition<N extends string, P extends readonly AnyPart[]> {
    readonly name: N;
    /** What can be booked. @example [part('clinician', string())] */
    readonly resource: P;
    /** Length of a slot; it must divide a day. @example 15 */
    readonly minutes: number;
}

/** All parts of a slot key. */
export type SlotParts<P extends readonly AnyPart[]> = readonly [...P, Part<'slot', number>];

/** The time a booking takes. */
export interface SlotWindow {
    /** Start of the first slot. */
    readonly from: number;
    /** End of the last slot. */
    readonly to: number;
    /** Most slots one booking may take. @default 96 */
    readonly maxSlots?: number;
}

/**
 * Something that can be booked, one key for each quantum of its time.
 *
 * Conflicts: on purpose. Read every slot with `getState` before writing it: two bookings of one slot then
 * have read the same missing key, and Fabric commits exactly one. Without the read the later one silently
 * replaces the earlier. Bookings of different slots, and of different resources, never meet.
 */
export interface SlotKey<N extends string, P extends readonly AnyPart[]> extends OrderedKey<
    N,
    SlotParts<P>
> {
    readonly pattern: 'slot';
    readonly minutes: number;
    /** The keys of all slots a booking takes: read each, then write each, in one transaction. */
    slots(resource: PartValues<P>, window: SlotWindow): string[];
}

/**
 * Defines keys for appointments and other things that must not be booked twice.
 *
 * @example
 * ```ts
 * import { defineSlotKey, part, string } from '@goodput/keys';
 *
 * const visit = defineSlotKey({
 *   name: 'visit',
 *   resource: [part('clinician', string())],
 *   minutes: 15,
 * });
 * const from = Date.UTC(2026, 10, 23, 9);
 * console.log(visit.slots({ clinician: 'dr-7' }, { from, to: from + 45 * 60_000 }).length); // => 3
 * ```
 */
export function defineSlotKey<const N extends string, const P extends readonly AnyPart[]>(
    definition: SlotDefinition<N, P>,
): SlotKey<N, P> {
    const { name, resource, minutes } = definition;
    if (!Number.isSafeInteger(minutes) || minutes < 1 || 1440 % minutes !== 0) {
        refuseOption('minutes', 'a whole number that divides a day', minutes);
    }
    const size = { minutes };
    const key = makeKey({
        name,
        layout: 'ordered',
        parts: [...resource, part('slot', timeBucket(size))],
    });

    function aligned(end: 'from' | 'to', ms: number): number {
        try {
            if (bucketStart(size, ms) === ms) return ms;
            return refuse(
                'KEY_PART_UNALIGNED',
                `must lie on a boundary of ${minutes} minutes (UTC)`,
                ms,
                'Round the booking to whole slots.',
            );
        } catch (error) {
            throw placeError(error, { key: name, part: end, phi: false, value: ms });
        }
    }

    function slots(whose: object, window: SlotWindow): string[] {
        checkObject(name, window);
        const from = aligned('from', window.from);
        const count = (aligned('to', window.to) - from) / (minutes * 60_000);
        const { maxSlots = 96 } = window;
        checkLimit('maxSlots', maxSlots);
        if (count <= 0) {
            throw new KeyError('KEY_RANGE_REVERSED', {
                key: name,
                problem: 'a booking must end after it begins',
                fix: 'Exchange from and to.',
            });
        }
        if (count > maxSlots) {
            throw new KeyError('KEY_PLAN_TOO_WIDE', {
                key: name,
                problem: `the booking takes ${count} slots, and ${maxSlots} is the limit`,
                fix: 'Book less, take longer slots, or raise maxSlots.',
            });
        }
        return Array.from({ length: count }, (_, index) =>
            key.build({ ...whose, slot: from + index * minutes * 60_000 }),
        );
    }
    const made = { ...key, pattern: 'slot', minutes, slots };
    return Object.freeze(made) as unknown as SlotKey<N, P>;
}
