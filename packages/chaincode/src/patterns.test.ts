import { expect } from 'chai';
import fc from 'fast-check';
import {
    defineAppendOnlyKey,
    defineSlotKey,
    defineTimeSeriesKey,
    defineUniqueKey,
    part,
    string,
} from '@goodput/keys';
import { appendLog } from './append-log.js';
import { ArtefactCache, contentHash } from './artefact-cache.js';
import { MemoryLedger } from './memory-ledger.test.fixture.js';
import { outbox } from './outbox.js';
import { slotBook } from './slot-book.js';
import { timeSeries } from './time-series.js';
import { all, codeOf, endorse, transact } from './transaction.test.fixture.js';
import { uniqueIndex } from './unique-index.js';

const minute = 60_000;
const nine = Date.UTC(2026, 10, 23, 9);
const patient = part('patient', string());

describe('a time series', () => {
    for (const order of ['oldest-first', 'newest-first'] as const) {
        for (const layout of ['ordered', 'composite'] as const) {
            it(`appends blind and reads ranges, the latest and samples (${layout}, ${order})`, async () => {
                const pulse = timeSeries<readonly [typeof patient], number>(
                    defineTimeSeriesKey({
                        name: 'pulse',
                        entity: [patient],
                        bucket: 'day',
                        order,
                        layout,
                    }),
                );
                const ledger = new MemoryLedger();
                for (let index = 0; index < 6; index++) {
                    const recorded = await endorse(ledger, async (ctx) =>
                        pulse.append(ctx, { patient: 'p' }, 60 + index, nine + index * 10 * minute),
                    );
                    expect(recorded.reads.size + recorded.ranges.length).to.equal(0);
                    expect(ledger.commit(recorded)).to.equal(true);
                }
                await transact(ledger, async (ctx) => pulse.append(ctx, { patient: 'q' }, 1, nine));
                const window = { from: nine + 10 * minute, to: nine + 40 * minute };
                await transact(ledger, async (ctx) => {
                    const values = (await all(pulse.range(ctx, { patient: 'p' }, window))).map(
                        ({ value }) => value,
                    );
                    expect(order === 'oldest-first' ? values : values.reverse()).to.deep.equal([
                        61, 62, 63,
                    ]);
                    const latest = await pulse.latest(ctx, { patient: 'p' }, window, 2);
                    expect(latest.map(({ value }) => value)).to.deep.equal([63, 62]);
                    const hour = { from: nine, to: nine + 60 * minute, everyMs: 30 * minute };
                    const samples = await pulse.downsample(
                        ctx,
                        { patient: 'p' },
                        hour,
                        (value) => value,
                    );
                    expect(samples).to.deep.equal([
                        { at: nine, count: 3, min: 60, max: 62, sum: 183, first: 60, last: 62 },
                        {
                            at: nine + 30 * minute,
                            count: 3,
                            min: 63,
                            max: 65,
                            sum: 192,
                            first: 63,
                            last: 65,
                        },
                    ]);
                });
            });
        }
    }

    it('takes many readings of one instant in one transaction, and refuses to end silently', async () => {
        const key = defineTimeSeriesKey({ name: 't', entity: [patient], bucket: 'day' });
        const series = timeSeries(key, { maxReadings: 3 });
        const window = { from: 0, to: Date.UTC(2030, 0) };
        await transact(new MemoryLedger(), async (ctx) => {
            for (let index = 0; index < 3; index++)
                await series.append(ctx, { patient: 'p' }, index);
            expect(await all(series.range(ctx, { patient: 'p' }, window))).to.have.length(3);
            await series.append(ctx, { patient: 'p' }, 3);
            expect(await codeOf(all(series.range(ctx, { patient: 'p' }, window)))).to.equal(
                'CHAINCODE_SCAN_LIMIT',
            );
            expect(await codeOf(series.latest(ctx, { patient: 'p' }, window, 0))).to.equal(
                'CHAINCODE_SETUP_INVALID',
            );
            const bad = series.downsample(ctx, { patient: 'p' }, { ...window, everyMs: 0 }, Number);
            expect(await codeOf(bad)).to.equal('CHAINCODE_SETUP_INVALID');
        });
    });
});

