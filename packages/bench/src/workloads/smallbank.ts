import { zipfSampler } from '../load/random.js';
import { defineWorkload, type WorkloadOperation } from './workload.js';

const customers = 100_000;
/** Share of operations that write; the rest read balances. */
const writing = 0.95;

/** Smallbank: five kinds of banking transaction in equal parts beside balance queries. */
export const smallbank = defineWorkload({
    name: 'smallbank',
    title: 'Smallbank, 100,000 customers, 95% writing, zipf 1',
    // An account that nobody has touched holds what the contract says, so nothing need be written.
    setup: () => [],
    operations: (random) => {
        const sample = zipfSampler(customers, 1);
        const customer = (): string => `b${sample(random)}`;
        const amount = (): string => String(1 + random.below(50));
        const writes: readonly (() => WorkloadOperation)[] = [
            () => ({ name: 'transactSavings', args: [customer(), amount()] }),
            () => ({ name: 'depositChecking', args: [customer(), amount()] }),
            () => ({ name: 'sendPayment', args: [customer(), customer(), amount()] }),
            () => ({ name: 'writeCheck', args: [customer(), amount()] }),
            () => ({ name: 'amalgamate', args: [customer(), customer()] }),
        ];
        return () =>
            random.next() < writing
                ? random.pick(writes)()
                : { name: 'balance', args: [customer()] };
    },
    keys: ({ name, args: [first = '', second = ''] }) => {
        switch (name) {
            case 'transactSavings':
                return [`savings:${first}`];
            case 'depositChecking':
                return [`checking:${first}`];
            case 'sendPayment':
                return [`checking:${first}`, `checking:${second}`];
            case 'amalgamate':
                return [`savings:${first}`, `checking:${first}`, `checking:${second}`];
            case 'balance':
                return { reads: [`savings:${first}`, `checking:${first}`] };
            case 'writeCheck':
                return { reads: [`savings:${first}`], writes: [`checking:${first}`] };
            default:
                return [`savings:${first}`, `checking:${first}`];
        }
    },
});
