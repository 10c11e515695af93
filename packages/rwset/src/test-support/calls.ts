import type { ObservedCall } from '../measure-prediction.js';
import { SeededRandom } from '../random.js';
import { ReadWriteSetBuilder } from '../read-write-set-builder.js';

/**
 * Calls of which most keys follow from the arguments, plain or inside JSON. One of the two keys that
 * every order writes is random: nobody can foresee it.
 */
export function observedCalls(count: number): ObservedCall[] {
    const random = new SeededRandom(11);
    return Array.from({ length: count }, (_, i) => {
        const builder = new ReadWriteSetBuilder();
        const a = `u${random.below(500)}`;
        const b = `u${random.below(500)}`;
        const value = Buffer.from('1');
        const version = { blockNum: i, txNum: 0 };
        if (random.next() < 0.5) {
            for (const id of [a, b]) {
                builder.addRead('bank', `acct-${id}`, version);
                builder.addWrite('bank', `acct-${id}`, value);
            }
            builder.addRead('bank', 'config', version);
            builder.addRead('_lifecycle', 'namespaces/fields/bank/Sequence', version);
            const call = { chaincode: 'bank', functionName: 'transfer', args: [a, b, '5'] };
            return { call, rwset: builder.build().rwset };
        }
        builder.addWrite('bank', `log-${random.below(1e9)}`, value);
        builder.addWrite('bank', `order-${i}`, value);
        const args = [JSON.stringify({ order: { id: i }, note: 'n' })];
        return {
            call: { chaincode: 'bank', functionName: 'order', args },
            rwset: builder.build().rwset,
        };
    });
}
