import { Context, Contract } from 'fabric-contract-api';

interface Iterator {
    next(): Promise<{ readonly done?: boolean; readonly value?: { readonly key: string } }>;
    close(): Promise<void>;
}

async function keysOf(iterator: Iterator): Promise<string[]> {
    const keys: string[] = [];
    for (;;) {
        const { done, value } = await iterator.next();
        if (value !== undefined) keys.push(value.key);
        if (done === true || value === undefined) break;
    }
    await iterator.close();
    return keys;
}

/** Asks a peer for everything a shim can ask for. */
export class EverythingContract extends Contract {
    constructor() {
        super('everything');
    }

    async fill(context: Context, prefix: string, count: string): Promise<void> {
        for (let index = 0; index < Number(count); index += 1) {
            const key = prefix + String(index).padStart(4, '0');
            await context.stub.putState(key, Buffer.from(String(index)));
        }
    }

    async put(context: Context, key: string, value: string): Promise<void> {
        await context.stub.putState(key, Buffer.from(value));
    }

    async get(context: Context, key: string): Promise<string> {
        return Buffer.from(await context.stub.getState(key)).toString();
    }

    async remove(context: Context, key: string): Promise<void> {
        await context.stub.deleteState(key);
    }

    async range(context: Context, start: string, end: string): Promise<string> {
        return JSON.stringify(await keysOf(await context.stub.getStateByRange(start, end)));
    }

    async pages(context: Context, start: string, end: string, size: string): Promise<string> {
        const pages: string[][] = [];
        let bookmark = '';
        do {
            const page = await context.stub.getStateByRangeWithPagination(
                start,
                end,
                Number(size),
                bookmark,
            );
            pages.push(await keysOf(page.iterator));
            bookmark = page.metadata.bookmark;
        } while (bookmark !== '');
        return JSON.stringify(pages);
    }

    async history(context: Context, key: string): Promise<string> {
        const iterator = await context.stub.getHistoryForKey(key);
        const values: string[] = [];
        for (;;) {
            const { done, value } = await iterator.next();
            if (done) break;
            values.push(value.isDelete ? 'deleted' : Buffer.from(value.value).toString());
        }
        await iterator.close();
        return JSON.stringify(values);
    }

    async query(context: Context, query: string): Promise<string> {
        return JSON.stringify(await keysOf(await context.stub.getQueryResult(query)));
    }

    async putPrivate(context: Context, collection: string, key: string): Promise<void> {
        const value = context.stub.getTransient().get('value');
        if (value === undefined) throw new Error('no transient value');
        await context.stub.putPrivateData(collection, key, value);
    }

    async randomPrivate(context: Context, collection: string, key: string): Promise<void> {
        const value = Buffer.from(String(Math.random()));
        await context.stub.putPrivateData(collection, key, value);
    }

    async getPrivate(context: Context, collection: string, key: string): Promise<string> {
        return Buffer.from(await context.stub.getPrivateData(collection, key)).toString();
    }

    async getPrivateHash(context: Context, collection: string, key: string): Promise<string> {
        const hash = await context.stub.getPrivateDataHash(collection, key);
        return Buffer.from(hash).toString('hex');
    }

    async purgePrivate(context: Context, collection: string, key: string): Promise<void> {
        await context.stub.purgePrivateData(collection, key);
    }

    async setPolicy(context: Context, key: string, policyHex: string): Promise<void> {
        await context.stub.setStateValidationParameter(key, Buffer.from(policyHex, 'hex'));
    }

    async getPolicy(context: Context, key: string): Promise<string> {
        const policy = await context.stub.getStateValidationParameter(key);
        return Buffer.from(policy).toString('hex');
    }

    async call(
        context: Context,
        chaincode: string,
        channel: string,
        argsJson: string,
    ): Promise<string> {
        const args = JSON.parse(argsJson) as string[];
        const { status, message, payload } = await context.stub.invokeChaincode(
            chaincode,
            args,
            channel,
        );
        return JSON.stringify({ status, message, payload: Buffer.from(payload ?? []).toString() });
    }

    who(context: Context): Promise<string> {
        const { clientIdentity: identity } = context;
        return Promise.resolve(
            JSON.stringify({
                msp: identity.getMSPID(),
                role: identity.getAttributeValue('role'),
            }),
        );
    }

    async random(context: Context, key: string): Promise<void> {
        await context.stub.putState(key, Buffer.from(String(Math.random())));
    }
}
