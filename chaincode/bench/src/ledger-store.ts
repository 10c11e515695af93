import type { UnitContext } from '@goodput/chaincode';
import type { ChaincodeStub } from 'fabric-shim';
import { deltas } from './deltas.js';
import type { Store } from './store.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The part of the stub that operations need. */
type Stub = Pick<ChaincodeStub, 'getState' | 'putState' | 'deleteState' | 'getStateByRange'>;

/** The ledger as a store; every key lies in a space of its own, so that runs do not meet. */
export function ledgerStore(stub: Stub, space: string): Store {
    const inSpace = (key: string): string => `${space}:${key}`;
    // On the bare contract it is none of ours, which the counter says.
    const ctx = { stub } as UnitContext;
    return {
        get: async (key) => {
            const value = await stub.getState(inSpace(key));
            return value.length === 0 ? undefined : decoder.decode(value);
        },
        put: (key, value) => stub.putState(inSpace(key), encoder.encode(value)),
        delete: (key) => stub.deleteState(inSpace(key)),
        range: async (start, end) => {
            const values: string[] = [];
            const rows = stub.getStateByRange(inSpace(start), inSpace(end));
            for await (const { value } of rows) values.push(decoder.decode(value));
            return values;
        },
        increase: (counter, amount) => deltas.add(ctx, { run: space, counter }, amount),
        sum: (counter) => deltas.read(ctx, { run: space, counter }),
    };
}
