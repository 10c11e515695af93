import type { Overlay, ReadListener } from './overlay.js';
import type { Entry, Space } from './space.js';

interface Remembered {
    readonly value: unknown;
    /** The pending write, or none, each key had when it was looked at. */
    readonly points: Map<Space, Map<string, Entry | undefined>>;
    /** The overlay's version at the time, when a range was looked at. */
    readonly rangesAt: number | undefined;
}

/**
 * What a transaction has worked out already. A value is worked out again when the transaction has since
 * written anything it was made of, so that it is never older than the state it stands for.
 */
export class Memo {
    readonly #overlay: Overlay;
    readonly #remembered = new Map<string, Remembered>();

    constructor(overlay: Overlay) {
        this.#overlay = overlay;
    }

    async get<T>(name: string, work: () => Promise<T>): Promise<T> {
        const found = this.#remembered.get(name);
        if (found !== undefined && this.#isFresh(found)) {
            this.#tell(found);
            return found.value as T;
        }
        return this.#remember(name, work);
    }

    #isFresh({ points, rangesAt }: Remembered): boolean {
        if (rangesAt !== undefined && rangesAt !== this.#overlay.version) return false;
        for (const [space, keys] of points) {
            for (const [key, entry] of keys) if (space.writes.get(key) !== entry) return false;
        }
        return true;
    }

    /** What is made of a remembered value is made of what that was made of. */
    #tell({ points, rangesAt }: Remembered): void {
        for (const listener of this.#overlay.listeners) {
            for (const [space, keys] of points) {
                for (const key of keys.keys()) listener.point(space, key);
            }
            if (rangesAt !== undefined) listener.range();
        }
    }

    async #remember<T>(name: string, work: () => Promise<T>): Promise<T> {
        const overlay = this.#overlay;
        const points: Remembered['points'] = new Map();
        let rangesAt: number | undefined;
        const listener: ReadListener = {
            point(space, key) {
                const keys = points.get(space) ?? new Map<string, Entry | undefined>();
                points.set(space, keys.set(key, space.writes.get(key)));
            },
            range() {
                rangesAt = overlay.version;
            },
        };
        // Several may be at work at once: each hears of every read, of its own and of the others'.
        overlay.listeners.add(listener);
        try {
            const value = await work();
            this.#remembered.set(name, { value, points, rangesAt });
            return value;
        } finally {
            overlay.listeners.delete(listener);
        }
    }
}
