import { argument, integerArgument, operation, readInteger, Refusal } from '../store.js';

// A day in a hospital, written as most teams first write it: the natural keys, read and rewritten.

/** admit(patient, ward, beds): the ward's census is a counter that may not pass its number of beds. */
export const admit = operation(['patient', 'ward', 'beds'], async (store, args) => {
    const patient = argument(args, 0, 'patient');
    const ward = argument(args, 1, 'ward');
    const census = (await readInteger(store, `ward:${ward}:census`)) + 1;
    if (census > integerArgument(args, 2, 'beds')) throw new Refusal('the ward is full');
    await store.put(`ward:${ward}:census`, String(census));
    await store.put(`patient:${patient}:ward`, ward);
    return String(census);
});

/** discharge(patient): the opposite. */
export const discharge = operation(['patient'], async (store, args) => {
    const patient = argument(args, 0, 'patient');
    const ward = await store.get(`patient:${patient}:ward`);
    if (ward === undefined || ward === '-') throw new Refusal('not admitted');
    await store.put(
        `ward:${ward}:census`,
        String((await readInteger(store, `ward:${ward}:census`)) - 1),
    );
    await store.put(`patient:${patient}:ward`, '-');
    return '';
});

/** vital(patient, code, at, value): a row of its own; nothing is read. */
export const vital = operation(['patient', 'code', 'at', 'value'], async (store, args) => {
    const key = `vital:${argument(args, 0, 'patient')}:${argument(args, 1, 'code')}:${argument(args, 2, 'at')}`;
    await store.put(key, argument(args, 3, 'value'));
    return '';
});

/** order(patient, order, drug): reads the patient's open orders, then counts one more. */
export const order = operation(['patient', 'order', 'drug'], async (store, args) => {
    const patient = argument(args, 0, 'patient');
    const open = await readInteger(store, `patient:${patient}:orders`);
    await store.put(`order:${patient}:${argument(args, 1, 'order')}`, argument(args, 2, 'drug'));
    await store.put(`patient:${patient}:orders`, String(open + 1));
    return String(open + 1);
});

/** book(clinic, slot, patient): first come, first served. */
export const book = operation(['clinic', 'slot', 'patient'], async (store, args) => {
    const slot = `slot:${argument(args, 0, 'clinic')}:${argument(args, 1, 'slot')}`;
    if ((await store.get(slot)) !== undefined) throw new Refusal('the slot is taken');
    await store.put(slot, argument(args, 2, 'patient'));
    return '';
});

/** chart(patient): what a clinician opens; reads only. */
export const chart = operation(['patient'], async (store, args) => {
    const patient = argument(args, 0, 'patient');
    const orders = await store.get(`patient:${patient}:orders`);
    const vitals = await store.range(`vital:${patient}:`, `vital:${patient}:~`);
    return `${orders ?? '0'} orders, ${vitals.length} vitals`;
});

/** charge(account, amount): the running balance everybody bills to. */
export const charge = operation(['account', 'amount'], async (store, args) => {
    const key = `account:${argument(args, 0, 'account')}`;
    const balance = (await readInteger(store, key)) + integerArgument(args, 1, 'amount');
    await store.put(key, String(balance));
    return String(balance);
});

/** audit(id, who, what): a trail row of its own; nothing is read. */
export const audit = operation(['id', 'who', 'what'], async (store, args) => {
    await store.put(
        `audit:${argument(args, 0, 'id')}`,
        `${argument(args, 1, 'who')} ${argument(args, 2, 'what')}`,
    );
    return '';
});