describe('an append-only log', () => {
    it('takes entries of concurrent transactions and gives them back', async () => {
        const log = appendLog(defineAppendOnlyKey({ name: 'note', stream: [patient] }));
        const ledger = new MemoryLedger();
        const add = async (text: string) =>
            endorse(ledger, async (ctx) => {
                await log.append(ctx, { patient: 'p' }, { text });
                await ctx.stub
                    .attempt(async () => {
                        await log.append(ctx, { patient: 'p' }, 'undone');
                        throw new Error('no');
                    })
                    .catch(() => undefined);
                await log.append(ctx, { patient: 'p' }, { text: `${text}!` });
            });
        const both = [await add('a'), await add('b')];
        expect(both.map((recorded) => ledger.commit(recorded))).to.deep.equal([true, true]);
        const entries = await transact(ledger, async (ctx) => all(log.read(ctx, { patient: 'p' })));
        expect(entries.map(({ seq }) => seq)).to.deep.equal([0, 1, 0, 1]);
        expect(entries.map(({ value }) => (value as { text: string }).text)).to.have.members([
            'a',
            'a!',
            'b',
            'b!',
        ]);
    });
});

describe('a slot book', () => {
    const visits = slotBook(
        defineSlotKey({ name: 'visit', resource: [part('room', string())], minutes: 15 }),
    );
    const room = { room: 'r' };
    const at = (from: number, to: number) => ({
        from: nine + from * minute,
        to: nine + to * minute,
    });
    const now = { seconds: 1_700_000_000 };

    it('holds, confirms, releases and expires, all slots of a booking or none', async () => {
        const ledger = new MemoryLedger();
        const run = async (
            work: Parameters<typeof transact>[1],
            seconds = now.seconds,
        ): Promise<string> => codeOf(transact(ledger, work, { seconds }));
        expect(
            await run(async (ctx) =>
                visits.hold(ctx, room, { ...at(0, 45), by: 'a', forMs: 60_000 }),
            ),
        ).to.equal('no error');
        expect(
            await run(async (ctx) =>
                visits.hold(ctx, room, { ...at(30, 60), by: 'b', forMs: 60_000 }),
            ),
        ).to.equal('CHAINCODE_SLOT_TAKEN');
        expect(
            await run(async (ctx) => visits.book(ctx, room, { ...at(45, 60), by: 'b' })),
        ).to.equal('no error');
        expect(
            await run(async (ctx) => visits.confirm(ctx, room, { ...at(0, 60), by: 'a' })),
        ).to.equal('CHAINCODE_SLOT_NOT_HELD');
        expect(
            await run(async (ctx) => visits.confirm(ctx, room, { ...at(0, 30), by: 'a' })),
        ).to.equal('no error');
        expect(
            await run(async (ctx) => visits.release(ctx, room, { ...at(0, 15), by: 'b' })),
        ).to.equal('CHAINCODE_SLOT_NOT_HELD');
        expect(
            await run(async (ctx) => visits.release(ctx, room, { ...at(0, 15), by: 'a' })),
        ).to.equal('no error');
        const later = now.seconds + 60; // the very millisecond at which the hold ends
        expect(
            await run(async (ctx) => visits.confirm(ctx, room, { ...at(30, 45), by: 'a' }), later),
        ).to.equal('CHAINCODE_SLOT_NOT_HELD');
        const status = await transact(ledger, async (ctx) => visits.status(ctx, room, at(0, 60)), {
            seconds: later,
        });
        expect(status.map(({ taken }) => taken?.by)).to.deep.equal([
            undefined,
            'a',
            undefined,
            'b',
        ]);
        expect(
            await run(async (ctx) => visits.book(ctx, room, { ...at(30, 45), by: 'c' }), later),
        ).to.equal('no error');
        expect(
            await run(async (ctx) => visits.hold(ctx, room, { ...at(60, 75), by: 'c', forMs: 0 })),
        ).to.equal('CHAINCODE_SETUP_INVALID');
        expect(
            await run(async (ctx) => visits.book(ctx, room, { ...at(60, 75), by: '' })),
        ).to.equal('CHAINCODE_SETUP_INVALID');
        expect(
            await run(async (ctx) => visits.book(ctx, room, { ...at(30, 45), by: 'c' }), later),
        ).to.equal('CHAINCODE_SLOT_TAKEN');
    });

    it('never books a slot twice, whatever meets', async () => {
        const booking = fc.record({
            by: fc.constantFrom('a', 'b', 'c', 'd'),
            from: fc.integer({ min: 0, max: 5 }),
            slots: fc.integer({ min: 1, max: 3 }),
            delay: fc.integer({ min: 0, max: 4 }),
        });
        await fc.assert(
            fc.asyncProperty(fc.array(booking, { maxLength: 12 }), async (bookings) => {
                const ledger = new MemoryLedger();
                const granted = new Map<number, string>();
                const waiting: {
                    due: number;
                    index: number;
                    recorded: Awaited<ReturnType<typeof endorse>>;
                }[] = [];
                for (const [now, { by, from, slots, delay }] of bookings.entries()) {
                    const refused: unknown[] = [];
                    const window = { ...at(from * 15, (from + slots) * 15), by: `${by}${now}` };
                    const recorded = await endorse(ledger, async (ctx) =>
                        visits
                            .book(ctx, room, window)
                            .catch((error: unknown) => refused.push(error)),
                    );
                    if (refused.length === 0)
                        waiting.push({
                            due: Math.min(now + delay, bookings.length - 1),
                            index: now,
                            recorded,
                        });
                    for (const each of waiting.filter(({ due }) => due === now)) {
                        if (!ledger.commit(each.recorded)) continue;
                        const won = bookings[each.index];
                        for (let slot = 0; slot < (won?.slots ?? 0); slot++) {
                            const index = (won?.from ?? 0) + slot;
                            expect(granted.has(index), `slot ${index} twice`).to.equal(false);
                            granted.set(index, `${won?.by ?? ''}${each.index}`);
                        }
                    }
                }
                const status = await transact(ledger, async (ctx) =>
                    visits.status(ctx, room, at(0, 8 * 15)),
                );
                expect(status.map(({ taken }) => taken?.by)).to.deep.equal(
                    Array.from({ length: 8 }, (_, index) => granted.get(index)),
                );
            }),
            { numRuns: 300 },
        );
    });
});

