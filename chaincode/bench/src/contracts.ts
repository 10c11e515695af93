import { GoodputContract, withBatching } from '@goodput/chaincode';
import { Contract, type Context } from 'fabric-contract-api';
import { ledgerStore } from './ledger-store.js';
import { operations } from './operations/index.js';
import { Refusal, type Operation } from './store.js';

/** A run's part of the state is named by what stands before the slash of an operation's id. */
function spaceOf(id: string): string {
    const slash = id.indexOf('/');
    if (slash > 0 && /^[a-z][a-z0-9-]*$/i.test(id.slice(0, slash))) return id.slice(0, slash);
    throw new Refusal(`the first argument must be an id like "run1/42"; got ${id.slice(0, 40)}`);
}

type Transaction = (ctx: Context, id: string, ...args: string[]) => Promise<string>;

function transactionOf({ parameters, perform }: Operation): Transaction {
    const transaction: Transaction = (ctx, id, ...args) =>
        perform(ledgerStore(ctx.stub, spaceOf(id)), args);
    // The shim counts the arguments of a call against this.
    return Object.defineProperty(transaction, 'length', { value: 2 + parameters.length });
}

/** Every operation becomes a transaction function of the contract: `name(id, ...arguments)`. */
function addOperations(contract: { readonly prototype: object }): void {
    for (const [name, operation] of Object.entries(operations)) {
        Object.defineProperty(contract.prototype, name, {
            value: transactionOf(operation),
            enumerable: true,
        });
    }
}

/** The default contract: it reads its own writes and takes batches. */
export class BenchContract extends withBatching(GoodputContract) {
    constructor() {
        super('bench');
    }
}

/** The same operations on a bare contract, which nothing can be merged into. */
export class OpaqueContract extends Contract {
    constructor() {
        super('opaque');
    }
}

addOperations(BenchContract);
addOperations(OpaqueContract);
