import type { AccessSet } from '../access.js';
import { SeededRandom } from '../random.js';

/** Draws ranks from 0 with probability proportional to 1 / (rank + 1)^skew. */
export function zipf(size: number, skew: number, random: SeededRandom): () => number {
    const cumulative = new Float64Array(size);
    let sum = 0;
    for (let i = 0; i < size; i++) cumulative[i] = sum += 1 / (i + 1) ** skew;
    return () => {
        const target = random.next() * sum;
        let low = 0;
        let high = size - 1;
        while (low < high) {
            const middle = (low + high) >>> 1;
            if ((cumulative[middle] ?? 0) <= target) low = middle + 1;
            else high = middle;
        }
        return low;
    };
}

/**
 * The custom workload by which in-block reordering is usually judged: of 10,000 keys each transaction
 * reads four and writes four; 40% of reads and 10% of writes go to the hottest 1%.
 */
export function customWorkload(count: number, seed: number): AccessSet[] {
    const random = new SeededRandom(seed);
    const pick = (hotShare: number): string =>
        `k${random.next() < hotShare ? random.below(100) : 100 + random.below(9900)}`;
    return Array.from({ length: count }, () => ({
        reads: Array.from({ length: 4 }, () => pick(0.4)),
        writes: Array.from({ length: 4 }, () => pick(0.1)),
    }));
}

/** Reads, or reads and writes back, of `keysEach` keys drawn by Zipf's law. */
export function zipfWorkload(options: {
    readonly count: number;
    readonly keys: number;
    readonly skew: number;
    readonly keysEach: number;
    readonly readShare: number;
    readonly seed: number;
}): AccessSet[] {
    const random = new SeededRandom(options.seed);
    const draw = zipf(options.keys, options.skew, random);
    return Array.from({ length: options.count }, () => {
        const keys = Array.from({ length: options.keysEach }, () => `k${draw()}`);
        return { reads: keys, writes: random.next() < options.readShare ? [] : keys };
    });
}
