import { expect } from 'chai';
import fc from 'fast-check';
import { defineDeltaCounterKey, defineShardedKey, part, string } from '@goodput/keys';
import { AmountScale } from './amount.js';
import { boundedCounter } from './bounded-counter.js';
import { deltaCounter } from './delta-counter.js';
import { MemoryLedger } from './memory-ledger.test.fixture.js';
import { codeOf, endorse, transact } from './transaction.test.fixture.js';

const hour = 3600;
const noon = 1_700_049_600;
const account = { account: 'a' };
const balance = deltaCounter(
    defineDeltaCounterKey({ name: 'balance', counter: [part('account', string())] }),
    { scale: 2 },
);
const stockKey = defineShardedKey({
    name: 'stock',
    parts: [part('sku', string())],
    shardBy: part('order', string()),
    shards: 4,
});
const stock = boundedCounter(stockKey);

describe('amounts', () => {
    it('are exact, whatever their size', () => {
        const scale = new AmountScale(2);
        for (const [text, units] of [
            ['12.50', 1250n],
            ['-0.01', -1n],
            ['7', 700n],
            ['+1.5', 150n],
        ] as const) {
            expect(scale.units(text)).to.equal(units);
        }
        expect(scale.text(-1n)).to.equal('-0.01');
        expect(scale.text(123456789012345678901n)).to.equal('1234567890123456789.01');
        for (const bad of [
            '',
            '1.234',
            '1e3',
            'NaN',
            '1,0',
            ' 1',
            '.5',
            '0x1',
            1.5 as never,
            null as never,
        ]) {
            expect(() => scale.units(bad), bad).to.throw('CHAINCODE_AMOUNT_INVALID');
        }
        expect(() => new AmountScale(-1)).to.throw('CHAINCODE_SETUP_INVALID');
    });

    it('survive being written as text', () => {
        const scales = fc.integer({ min: 0, max: 20 });
        fc.assert(
            fc.property(
                scales,
                fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }),
                (decimals, units) => {
                    const scale = new AmountScale(decimals);
                    expect(scale.units(scale.text(units))).to.equal(units);
                },
            ),
        );
    });
});

