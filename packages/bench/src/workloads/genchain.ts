import { zipfSampler } from '../load/random.js';
import { defineWorkload, type Workload } from './workload.js';

const preloaded = 10_000;

/** Parts of reads, inserts, updates and range reads. */
interface Mix {
    readonly name: string;
    readonly title: string;
    readonly weights: readonly [reads: number, inserts: number, updates: number, ranges: number];
    readonly skew: number;
}

function genchain({ name, title, weights, skew }: Mix): Workload {
    return defineWorkload({
        name: `genchain-${name}`,
        title: `genChain, ${title}: two keys an operation, 10,000 preloaded, skew ${skew}`,
        setup: () =>
            Array.from({ length: preloaded / 2 }, (_, pair) => ({
                name: 'insertTwo',
                args: [String(pair * 2), String(pair * 2 + 1), 'preloaded'],
            })),
        operations: (random) => {
            const sample = zipfSampler(preloaded, skew);
            const existing = (): string => String(sample(random));
            const fresh = (): string => String(preloaded + random.below(preloaded));
            return (index) => {
                switch (random.weighted(weights)) {
                    case 0:
                        return { name: 'readTwo', args: [existing(), existing()] };
                    case 1:
                        return { name: 'insertTwo', args: [fresh(), fresh(), `i${index}`] };
                    case 2:
                        return { name: 'updateTwo', args: [existing(), existing(), `u${index}`] };
                    default: {
                        const length = String(random.pick([2, 4, 8]));
                        return { name: 'rangeTwo', args: [existing(), existing(), length] };
                    }
                }
            };
        },
        keys: ({ name: fn, args }) => {
            if (fn === 'rangeTwo') return undefined;
            const rows = args.slice(0, 2).map((row) => `row:${row.padStart(6, '0')}`);
            return fn === 'readTwo' ? { reads: rows } : rows;
        },
    });
}

/** The mixes of BlockOptR's generator. */
export const genchainMixes: readonly Workload[] = [
    genchain({ name: 'uniform', title: 'uniform', weights: [10, 10, 10, 0], skew: 1 }),
    genchain({ name: 'read-heavy', title: 'read-heavy', weights: [10, 3, 3, 0], skew: 1 }),
    genchain({ name: 'insert-heavy', title: 'insert-heavy', weights: [3, 10, 3, 0], skew: 1 }),
    genchain({ name: 'update-heavy', title: 'update-heavy', weights: [3, 3, 10, 0], skew: 1 }),
    genchain({ name: 'range-heavy', title: 'range-heavy', weights: [3, 3, 3, 10], skew: 1 }),
    genchain({ name: 'skew-2', title: 'uniform mix', weights: [10, 10, 10, 0], skew: 2 }),
];
