/** A span of time, its parts added up. */
export interface Span {
    readonly days?: number;
    readonly hours?: number;
    readonly minutes?: number;
    readonly seconds?: number;
    readonly milliseconds?: number;
}

function milliseconds(span: Span): number {
    const { days = 0, hours = 0, minutes = 0, seconds = 0 } = span;
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + (span.milliseconds ?? 0);
}

// Kept from the beginning: a test may put another Date in the place of the global one.
const SystemDate = Date;

/**
 * The time as a network under test sees it: the system's, until it is set. A time that was set stands
 * still, so that what depends on it can be written down exactly.
 *
 * @example
 * ```ts
 * const clock = new TestClock();
 * const network = await startNetwork({ clock: clock.now });
 * clock.set('2030-01-01T00:00:00Z');
 * clock.advance({ hours: 1 });
 * ```
 */
export class TestClock {
    #set: number | undefined;

    /** What time it is. Can be handed on as it is: it needs no `this`. */
    readonly now = (): Date => new SystemDate(this.#set ?? SystemDate.now());

    /** Stops the clock at that time. */
    set(time: Date | string | number): void {
        const set = new SystemDate(time).getTime();
        if (Number.isNaN(set)) throw new RangeError(`${String(time)} is not a time.`);
        this.#set = set;
    }

    /** Moves the time on, or back, from where it is; it stands still then. */
    advance(span: Span): void {
        this.#set = this.now().getTime() + milliseconds(span);
    }

    /** Follows the system's clock again. */
    resume(): void {
        this.#set = undefined;
    }
}