describe('a unique index', () => {
    const licences = uniqueIndex(
        defineUniqueKey({ name: 'licence', claim: [part('number', string())] }),
    );

    it('gives a value to one owner at a time', async () => {
        const ledger = new MemoryLedger();
        const number = { number: 'GMC-7' };
        const one = await endorse(ledger, async (ctx) => licences.claim(ctx, number, 'a'));
        const two = await endorse(ledger, async (ctx) => licences.claim(ctx, number, 'b'));
        expect([ledger.commit(one), ledger.commit(two)]).to.deep.equal([true, false]);
        await transact(ledger, async (ctx) => licences.claim(ctx, number, 'a'));
        expect(
            await codeOf(transact(ledger, async (ctx) => licences.claim(ctx, number, 'b'))),
        ).to.equal('CHAINCODE_CLAIM_TAKEN');
        expect(
            await codeOf(transact(ledger, async (ctx) => licences.release(ctx, number, 'b'))),
        ).to.equal('CHAINCODE_CLAIM_TAKEN');
        await transact(ledger, async (ctx) => licences.release(ctx, number, 'a'));
        expect(await transact(ledger, async (ctx) => licences.owner(ctx, number))).to.equal(
            undefined,
        );
    });
});

describe('a name that is missing', () => {
    const nobody = undefined as unknown as string;

    it('is nobody, whom no slot and no value belongs to', async () => {
        const book = slotBook(
            defineSlotKey({ name: 'seat', resource: [part('room', string())], minutes: 15 }),
        );
        const index = uniqueIndex(
            defineUniqueKey({ name: 'mail', claim: [part('address', string())] }),
        );
        const window = { from: 0, to: 900_000, by: nobody };
        await transact(new MemoryLedger(), async (ctx) => {
            for (const work of [
                book.confirm(ctx, { room: 'a' }, window),
                book.release(ctx, { room: 'a' }, window),
                book.hold(ctx, { room: 'a' }, { ...window, forMs: 1 }),
                index.claim(ctx, { address: 'a' }, nobody),
                index.release(ctx, { address: 'a' }, nobody),
            ]) {
                expect(await codeOf(work)).to.equal('CHAINCODE_SETUP_INVALID');
            }
            expect(ctx.stub.hasPendingWrites).to.equal(false);
        });
    });
});

describe('an outbox', () => {
    it('keeps messages until they are acknowledged, and sends them as events as well', async () => {
        const sales = outbox<{ sku: string }>('sales', { maxMessages: 2 });
        const ledger = new MemoryLedger();
        await transact(ledger, async (ctx) => {
            for (const sku of ['a', 'b', 'c']) await sales.publish(ctx, 'sold', { sku });
            expect(ctx.stub.overlay.events.map(({ name }) => name)).to.deep.equal([
                'sold',
                'sold',
                'sold',
            ]);
        });
        const pending = async () => transact(ledger, async (ctx) => sales.pending(ctx, 'sold'));
        const first = await pending();
        expect(first.map(({ payload }) => payload.sku)).to.deep.equal(['a', 'b']);
        const ids = first.map(({ id }) => id);
        await transact(ledger, async (ctx) => sales.acknowledge(ctx, ids));
        await transact(ledger, async (ctx) => sales.acknowledge(ctx, ids));
        expect((await pending()).map(({ payload }) => payload.sku)).to.deep.equal(['c']);
        const foreign = transact(ledger, async (ctx) => sales.acknowledge(ctx, ['other']));
        expect(await codeOf(foreign)).to.equal('CHAINCODE_KEY_INVALID');
    });
});

