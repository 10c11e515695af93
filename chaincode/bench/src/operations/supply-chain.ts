import { argument, integerArgument, operation, Refusal, type Store } from '../store.js';

const product = (number: number): string => `product:${String(number).padStart(6, '0')}`;

// A product goes from one hand to the next; each step is refused when it is not the next one.
async function advance(
    store: Store,
    args: readonly string[],
    from: readonly (string | undefined)[],
    to: string,
): Promise<string> {
    const key = product(integerArgument(args, 0, 'product'));
    const state = await store.get(key);
    if (!from.includes(state)) throw new Refusal(`cannot be ${to}: it is ${state ?? 'unknown'}`);
    await store.put(key, to);
    return to;
}

/** pushAsn(product): the notice that it will be shipped. */
export const pushAsn = operation(['product'], (store, args) =>
    advance(store, args, [undefined, 'unloaded'], 'announced'),
);

/** ship(product) */
export const ship = operation(['product'], (store, args) =>
    advance(store, args, ['announced'], 'shipped'),
);

/** queryAsn(product): reads only. */
export const queryAsn = operation(
    ['product'],
    async (store, args) =>
        (await store.get(product(integerArgument(args, 0, 'product')))) ?? 'unknown',
);

/** unload(product) */
export const unload = operation(['product'], (store, args) =>
    advance(store, args, ['shipped'], 'unloaded'),
);

/** updateAuditInfo(product, audit): reads the product, and counts on one of the audit rows. */
export const updateAuditInfo = operation(['product', 'audit'], async (store, args) => {
    const state = await store.get(product(integerArgument(args, 0, 'product')));
    const key = `audit-info:${argument(args, 1, 'audit')}`;
    const [count = '0'] = ((await store.get(key)) ?? '').split(' ').filter(Boolean);
    await store.put(key, `${Number(count) + 1} ${state ?? 'unknown'}`);
    return '';
});

/** queryProducts(product): it and the two after it, by a range. */
export const queryProducts = operation(['product'], async (store, args) => {
    const from = integerArgument(args, 0, 'product');
    return (await store.range(product(from), product(from + 3))).join(',');
});
