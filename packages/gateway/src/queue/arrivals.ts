import { Fifo } from './lists.js';

interface Place {
    left: boolean;
    begin: (() => void) | undefined;
}

/** Gives up a place in line: with what begins the operation, or without when it was refused. */
export type Leave = (begin?: () => void) => void;

/**
 * Lets the operations of a line begin in the order in which they were submitted. Accepting one takes
 * as long as a disk or a contract's metadata take, and that differs from one to the next.
 */
export class Arrivals {
    readonly #lines = new Map<string, Fifo<Place>>();
    #size = 0;
    #waiting: (() => void)[] = [];

    /** @returns to be called when it is decided; only the first call counts */
    enter(line: string): Leave {
        let places = this.#lines.get(line);
        if (places === undefined) {
            places = new Fifo();
            this.#lines.set(line, places);
        }
        const place: Place = { left: false, begin: undefined };
        places.push(place);
        this.#size += 1;
        return (begin) => {
            if (place.left) return;
            place.left = true;
            place.begin = begin;
            this.#advance(line, places);
        };
    }

    /** Resolves when nobody is in any line. */
    async empty(): Promise<void> {
        if (this.#size === 0) return;
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }

    #advance(line: string, places: Fifo<Place>): void {
        for (let first = places.peek(); first?.left; first = places.peek()) {
            places.shift();
            this.#size -= 1;
            first.begin?.();
        }
        if (places.size === 0 && this.#lines.get(line) === places) this.#lines.delete(line);
        if (this.#size === 0) for (const resolve of this.#waiting.splice(0)) resolve();
    }
}
