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

/** deleteTwo(first, second): blind. */
export const deleteTwo = operation(['first', 'second'], async (store, args) => {
    await store.delete(row(integerArgument(args, 0, 'first')));
    await store.delete(row(integerArgument(args, 1, 'second')));
    return '';
});

/** insertRows(from, count, value): the rows that a run starts with, many in one operation. */
export const insertRows = operation(['from', 'count', 'value'], async (store, args) => {
    const from = integerArgument(args, 0, 'from');
    const count = integerArgument(args, 1, 'count');
    for (let index = from; index < from + count; index++) {
        await store.put(row(index), argument(args, 2, 'value'));
    }
    return '';
});

const indexes = (text: string): number[] => text.split(',').map(Number);

/** readSomeWriteSome(reads, writes, value): rows by commas; what is written depends on all that was read. */
export const readSomeWriteSome = operation(['reads', 'writes', 'value'], async (store, args) => {
    const digest = createHash('sha256').update(argument(args, 2, 'value'));
    for (const index of indexes(argument(args, 0, 'reads'))) {
        digest.update(`|${(await store.get(row(index))) ?? ''}`);
    }
    const value = digest.digest('hex').slice(0, 16);
    for (const index of indexes(argument(args, 1, 'writes'))) await store.put(row(index), value);
    return value;
});
