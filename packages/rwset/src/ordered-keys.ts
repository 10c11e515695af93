import { compareKeys, isPlainKey } from './key-order.js';

const CHUNK = 512;

/**
 * A set of keys in byte order: sorted chunks of at most 512 keys. Finding, adding and removing a key
 * cost two binary searches and a move within one chunk, so they stay flat into the millions.
 */
export class OrderedKeys {
    readonly #chunks: string[][] = [];
    /** The first key of every chunk, apart so that searching touches little memory. */
    readonly #firsts: string[] = [];
    #plain = true;
    #changes = 0;
    #size = 0;

    get size(): number {
        return this.#size;
    }

    /** Adds a key; says whether it was new. */
    add(key: string): boolean {
        if (this.#plain && !isPlainKey(key)) this.#plain = false;
        const at = this.#chunkOf(key);
        const chunk = this.#chunks[at];
        if (chunk === undefined) {
            this.#chunks.push([key]);
            this.#firsts.push(key);
        } else {
            const position = this.#lowerBound(chunk, key);
            if (chunk[position] === key) return false;
            chunk.splice(position, 0, key);
            if (position === 0) this.#firsts[at] = key;
            if (chunk.length > CHUNK) this.#split(at, chunk);
        }
        this.#size++;
        this.#changes++;
        return true;
    }

    /** Removes a key; says whether it was there. */
    delete(key: string): boolean {
        const at = this.#chunkOf(key);
        const chunk = this.#chunks[at];
        if (chunk === undefined) return false;
        const position = this.#lowerBound(chunk, key);
        if (chunk[position] !== key) return false;
        chunk.splice(position, 1);
        const [first] = chunk;
        if (first === undefined) {
            this.#chunks.splice(at, 1);
            this.#firsts.splice(at, 1);
        } else if (position === 0) this.#firsts[at] = first;
        this.#size--;
        this.#changes++;
        return true;
    }

    /**
     * The keys from `start` (included) to `end` (excluded); an empty bound is open. Keys may be added
     * and removed while a range is walked: it goes on behind the last key it gave.
     */
    *range(start: string, end: string): Generator<string, void, undefined> {
        let changes = this.#changes;
        let at = this.#chunkOf(start);
        let position = this.#lowerBound(this.#chunks[at] ?? [], start);
        let last: string | undefined;
        for (;;) {
            if (changes !== this.#changes && last !== undefined) {
                changes = this.#changes;
                at = this.#chunkOf(last);
                const chunk = this.#chunks[at] ?? [];
                position = this.#lowerBound(chunk, last);
                if (chunk[position] === last) position++;
            }
            const chunk = this.#chunks[at];
            if (chunk === undefined) return;
            const key = chunk[position];
            if (key === undefined) {
                at++;
                position = 0;
                continue;
            }
            if (end !== '' && this.#compare(key, end) >= 0) return;
            position++;
            last = key;
            yield key;
        }
    }

    #compare(a: string, b: string): number {
        // With plain keys on one side JavaScript's native comparison is right, and much faster.
        if (this.#plain) return a < b ? -1 : a === b ? 0 : 1;
        return compareKeys(a, b);
    }

    /** The chunk in which the key is, or would have to go. */
    #chunkOf(key: string): number {
        let low = 0;
        let high = this.#firsts.length;
        while (low < high) {
            const middle = (low + high) >>> 1;
            if (this.#compare(this.#firsts[middle] ?? '', key) <= 0) low = middle + 1;
            else high = middle;
        }
        return low > 0 ? low - 1 : 0;
    }

    #lowerBound(chunk: readonly string[], key: string): number {
        let low = 0;
        let high = chunk.length;
        while (low < high) {
            const middle = (low + high) >>> 1;
            if (this.#compare(chunk[middle] ?? '', key) < 0) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    #split(at: number, chunk: string[]): void {
        // Keys often arrive in ascending order: a full last chunk is then left nearly full.
        const cut = at === this.#chunks.length - 1 ? chunk.length - 16 : chunk.length >>> 1;
        const upper = chunk.splice(cut);
        this.#chunks.splice(at + 1, 0, upper);
        this.#firsts.splice(at + 1, 0, upper[0] ?? '');
    }
}
