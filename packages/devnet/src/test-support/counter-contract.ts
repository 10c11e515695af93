import { Context, Contract } from 'fabric-contract-api';

async function textOf(context: Context, key: string): Promise<string> {
    return Buffer.from(await context.stub.getState(key)).toString();
}

/** A small contract of keys that hold texts and numbers. */
export class CounterContract extends Contract {
    constructor() {
        super('counter');
    }

    async put(context: Context, key: string, value: string): Promise<void> {
        await context.stub.putState(key, Buffer.from(value));
    }

    get(context: Context, key: string): Promise<string> {
        return textOf(context, key);
    }

    async increment(context: Context, key: string): Promise<string> {
        const next = String(Number((await textOf(context, key)) || '0') + 1);
        await context.stub.putState(key, Buffer.from(next));
        return next;
    }

    async remove(context: Context, key: string): Promise<void> {
        await context.stub.deleteState(key);
    }

    async emit(context: Context, name: string, payload: string): Promise<void> {
        context.stub.setEvent(name, Buffer.from(payload));
        await context.stub.putState(`event-${name}`, Buffer.from(payload));
    }

    fail(_context: Context, message: string): Promise<void> {
        return Promise.reject(new Error(message));
    }

    /** Not deterministic: what chaincode must not be. */
    async random(context: Context, key: string): Promise<void> {
        await context.stub.putState(key, Buffer.from(String(Math.random())));
    }
}
