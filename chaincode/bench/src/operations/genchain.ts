import { createHash } from 'node:crypto';
import { argument, integerArgument, operation } from '../store.js';

// Six digits keep the keys in numeric order.
const row = (index: number): string => `row:${String(index).padStart(6, '0')}`;

/** readTwo(first, second) */
export const readTwo = operation(['first', 'second'], async (store, args) => {
    const first = await store.get(row(integerArgument(args, 0, 'first')));
    const second = await store.get(row(integerArgument(args, 1, 'second')));
    return `${first ?? ''},${second ?? ''}`;
});

/** insertTwo(first, second, value): blind. */
export const insertTwo = operation(['first', 'second', 'value'], async (store, args) => {
    const value = argument(args, 2, 'value');
    await store.put(row(integerArgument(args, 0, 'first')), value);
    await store.put(row(integerArgument(args, 1, 'second')), value);
    return '';
});

/** updateTwo(first, second, value): each read, then written with what was there. */
export const updateTwo = operation(['first', 'second', 'value'], async (store, args) => {
    const value = argument(args, 2, 'value');
    const rows = [integerArgument(args, 0, 'first'), integerArgument(args, 1, 'second')];
    for (const index of new Set(rows)) {
        const before = (await store.get(row(index))) ?? '';
        // What a row holds depends on all it held before, so that a lost or doubled update shows.
        const digest = createHash('sha256').update(`${before}|${value}`).digest('hex');
        await store.put(row(index), `${value}/${digest.slice(0, 16)}`);
    }
    return '';
});

/** rangeTwo(first, second, length): two scans of neighbouring rows. */
export const rangeTwo = operation(['first', 'second', 'length'], async (store, args) => {
    const length = integerArgument(args, 2, 'length');
    let rows = 0;
    for (const [index, name] of ['first', 'second'].entries()) {
        const from = integerArgument(args, index, name);
        rows += (await store.range(row(from), row(from + length))).length;
    }
    return String(rows);
});