describe('the memo of a transaction', () => {
    it('works a value out once, and again when what it was made of has been written', async () => {
        await transact(new MemoryLedger(), async (ctx) => {
            let times = 0;
            const count = async (): Promise<string> =>
                ctx.memo('count', async () => {
                    times++;
                    return (await ctx.stub.getState('a')).toString() || 'none';
                });
            expect([await count(), await count(), times]).to.deep.equal(['none', 'none', 1]);
            await ctx.stub.putState('b', 'x');
            expect([await count(), times]).to.deep.equal(['none', 1]);
            const savepoint = ctx.stub.savepoint();
            await ctx.stub.putState('a', 'x');
            expect([await count(), times]).to.deep.equal(['x', 2]);
            savepoint.rollback();
            expect([await count(), times]).to.deep.equal(['none', 3]);
        });
    });

    it('knows ranges, and memos within memos', async () => {
        await transact(new MemoryLedger(), async (ctx) => {
            const rows = async (): Promise<number> =>
                ctx.memo(
                    'rows',
                    async () => (await all(ctx.stub.getStateByRange('a', 'z'))).length,
                );
            const outer = async (): Promise<number> => ctx.memo('outer', rows);
            expect(await outer()).to.equal(0);
            await ctx.stub.putState('k', 'x');
            expect(await outer()).to.equal(1);
        });
    });

    it('knows what a remembered value was made of when another is made of it', async () => {
        await transact(new MemoryLedger(), async (ctx) => {
            const read = async (key: string): Promise<string> =>
                ctx.memo(key, async () => (await ctx.stub.getState(key)).toString());
            const outer = async (): Promise<string> => ctx.memo('outer', async () => read('a'));
            await read('a');
            expect(await outer()).to.equal('');
            await ctx.stub.putState('a', 'x');
            expect(await outer()).to.equal('x');
        });
    });

    it('keeps memos that are made at the same time apart', async () => {
        await transact(new MemoryLedger(), async (ctx) => {
            let go = (): void => undefined;
            const gate = new Promise<void>((resolve) => (go = resolve));
            const slow = async (): Promise<string> =>
                ctx.memo('slow', async () => {
                    await gate;
                    return (await ctx.stub.getState('a')).toString();
                });
            const quick = ctx.memo('quick', async () => ctx.stub.getState('b'));
            const first = slow();
            await quick;
            go();
            expect(await first).to.equal('');
            await ctx.stub.putState('a', 'x');
            expect(await slow()).to.equal('x');
        });
    });
});

describe('the cache of artefacts', () => {
    it('makes what a content makes once, and forgets by bytes', () => {
        let made = 0;
        const cache = new ArtefactCache((text) => ({ text, number: ++made }), { maxBytes: 10 });
        expect(cache.of('aaaa')).to.equal(cache.of('aaaa'));
        cache.of('bbbb');
        expect([cache.size, made]).to.deep.equal([2, 2]);
        cache.of('cccc');
        expect(cache.size).to.equal(2);
        expect(cache.of('aaaa').number).to.equal(4);
        cache.of('more than there is room for');
        expect(cache.size).to.equal(2);
        expect(() => new ArtefactCache((text) => ({ text }), { maxBytes: 0 })).to.throw(
            'CHAINCODE_SETUP_INVALID',
        );
    });

    it('makes what a hash names once but reads it each time, and believes nothing that has another', async () => {
        let made = 0;
        const cache = new ArtefactCache((text) => ({ text, number: ++made }));
        const hash = contentHash('policy');
        const loaded: string[] = [];
        const load = async (): Promise<string> => {
            loaded.push('read');
            return Promise.resolve('policy');
        };
        expect(await cache.ofHash(hash, load)).to.equal(await cache.ofHash(hash, load));
        expect(made).to.equal(1);
        // An endorser whose cache is full records the reads of one whose cache is empty.
        expect(loaded).to.have.length(2);
        const wrong = cache.ofHash(contentHash('latest'), load);
        expect(await codeOf(wrong)).to.equal('CHAINCODE_CONTENT_MISMATCH');
    });
});
