import fc from 'fast-check';
import { GoodputContract } from './contract.js';
import type { GoodputContext } from './context.js';
import { ContractError } from './errors.js';
import { withBatching } from './with-batching.js';
import type { BatchCall } from './wire.js';

const decode = (value: Uint8Array): string => Buffer.from(value).toString();

/** A contract whose transactions do one thing each, and tell what they saw. */
export class Machine extends withBatching(GoodputContract) {
    async get(ctx: GoodputContext, key: string): Promise<string> {
        return decode(await ctx.stub.getState(key));
    }

    async put(ctx: GoodputContext, key: string, value: string): Promise<void> {
        await ctx.stub.putState(key, value);
    }

    async del(ctx: GoodputContext, key: string): Promise<void> {
        await ctx.stub.deleteState(key);
    }

    async append(ctx: GoodputContext, key: string, text: string): Promise<string> {
        const value = decode(await ctx.stub.getState(key)) + text;
        await ctx.stub.putState(key, value);
        return value;
    }

    async scan(ctx: GoodputContext, start: string, end: string): Promise<string> {
        const rows: string[] = [];
        for await (const { key, value } of ctx.stub.getStateByRange(start, end)) {
            rows.push(`${key}=${decode(value)}`);
        }
        return rows.join('|');
    }

    /** Stops early and writes while it goes. */
    async sweep(ctx: GoodputContext, start: string, count: string): Promise<string> {
        const seen: string[] = [];
        for await (const { key } of ctx.stub.getStateByRange(start, '')) {
            seen.push(key);
            await ctx.stub.putState(`${key}~`, 'swept');
            if (seen.length >= Number(count)) break;
        }
        return seen.join('|');
    }

    async putPart(
        ctx: GoodputContext,
        first: string,
        second: string,
        value: string,
    ): Promise<void> {
        await ctx.stub.putState(ctx.stub.createCompositeKey('row', [first, second]), value);
    }

    async scanPart(ctx: GoodputContext, first: string): Promise<string> {
        const rows: string[] = [];
        const scan = ctx.stub.getStateByPartialCompositeKey('row', first === '' ? [] : [first]);
        for await (const { key, value } of scan) {
            rows.push(`${ctx.stub.splitCompositeKey(key).attributes.join('/')}=${decode(value)}`);
        }
        return rows.join('|');
    }

    /** Writes a good deal and then fails when asked to. */
    async risky(ctx: GoodputContext, key: string, fails: string): Promise<string> {
        const before = decode(await ctx.stub.getState(key));
        await ctx.stub.putState(key, `risked by ${before.length}`);
        await ctx.stub.deleteState(`${key}2`);
        await ctx.stub.putState(`${key}3`, 'x');
        ctx.emit('risked', { key });
        if (fails === 'yes') throw new ContractError('TOO_RISKY', `had ${before}`, { before });
        if (fails === 'plainly') throw new Error(`had ${before}`);
        return before;
    }

    /** Tries something, undoes it, and goes on. */
    async nested(ctx: GoodputContext, key: string, value: string): Promise<string> {
        await ctx.stub.putState(key, 'outer');
        await ctx.stub
            .attempt(async () => {
                await ctx.stub.putState(key, 'inner');
                await ctx.stub.putState(`${key}4`, value);
                throw new Error('no');
            })
            .catch(() => undefined);
        return decode(await ctx.stub.getState(key)) + decode(await ctx.stub.getState(`${key}4`));
    }

    async putPrivate(ctx: GoodputContext, key: string, value: string): Promise<void> {
        await ctx.stub.putPrivateData('secrets', key, value);
    }

    async getPrivate(ctx: GoodputContext, key: string): Promise<string> {
        return decode(await ctx.stub.getPrivateData('secrets', key));
    }
}

const keys = fc.constantFrom(
    'a',
    'b',
    'ab',
    'constructor',
    'x__proto__',
    'é',
    '\uffee',
    '\u{10000}',
);
const values = fc.constantFrom('1', '2', 'x'.repeat(20), '{"a":1}');
const ends = fc.constantFrom('', 'a', 'ab', 'b', 'c', '\uffee');
const parts = fc.constantFrom('p', 'pp', 'q');

const call = (fn: string, ...args: fc.Arbitrary<string>[]): fc.Arbitrary<BatchCall> =>
    fc.tuple(...args).map((given) => ({ fn, args: given }));

/** One random operation of {@link Machine}. */
export const operation: fc.Arbitrary<BatchCall> = fc.oneof(
    call('get', keys),
    call('put', keys, values),
    call('del', keys),
    call('append', keys, values),
    call('scan', ends, ends),
    call('sweep', ends, fc.constantFrom('1', '2')),
    call('putPart', parts, parts, values),
    call('scanPart', fc.constantFrom('', 'p', 'q')),
    call('risky', keys, fc.constantFrom('yes', 'plainly', 'no')),
    call('nested', keys, values),
    call('putPrivate', keys, values),
    call('getPrivate', keys),
);

/** Splits random operations into random runs that stand or fall together. */
export const program = fc.record({
    calls: fc.array(operation, { minLength: 1, maxLength: 14 }),
    before: fc.array(operation, { maxLength: 6 }),
});
