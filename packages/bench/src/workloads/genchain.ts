import { zipfSampler } from '../load/random.js';
import { defineWorkload, type Workload } from './workload.js';

const preloaded = 10_000;
/** Rows written by one operation before a run. */
const ROWS_AT_ONCE = 100;

/** Parts of reads, inserts, updates, range reads and deletes. */
interface Mix {
    readonly name: string;
    readonly title: string;
    readonly weights: readonly [
        reads: number,
        inserts: number,
        updates: number,
        ranges: number,
        deletes: number,
    ];
    readonly skew: number;
}

function genchain({ name, title, weights, skew }: Mix): Workload {
    return defineWorkload({
        name: `genchain-${name}`,
        title: `genChain, ${title}: two keys an operation, 10,000 preloaded, skew ${skew}`,
        setup: () =>
            Array.from({ length: preloaded / ROWS_AT_ONCE }, (_, part) => ({
                name: 'insertRows',
                args: [String(part * ROWS_AT_ONCE), String(ROWS_AT_ONCE), 'preloaded'],
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
                    case 4:
                        return { name: 'deleteTwo', args: [existing(), existing()] };
                    default: {
                        const length = String(random.pick([2, 4, 8]));
                        return { name: 'rangeTwo', args: [existing(), existing(), length] };
                    }
                }
            };
        },
        keys: ({ name: fn, args }) => {
            if (fn === 'rangeTwo' || fn === 'insertRows') return undefined;
            const rows = args.slice(0, 2).map((row) => `row:${row.padStart(6, '0')}`);
            return fn === 'readTwo' ? { reads: rows } : rows;
        },
    });
}

/** The mixes of BlockOptR's generator, and its sweep over the skew of the keys. */
const blockOptR: readonly Workload[] = [
    genchain({ name: 'uniform', title: 'uniform mix', weights: [10, 10, 10, 0, 0], skew: 1 }),
    genchain({ name: 'read-heavy', title: 'read-heavy', weights: [10, 3, 3, 0, 0], skew: 1 }),
    genchain({ name: 'insert-heavy', title: 'insert-heavy', weights: [3, 10, 3, 0, 0], skew: 1 }),
    genchain({ name: 'update-heavy', title: 'update-heavy', weights: [3, 3, 10, 0, 0], skew: 1 }),
    genchain({ name: 'range-heavy', title: 'range-heavy', weights: [3, 3, 3, 10, 0], skew: 1 }),
    genchain({ name: 'skew-0', title: 'uniform mix', weights: [10, 10, 10, 0, 0], skew: 0 }),
    genchain({ name: 'skew-2', title: 'uniform mix', weights: [10, 10, 10, 0, 0], skew: 2 }),
];

/** HyperLedgerLab's mixes: 80% of one kind, 5% of each other one, deletes among them. */
const hyperLedgerLab: readonly Workload[] = ['read', 'insert', 'update', 'range', 'delete'].map(
    (kind, heavy) => {
        const [r = 0, i = 0, u = 0, g = 0, d = 0] = [0, 1, 2, 3, 4].map((at) =>
            at === heavy ? 16 : 1,
        );
        const title = `80% ${kind}s, 5% of each other kind`;
        return genchain({ name: `80-${kind}`, title, weights: [r, i, u, g, d], skew: 1 });
    },
);

/** Every mix of genChain. */
export const genchainMixes: readonly Workload[] = [...blockOptR, ...hyperLedgerLab];

const accesses = 4;
const [hotReads, hotWrites] = [0.4, 0.1];
const hotRows = preloaded / 100;

/** Fabric++'s own workload: four rows read and four written, hot ones by chance. */
export const customHot = defineWorkload({
    name: 'custom-hot',
    title: 'Fabric++: 4 reads of which 40% hot, 4 writes of which 10% hot, 1% of 10,000 rows hot',
    setup: () => [],
    operations: (random) => (index) => {
        const rows = (hotShare: number): string =>
            Array.from({ length: accesses }, () =>
                random.next() < hotShare
                    ? random.below(hotRows)
                    : hotRows + random.below(preloaded - hotRows),
            ).join(',');
        return { name: 'readSomeWriteSome', args: [rows(hotReads), rows(hotWrites), `v${index}`] };
    },
    keys: ({ args: [reads = '', writes = ''] }) => {
        const keys = (list: string): string[] =>
            [...new Set(list.split(','))].map((row) => `row:${row.padStart(6, '0')}`);
        return { reads: keys(reads), writes: keys(writes) };
    },
});

/** The same on a contract that takes no batches: nothing helps there but the order. */
export const customOpaque = defineWorkload({
    ...customHot,
    name: 'custom-opaque',
    title: 'Fabric++’s workload on a contract that takes no batches',
    contract: 'opaque',
});
