import { argument, integerArgument, Refusal, operation, type Store } from '../store.js';

const savings = (customer: string): string => `savings:${customer}`;
const checking = (customer: string): string => `checking:${customer}`;

/** What an account holds that nobody has touched: so 100,000 customers need not be written beforehand. */
const INITIAL = 10_000;

async function readBalance(store: Store, key: string): Promise<number> {
    const text = await store.get(key);
    return text === undefined ? INITIAL : Number(text);
}

async function change(store: Store, key: string, amount: number): Promise<void> {
    await store.put(key, String((await readBalance(store, key)) + amount));
}

/** openAccounts(customer, savings, checking): with other sums than every account starts with. */
export const openAccounts = operation(['customer', 'savings', 'checking'], async (store, args) => {
    const customer = argument(args, 0, 'customer');
    await store.put(savings(customer), String(integerArgument(args, 1, 'savings')));
    await store.put(checking(customer), String(integerArgument(args, 2, 'checking')));
    return '';
});

/** transactSavings(customer, amount): refused when the savings would go below nothing. */
export const transactSavings = operation(['customer', 'amount'], async (store, args) => {
    const key = savings(argument(args, 0, 'customer'));
    const balance = (await readBalance(store, key)) + integerArgument(args, 1, 'amount');
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
    const funds = await readBalance(store, from);
    if (funds < amount) throw new Refusal('insufficient funds');
    if (from === to) return '';
    const other = await readBalance(store, to);
    await store.put(from, String(funds - amount));
    await store.put(to, String(other + amount));
    return '';
});

/** writeCheck(customer, amount): one more is taken when both accounts together do not cover it. */
export const writeCheck = operation(['customer', 'amount'], async (store, args) => {
    const customer = argument(args, 0, 'customer');
    const amount = integerArgument(args, 1, 'amount');
    const funds = await readBalance(store, checking(customer));
    const total = funds + (await readBalance(store, savings(customer)));
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
        (await readBalance(store, savings(from))) + (await readBalance(store, checking(from)));
    const other = await readBalance(store, checking(to));
    await store.put(savings(from), '0');
    await store.put(checking(from), '0');
    await store.put(checking(to), String(other + all));
    return '';
});

/** balance(customer): both accounts together; reads only. */
export const balance = operation(['customer'], async (store, args) => {
    const customer = argument(args, 0, 'customer');
    const sum =
        (await readBalance(store, savings(customer))) +
        (await readBalance(store, checking(customer)));
    return String(sum);
});
