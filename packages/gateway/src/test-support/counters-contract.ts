import { GoodputContract, withBatching, type GoodputContext } from '@goodput/chaincode';
import { Context, Contract } from 'fabric-contract-api';

type State = Pick<Context['stub'], 'getState' | 'putState'>;

async function add(stub: State, key: string, by: number): Promise<string> {
    const value = String(Number(Buffer.from(await stub.getState(key)).toString() || '0') + by);
    await stub.putState(key, Buffer.from(value));
    return value;
}

/** Counters, in batches too. */
export class BatchedCounters extends withBatching(GoodputContract) {
    constructor() {
        super('counters');
    }

    async add(context: GoodputContext, key: string, by: string): Promise<string> {
        return add(context.stub, key, Number(by));
    }

    async move(context: GoodputContext, from: string, to: string, by: string): Promise<string> {
        const left = await add(context.stub, from, -Number(by));
        return `${left} ${await add(context.stub, to, Number(by))}`;
    }

    /** Counts how often an operation was applied, beside what it does. */
    async once(context: GoodputContext, id: string, key: string): Promise<string> {
        await add(context.stub, `op:${id}`, 1);
        return add(context.stub, key, 1);
    }

    async tell(context: GoodputContext, what: string): Promise<void> {
        context.stub.setEvent('told', Buffer.from(what));
        await context.stub.putState(`told:${what}`, Buffer.from(what));
    }

    async get(context: GoodputContext, key: string): Promise<string> {
        return Buffer.from(await context.stub.getState(key)).toString();
    }

    async refuse(_context: GoodputContext, why: string): Promise<void> {
        return Promise.reject(new Error(why));
    }
}

/** The same as anybody would write it, without a batch executor. */
export class PlainCounters extends Contract {
    constructor() {
        super('plain');
    }

    async add(context: Context, key: string, by: string): Promise<string> {
        return add(context.stub, key, Number(by));
    }

    async move(context: Context, from: string, to: string, by: string): Promise<string> {
        const left = await add(context.stub, from, -Number(by));
        return `${left} ${await add(context.stub, to, Number(by))}`;
    }

    /** Never answers. */
    async hang(): Promise<void> {
        return new Promise(() => undefined);
    }

    async get(context: Context, key: string): Promise<string> {
        return Buffer.from(await context.stub.getState(key)).toString();
    }

    async put(context: Context, key: string, value: string): Promise<void> {
        await context.stub.putState(key, Buffer.from(value));
    }

    async refuse(_context: Context, why: string): Promise<void> {
        return Promise.reject(new Error(why));
    }
}
