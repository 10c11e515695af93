import { GoodputContract, withBatching, type GoodputContext } from '../index.js';

/** What every system of the benchmark runs. */
export class Counter extends withBatching(GoodputContract) {
    async increment(ctx: GoodputContext, key: string): Promise<number> {
        const next = Number((await ctx.stub.getState(key)).toString() || '0') + 1;
        await ctx.stub.putState(key, String(next));
        return next;
    }

    async value(ctx: GoodputContext, key: string): Promise<string> {
        return (await ctx.stub.getState(key)).toString();
    }
}
