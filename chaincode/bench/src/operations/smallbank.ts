import {
    argument,
    integerArgument,
    readInteger,
    Refusal,
    operation,
    type Store,
} from '../store.js';

const savings = (customer: string): string => `savings:${customer}`;
const checking = (customer: string): string => `checking:${customer}`;

async function change(store: Store, key: string, amount: number): Promise<void> {
    await store.put(key, String((await readInteger(store, key)) + amount));
}

/** openAccounts(customer, savings, checking) */
export const openAccounts = operation(['customer', 'savings', 'checking'], async (store, args) => {
    const customer = argument(args, 0, 'customer');
    await store.put(savings(customer), String(integerArgument(args, 1, 'savings')));
    await store.put(checking(customer), String(integerArgument(args, 2, 'checking')));
    return '';
});

/** transactSavings(customer, amount): refused when the savings would go below nothing. */
export const transactSavings = operation(['customer', 'amount'], async (store, args) => {
    const key = savings(argument(args, 0, 'customer'));
    const balance = (await readInteger(store, key)) + integerArgument(args, 1, 'amount');
    if (balance < 0) throw new Refusal('insufficient savings');
    await store.put(key, String(balance));
    return '';
});

/** depositChecking(customer, amount) */
export const depositChecking = operation(['customer', 'amount'], async (store, args) => {
    await change(
        store,
        checking(argument(args, 0, 'customer')),
        integerArgument(args, 1, 'amount'),
    );
    return '';
});

/** sendPayment(from, to, amount): refused without the funds. */
export const sendPayment = operation(['from', 'to', 'amount'], async (store, args) => {
    const from = checking(argument(args, 0, 'from'));
    const to = checking(argument(args, 1, 'to'));
    const amount = integerArgument(args, 2, 'amount');
    const funds = await readInteger(store, from);
    if (funds < amount) throw new Refusal('insufficient funds');
    if (from === to) return '';
    const other = await readInteger(store, to);
    await store.put(from, String(funds - amount));
    await store.put(to, String(other + amount));
    return '';
});

/** writeCheck(customer, amount): one more is taken when both accounts together do not cover it. */
export const writeCheck = operation(['customer', 'amount'], async (store, args) => {
    const customer = argument(args, 0, 'customer');
    const amount = integerArgument(args, 1, 'amount');
    const funds = await readInteger(store, checking(customer));
    const total = funds + (await readInteger(store, savings(customer)));
    const penalty = total < amount ? 1 : 0;
    await store.put(checking(customer), String(funds - amount - penalty));
    return '';
});

/** amalgamate(from, to): all of one customer's money goes to another's checking account. */
export const amalgamate = operation(['from', 'to'], async (store, args) => {
    const from = argument(args, 0, 'from');
    const to = argument(args, 1, 'to');
    if (from === to) return '';
    const all =
        (await readInteger(store, savings(from))) + (await readInteger(store, checking(from)));
    const other = await readInteger(store, checking(to));
    await store.put(savings(from), '0');
    await store.put(checking(from), '0');
    await store.put(checking(to), String(other + all));
    return '';
});

/** balance(customer): both accounts together; reads only. */
export const balance = operation(['customer'], async (store, args) => {
    const customer = argument(args, 0, 'customer');
    const sum =
        (await readInteger(store, savings(customer))) +
        (await readInteger(store, checking(customer)));
    return String(sum);
});
