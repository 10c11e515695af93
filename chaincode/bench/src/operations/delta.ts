import { argument, integerArgument, operation } from '../store.js';

/** increase(counter, amount): a row of its own for each transaction; nothing is read, so nobody conflicts. */
export const increase = operation(['counter', 'amount'], async (store, args) => {
    await store.increase(argument(args, 0, 'counter'), BigInt(integerArgument(args, 1, 'amount')));
    return '';
});

/** sum(counter): reads every change of it. */
export const sum = operation(['counter'], async (store, args) =>
    String(await store.sum(argument(args, 0, 'counter'))),
);
