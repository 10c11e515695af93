import { argument, integerArgument, operation, readInteger, Refusal } from '../store.js';

/** add(key, amount): one counter, read, changed, written. */
export const add = operation(['key', 'amount'], async (store, args) => {
    const key = `counter:${argument(args, 0, 'key')}`;
    const sum = (await readInteger(store, key)) + integerArgument(args, 1, 'amount');
    await store.put(key, String(sum));
    return String(sum);
});

/** read(key): reads only. */
export const read = operation(
    ['key'],
    async (store, args) => (await store.get(`counter:${argument(args, 0, 'key')}`)) ?? '0',
);

/** put(key, value): blind. */
export const put = operation(['key', 'value'], async (store, args) => {
    await store.put(`counter:${argument(args, 0, 'key')}`, argument(args, 1, 'value'));
    return '';
});

/** addBoth(first, second, amount): two counters, both read and both written. */
export const addBoth = operation(['first', 'second', 'amount'], async (store, args) => {
    const amount = integerArgument(args, 2, 'amount');
    const keys = [argument(args, 0, 'first'), argument(args, 1, 'second')];
    for (const key of new Set(keys)) {
        const sum = (await readInteger(store, `counter:${key}`)) + amount;
        await store.put(`counter:${key}`, String(sum));
    }
    return '';
});

/** restock(item, quantity): puts goods on the shelf. */
export const restock = operation(['item', 'quantity'], async (store, args) => {
    const key = `stock:${argument(args, 0, 'item')}`;
    const left = (await readInteger(store, key)) + integerArgument(args, 1, 'quantity');
    await store.put(key, String(left));
    return String(left);
});

/** take(item, quantity): never below nothing; refused when there is not enough. */
export const take = operation(['item', 'quantity'], async (store, args) => {
    const key = `stock:${argument(args, 0, 'item')}`;
    const quantity = integerArgument(args, 1, 'quantity');
    const left = (await readInteger(store, key)) - quantity;
    if (left < 0) throw new Refusal(`only ${left + quantity} left, ${quantity} wanted`);
    await store.put(key, String(left));
    return String(left);
});

/** note(key, text): a blind write of a key of its own. */
export const note = operation(['key', 'text'], async (store, args) => {
    await store.put(`note:${argument(args, 0, 'key')}`, argument(args, 1, 'text'));
    return '';
});
