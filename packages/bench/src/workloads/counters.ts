import { counterOfRow } from '@goodput/bench-chaincode';
import { zipfSampler } from '../load/random.js';
import { defineWorkload, type Workload } from './workload.js';

const counterKey = (name: string): string => `counter:${name}`;

function counters(name: string, title: string, count: number): Workload {
    return defineWorkload({
        name,
        title,
        setup: () => [],
        operations: (random) => () => ({ name: 'add', args: [`c${random.below(count)}`, '1'] }),
        keys: ({ args }) => [counterKey(args[0] ?? '')],
    });
}

/** One key that everybody increments. */
export const hotCounter = counters('hot-counter', 'one counter that everybody increments', 1);

/** The same counter kept as the sum of its changes: nothing is read, so that everybody may change it at once. */
export const hotCounterDelta = defineWorkload({
    name: 'hot-counter-delta',
    title: 'the same counter kept as one row a change: written by all at once',
    setup: () => [],
    operations: () => () => ({ name: 'increase', args: ['c0', '1'] }),
    // The key of a change has its transaction's id in it, which nobody else writes.
    keys: ({ name }) => (name === 'increase' ? {} : undefined),
    closing: () => [{ name: 'sum', args: ['c0'] }],
    counterOfRow,
});

/** Eight of them. */
export const hotEight = counters('hot-8', 'eight counters that everybody increments', 8);

/** Reads and writes two keys, some far more often than others. */
export const zipfReadModifyWrite = defineWorkload({
    name: 'zipf-rmw',
    title: 'two of 10,000 counters read and written, zipf 1',
    setup: () => [],
    operations: (random) => {
        const sample = zipfSampler(10_000, 1);
        return () => ({
            name: 'addBoth',
            args: [`z${sample(random)}`, `z${sample(random)}`, '1'],
        });
    },
    keys: ({ args }) => args.slice(0, 2).map(counterKey),
});

/** Twenty articles that sell out: the contract refuses what is no longer there. */
export const boundedStock = defineWorkload({
    name: 'bounded-stock',
    title: 'twenty articles that may never be oversold',
    setup: () =>
        Array.from({ length: 20 }, (_, item) => ({ name: 'restock', args: [`i${item}`, '300'] })),
    operations: (random) => {
        const sample = zipfSampler(20, 1);
        return () => ({
            name: 'take',
            args: [`i${sample(random)}`, String(1 + random.below(3))],
        });
    },
    keys: ({ args }) => [`stock:${args[0] ?? ''}`],
});

/** A key of its own for each operation: here nothing may be lost to Goodput. */
export const noContention = defineWorkload({
    name: 'no-contention',
    title: 'a blind write of a key of its own each time: the guard against overhead',
    setup: () => [],
    operations: (random) => {
        const run = random.below(1_000_000_000).toString(36);
        return (index) => ({ name: 'note', args: [`${run}-${index}`, 'x'.repeat(100)] });
    },
    keys: ({ args }) => [`note:${args[0] ?? ''}`],
});

const ycsbRecords = 1000;
const theta = 0.99;

function ycsb(name: string, title: string, update: 'add' | 'put'): Workload {
    return defineWorkload({
        name,
        title: `${title}, ${ycsbRecords.toLocaleString('en-US')} records, zipf ${theta}`,
        setup: () => [],
        operations: (random) => {
            const sample = zipfSampler(ycsbRecords, theta);
            return (index) => {
                const key = `y${sample(random)}`;
                if (random.next() < 0.5) return { name: 'read', args: [key] };
                return { name: update, args: [key, String(update === 'add' ? 1 : index)] };
            };
        },
        keys: ({ name: fn, args: [key = ''] }) =>
            fn === 'read' ? { reads: [counterKey(key)] } : [counterKey(key)],
    });
}

/** YCSB's A and F: half reads; the other half blind updates, or updates of what was read. */
export const ycsbA = ycsb('ycsb-a', 'YCSB A: half reads, half blind updates', 'put');
export const ycsbF = ycsb('ycsb-f', 'YCSB F: half reads, half read-modify-writes', 'add');

/** Operations after which other counters become the hot ones. */
const PHASE = 500;

/** The hot set moves: what a client has learnt of yesterday's hot keys is worth nothing today. */
export const movingHotSet = defineWorkload({
    name: 'moving-hot-set',
    title: 'eight hot counters of 10,000, others after every 500 operations',
    setup: () => [],
    operations: (random) => (index) => {
        const hot = Math.floor(index / PHASE) * 8 + random.below(8);
        const key = random.next() < 0.8 ? hot % 10_000 : random.below(10_000);
        return { name: 'add', args: [`m${key}`, '1'] };
    },
    keys: ({ args }) => [counterKey(args[0] ?? '')],
});