describe('a delta counter', () => {
    it('takes concurrent additions without a conflict, and loses none', async () => {
        const ledger = new MemoryLedger();
        const endorsed = [];
        for (let index = 0; index < 50; index++) {
            endorsed.push(await endorse(ledger, async (ctx) => balance.add(ctx, account, '0.01')));
        }
        for (const recorded of endorsed) {
            expect(recorded.reads.size).to.equal(0);
            expect(ledger.commit(recorded)).to.equal(true);
        }
        expect(await transact(ledger, async (ctx) => balance.read(ctx, account))).to.equal(50n);
    });

    it('writes one row a transaction, however often it adds', async () => {
        const ledger = new MemoryLedger();
        const recorded = await endorse(ledger, async (ctx) => {
            for (let index = 0; index < 1000; index++) await balance.add(ctx, account, 1n);
            await balance.add(ctx, { account: 'b' }, -1n);
            expect(await balance.read(ctx, account)).to.equal(1000n);
        });
        expect(recorded.writeLog.map(([, value]) => value)).to.have.members(['1000', '-1']);
    });

    it('is compacted while others write, without conflict and without a change of its sum', async () => {
        const ledger = new MemoryLedger();
        for (let index = 0; index < 30; index++) {
            const seconds = noon + Math.floor(index / 10) * hour;
            await transact(ledger, async (ctx) => balance.add(ctx, account, 1n), { seconds });
        }
        const now = { seconds: noon + 2 * hour + 1800 };
        const compacting = await endorse(
            ledger,
            async (ctx) => {
                expect(await balance.compact(ctx, account)).to.deep.equal({
                    rows: 20,
                    epochs: 2,
                    more: false,
                });
                expect(await balance.read(ctx, { account: 'none' })).to.equal(0n);
            },
            now,
        );
        await transact(ledger, async (ctx) => balance.add(ctx, account, 100n), now);
        expect(ledger.commit(compacting)).to.equal(true);
        expect(Object.keys(ledger.entries())).to.have.length(2 + 10 + 1);
        expect(await transact(ledger, async (ctx) => balance.read(ctx, account), now)).to.equal(
            130n,
        );
    });

    it('loses no delta that comes late into a closed epoch: the compaction fails instead', async () => {
        const ledger = new MemoryLedger();
        await transact(ledger, async (ctx) => balance.add(ctx, account, 1n), { seconds: noon });
        const late = await endorse(ledger, async (ctx) => balance.add(ctx, account, 1n), {
            seconds: noon,
        });
        const compacting = await endorse(ledger, async (ctx) => balance.compact(ctx, account), {
            seconds: noon + 5 * hour,
        });
        expect(ledger.commit(late)).to.equal(true);
        expect(ledger.commit(compacting)).to.equal(false);
        expect(await transact(ledger, async (ctx) => balance.read(ctx, account))).to.equal(2n);
    });

    it('compacts in steps, and says when there is more', async () => {
        const ledger = new MemoryLedger();
        for (let index = 0; index < 5; index++) {
            await transact(ledger, async (ctx) => balance.add(ctx, account, 1n), { seconds: noon });
        }
        const later = { seconds: noon + 5 * hour };
        const steps = [];
        for (let index = 0; index < 3; index++) {
            steps.push(
                await transact(
                    ledger,
                    async (ctx) => balance.compact(ctx, account, { maxRows: 2 }),
                    later,
                ),
            );
        }
        expect(steps.map(({ rows, more }) => [rows, more])).to.deep.equal([
            [2, true],
            [2, true],
            [1, false],
        ]);
        expect(await transact(ledger, async (ctx) => balance.read(ctx, account), later)).to.equal(
            5n,
        );
    });

    it('never loses or duplicates, in any schedule of additions, batches and compactions', async () => {
        const step = fc.record({
            kind: fc.constantFrom('add', 'add', 'add', 'compact', 'fail'),
            amount: fc.integer({ min: -5, max: 5 }),
            hours: fc.integer({ min: 0, max: 4 }),
            delay: fc.integer({ min: 0, max: 3 }),
        });
        await fc.assert(
            fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
                const ledger = new MemoryLedger();
                const waiting: {
                    due: number;
                    amount: number;
                    recorded: Awaited<ReturnType<typeof endorse>>;
                }[] = [];
                let expected = 0;
                for (const [now, { kind, amount, hours, delay }] of steps.entries()) {
                    const seconds = noon + hours * hour;
                    const recorded = await endorse(
                        ledger,
                        async (ctx) => {
                            if (kind === 'compact') return balance.compact(ctx, account);
                            const work = ctx.stub.attempt(async () => {
                                await balance.add(ctx, account, BigInt(amount));
                                if (kind === 'fail') throw new Error('no');
                            });
                            return work.catch(() => undefined);
                        },
                        { seconds },
                    );
                    waiting.push({
                        due: now + delay,
                        amount: kind === 'add' ? amount : 0,
                        recorded,
                    });
                    for (const each of waiting.filter(({ due }) => due === now)) {
                        if (ledger.commit(each.recorded)) expected += each.amount;
                        else expect(each.amount, 'only compactions may conflict').to.equal(0);
                    }
                }
                expect(await transact(ledger, async (ctx) => balance.read(ctx, account))).to.equal(
                    BigInt(expected),
                );
            }),
            { numRuns: 300 },
        );
    });
});

describe('a bounded counter', () => {
    const target = (order: string): { sku: string; order: string } => ({ sku: 's', order });

    it('fills, gives, and refuses what it does not have, leaving it untouched', async () => {
        const ledger = new MemoryLedger();
        await transact(ledger, async (ctx) => stock.fill(ctx, { sku: 's' }, 10n));
        expect(Object.values(ledger.entries())).to.deep.equal(['3', '3', '2', '2']);
        await transact(ledger, async (ctx) => stock.take(ctx, target('o1'), 3n));
        await transact(ledger, async (ctx) => stock.take(ctx, target('o1'), 6n));
        const before = ledger.entries();
        const refused = transact(ledger, async (ctx) => stock.take(ctx, target('o1'), 2n));
        expect(await codeOf(refused)).to.equal('CHAINCODE_BOUND_EXCEEDED');
        expect(ledger.entries()).to.deep.equal(before);
        expect(await transact(ledger, async (ctx) => stock.read(ctx, { sku: 's' }))).to.equal(1n);
        await transact(ledger, async (ctx) => stock.put(ctx, target('o2'), 4n));
        await transact(ledger, async (ctx) => stock.rebalance(ctx, { sku: 's' }));
        expect(Object.values(ledger.entries())).to.deep.equal(['2', '1', '1', '1']);
        for (const amount of [0n, -1n, '1.5']) {
            const work = transact(ledger, async (ctx) => stock.take(ctx, target('o'), amount));
            expect(await codeOf(work)).to.equal('CHAINCODE_AMOUNT_INVALID');
        }
    });

    it('asks its own shard first, so that orders of different shards do not meet', async () => {
        const ledger = new MemoryLedger();
        await transact(ledger, async (ctx) => stock.fill(ctx, { sku: 's' }, 100n));
        const orders = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
        const shards = new Set(orders.map((order) => stockKey.shardOf(order)));
        const endorsed = [];
        for (const order of orders)
            endorsed.push(await endorse(ledger, async (ctx) => stock.take(ctx, target(order), 1n)));
        for (const recorded of endorsed) expect(recorded.reads.size).to.equal(1);
        const valid = endorsed.filter((recorded) => ledger.commit(recorded)).length;
        expect(valid).to.equal(shards.size).and.be.greaterThan(1);
    });

    it('never goes below its bound, under 10,000 random interleavings', async function () {
        this.timeout(120_000);
        const step = fc.record({
            order: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
            kind: fc.constantFrom('take', 'take', 'take', 'put', 'rebalance'),
            amount: fc.bigInt({ min: 1n, max: 7n }),
            delay: fc.integer({ min: 0, max: 3 }),
        });
        await fc.assert(
            fc.asyncProperty(
                fc.array(step, { minLength: 2, maxLength: 6 }),
                fc.bigInt({ min: 1n, max: 12n }),
                async (steps, initial) => {
                    const ledger = new MemoryLedger();
                    await transact(ledger, async (ctx) => stock.fill(ctx, { sku: 's' }, initial));
                    const waiting: {
                        due: number;
                        change: bigint;
                        recorded: Awaited<ReturnType<typeof endorse>>;
                    }[] = [];
                    let expected = initial;
                    for (const [now, { order, kind, amount, delay }] of steps.entries()) {
                        let change = 0n;
                        const recorded = await endorse(ledger, async (ctx) => {
                            if (kind === 'rebalance') return stock.rebalance(ctx, { sku: 's' });
                            if (kind === 'put') {
                                change = amount;
                                return stock.put(ctx, target(order), amount);
                            }
                            const taking = ctx.stub.attempt(async () =>
                                stock.take(ctx, target(order), amount),
                            );
                            return taking.then(
                                () => (change = -amount),
                                () => undefined,
                            );
                        });
                        waiting.push({
                            due: Math.min(now + delay, steps.length - 1),
                            change,
                            recorded,
                        });
                        for (const each of waiting.filter(({ due }) => due === now)) {
                            if (ledger.commit(each.recorded)) expected += each.change;
                            const shards = Object.values(ledger.entries()).map(BigInt);
                            expect(shards.every((has) => has >= 0n)).to.equal(true);
                            expect(shards.reduce((sum, has) => sum + has, 0n)).to.equal(expected);
                        }
                    }
                },
            ),
            { numRuns: 10_000 },
        );
    });
});
