import { expect } from 'chai';
import fc from 'fast-check';
import {
    bucketStart,
    compareKeys,
    CONFLICT_BEHAVIOUR,
    conflictProbability,
    defineAppendOnlyKey,
    defineDeltaCounterKey,
    defineIndexKey,
    defineKey,
    defineShardedKey,
    defineSlotKey,
    defineTimeSeriesKey,
    defineUniqueKey,
    enumOf,
    parseTxUlid,
    part,
    shardOfText,
    string,
    timestamp,
    txUlid,
    uint,
    type KeyRange,
} from '../index.js';
import { refusal } from '../testing/refusal.test.js';

const day = 86_400_000;
const hour = 3_600_000;
const at = Date.UTC(2026, 10, 20, 19, 6, 1, 123);
const tx = 'ab'.repeat(32);
const patient = part('patient', string(), { phi: true });

function inside({ startKey, endKey }: KeyRange, key: string): boolean {
    return compareKeys(startKey, key) <= 0 && compareKeys(key, endKey) < 0;
}

describe('a time series key', () => {
    const define = (layout: 'ordered' | 'composite', order: 'oldest-first' | 'newest-first') =>
        defineTimeSeriesKey({ name: 'vital', entity: [patient], bucket: 'day', layout, order });

    it('finds the bucket by itself and gives it back', () => {
        const vital = define('ordered', 'oldest-first');
        const key = vital.build({ patient: 'p1', at, tx, seq: 3 });
        const bucket = bucketStart('day', at);
        expect(vital.parse(key)).to.deep.equal({ patient: 'p1', bucket, at, tx, seq: 3 });
        expect(vital.template).to.equal('vital/{patient}/{bucket}/{at}/{tx}/{seq}');
        expect(
            refusal('KEY_PART_NOT_FINITE', () =>
                vital.build({ patient: 'p1', at: Number.NaN, tx, seq: 0 }),
            ).part,
        ).to.equal('at');
    });

    it('needs one scan when ordered, one a bucket when composite', () => {
        const window = { from: at - 7 * day, to: at };
        expect(define('ordered', 'oldest-first').plan({ patient: 'p' }, window)).to.have.length(1);
        const scans = define('composite', 'oldest-first').plan({ patient: 'p' }, window);
        expect(scans).to.have.length(8);
        expect(scans.map(({ exact }) => exact)).to.deep.equal([
            false,
            ...Array<boolean>(6).fill(true),
            false,
        ]);
        expect(scans[1]?.composite).to.deep.equal({
            objectType: 'vital',
            attributes: ['p', '20261114'],
        });
    });

    it('keeps what can still be written apart from what is closed', () => {
        const vital = define('ordered', 'oldest-first');
        const midnight = bucketStart('day', at);
        const scans = vital.plan({ patient: 'p' }, { from: at - 2 * day, to: at, asOf: at });
        expect(scans.map(({ from, to, closed }) => [from, to, closed])).to.deep.equal([
            [at - 2 * day, midnight, true],
            [midnight, at, false],
        ]);
        const early = vital.plan({ patient: 'p' }, { from: at - day, to: at, asOf: midnight + 1 });
        // Just after midnight, yesterday can still be written.
        expect(early.map(({ closed }) => closed)).to.deep.equal([false]);
        const later = vital.plan({ patient: 'p' }, { from: 0, to: day, asOf: at });
        expect(later.map(({ closed }) => closed)).to.deep.equal([true]);
    });

    it('covers exactly the window, in order, whatever layout, order and bucket', () => {
        const layouts = fc.constantFrom('ordered', 'composite');
        const orders = fc.constantFrom('oldest-first', 'newest-first');
        const buckets = fc.constantFrom('hour', 'day', 'week', 'month', 'year');
        const newYear = Date.UTC(2028, 0, 1);
        const instant = fc.integer({ min: newYear - 4 * day, max: newYear + 4 * day });
        fc.assert(
            fc.property(
                layouts,
                orders,
                buckets,
                fc.array(instant, { maxLength: 6 }),
                instant,
                instant,
                fc.option(instant),
                (layout, order, bucket, instants, a, b, asOf) => {
                    if (a === b) return;
                    const key = defineTimeSeriesKey({
                        name: 's',
                        entity: [patient],
                        bucket,
                        order,
                        layout,
                    });
                    const window = {
                        from: Math.min(a, b),
                        to: Math.max(a, b),
                        maxScans: 5000,
                        ...(asOf === null ? undefined : { asOf }),
                    };
                    const rows = ['o', 'p', 'pp'].flatMap((who) =>
                        instants.map((ms, seq) => ({
                            who,
                            ms,
                            text: key.build({ patient: who, at: ms, tx, seq }),
                        })),
                    );
                    rows.sort((one, other) => compareKeys(one.text, other.text));
                    const found = key.plan({ patient: 'p' }, window).flatMap((scan) => {
                        const isWanted = (ms: number) =>
                            scan.exact || (scan.from <= ms && ms < scan.to);
                        return rows.filter(({ ms, text }) => inside(scan, text) && isWanted(ms));
                    });
                    const wanted = rows.filter(
                        ({ who, ms }) => who === 'p' && window.from <= ms && ms < window.to,
                    );
                    expect(found.map(({ text }) => text)).to.deep.equal(
                        wanted.map(({ text }) => text),
                    );
                },
            ),
            { numRuns: 10_000 },
        );
    });

    it('refuses windows turned round and plans too wide', () => {
        const vital = define('composite', 'oldest-first');
        refusal('KEY_RANGE_REVERSED', () => vital.plan({ patient: 'p' }, { from: 1, to: 1 }));
        refusal('KEY_PLAN_TOO_WIDE', () => vital.plan({ patient: 'p' }, { from: 0, to: at }));
        refusal('KEY_DEFINITION_INVALID', () =>
            defineTimeSeriesKey({ name: 'x', entity: [part('at', timestamp())], bucket: 'day' }),
        );
    });
});

describe('an append-only key', () => {
    it('is made of stream, transaction and sequence', () => {
        const note = defineAppendOnlyKey({ name: 'note', stream: [patient] });
        const keys = [0, 1].map((seq) => note.build({ patient: 'p1', tx, seq }));
        expect(new Set(keys).size).to.equal(2);
        expect(inside(note.prefix({ patient: 'p1' }), keys[0] ?? '')).to.equal(true);
        expect(note.parse(keys[1] ?? '')).to.deep.equal({ patient: 'p1', tx, seq: 1 });
        refusal('KEY_PART_RANGE', () => note.build({ patient: 'p1', tx, seq: 10_000 }));
    });
});

describe('a delta counter key', () => {
    const balance = defineDeltaCounterKey({
        name: 'balance',
        counter: [part('account', string())],
    });

    it('gives every transaction a row of its own', () => {
        const key = balance.build({ account: 'a', at, tx, seq: 0 });
        expect(balance.parse(key).epoch).to.equal(bucketStart('hour', at));
        expect(inside(balance.rows({ account: 'a' }), key)).to.equal(true);
        expect(inside(balance.rows({ account: 'b' }), key)).to.equal(false);
    });

    it('compacts only epochs that are over, and for longer than the grace', () => {
        const options = { from: at - 3 * hour, asOf: at };
        const epochs = balance.closedEpochs({ account: 'a' }, options);
        // At six minutes past the hour, the hour before may still be written.
        expect(epochs.map(({ epoch }) => epoch)).to.deep.equal(
            [3, 2].map((back) => bucketStart('hour', at - back * hour)),
        );
        const key = balance.build({ account: 'a', at: at - 3 * hour, tx, seq: 0 });
        expect(epochs.map((range) => inside(range, key))).to.deep.equal([true, false]);
        expect(inside(balance.closedRows({ account: 'a' }, { asOf: at }), key)).to.equal(true);
        const open = balance.build({ account: 'a', at: at - hour, tx, seq: 0 });
        expect(inside(balance.closedRows({ account: 'a' }, { asOf: at }), open)).to.equal(false);
        expect(
            inside(balance.closedRows({ account: 'a' }, { asOf: at, graceMs: 0 }), open),
        ).to.equal(true);
    });

    it('keeps the totals apart from the rows', () => {
        const total = balance.total.build({ account: 'a', epoch: bucketStart('hour', at) });
        expect(inside(balance.totals({ account: 'a' }), total)).to.equal(true);
        expect(inside(balance.extent, total)).to.equal(false);
        expect(balance.companions).to.deep.equal([balance.total]);
    });

    it('refuses endless plans', () => {
        refusal('KEY_PLAN_TOO_WIDE', () =>
            balance.closedEpochs({ account: 'a' }, { from: 0, asOf: at }),
        );
    });
});

describe('a sharded key', () => {
    const stock = defineShardedKey({
        name: 'stock',
        parts: [part('item', string())],
        shardBy: part('order', string()),
        shards: 16,
    });

    it('picks the same shard for the same field, one of all', () => {
        const key = stock.build({ item: 'saline', order: 'o-77' });
        expect(stock.all({ item: 'saline' })[stock.shardOf('o-77')]).to.equal(key);
        expect(stock.parse(key)).to.deep.equal({ item: 'saline', shard: stock.shardOf('o-77') });
        for (const each of stock.all({ item: 'saline' })) {
            expect(inside(stock.rows({ item: 'saline' }), each)).to.equal(true);
        }
    });

    it('spreads evenly', () => {
        const counts = Array<number>(16).fill(0);
        for (let n = 0; n < 16_000; n++) {
            const shard = shardOfText(`order-${n}`, 16);
            counts[shard] = (counts[shard] ?? 0) + 1;
        }
        expect(Math.min(...counts)).to.be.greaterThan(850);
        expect(Math.max(...counts)).to.be.lessThan(1150);
    });

    it('names the field it shards by when that is missing', () => {
        const error = refusal('KEY_PART_TYPE', () => stock.build({ item: 'x' } as never));
        expect(error.part).to.equal('order');
        refusal('KEY_DEFINITION_INVALID', () =>
            defineShardedKey({ name: 's', parts: [patient], shardBy: patient, shards: 1 }),
        );
    });
});

describe('a slot key', () => {
    const visit = defineSlotKey({ name: 'visit', resource: [part('room', string())], minutes: 15 });
    const nine = Date.UTC(2026, 10, 23, 9);

    it('makes overlapping bookings share a key and others none', () => {
        const booking = (from: number, to: number) =>
            visit.slots({ room: 'r' }, { from: nine + from * 60_000, to: nine + to * 60_000 });
        const shared = (a: string[], b: string[]) => a.filter((key) => b.includes(key)).length;
        expect(booking(0, 45)).to.have.length(3);
        expect(shared(booking(0, 45), booking(30, 60))).to.equal(1);
        expect(shared(booking(0, 45), booking(45, 60))).to.equal(0);
    });

    it('refuses what lies across slots, runs backwards or takes a week', () => {
        const slots = (from: number, to: number) => visit.slots({ room: 'r' }, { from, to });
        expect(refusal('KEY_PART_UNALIGNED', () => slots(nine, nine + 1)).part).to.equal('to');
        expect(refusal('KEY_PART_UNALIGNED', () => slots(nine + 1, nine)).part).to.equal('from');
        refusal('KEY_RANGE_REVERSED', () => slots(nine, nine));
        refusal('KEY_PLAN_TOO_WIDE', () => slots(nine, nine + 7 * day));
    });
});

describe('a unique key', () => {
    it('is the same for the same claim', () => {
        const licence = defineUniqueKey({ name: 'licence', claim: [part('number', string())] });
        expect(licence.build({ number: 'A1' })).to.equal('\0licence\0A1\0');
        expect(licence.pattern).to.equal('unique');
    });
});

describe('an index key', () => {
    const composite = defineKey({
        name: 'order',
        layout: 'composite',
        parts: [patient, part('id', uint())],
    });
    const ordered = defineKey({ name: 'item', layout: 'ordered', parts: [patient] });

    it('carries the key of its row, of either layout, whatever it contains', () => {
        const rows = [
            [composite, composite.build({ patient: 'a\u0001b', id: 1 })],
            [ordered, ordered.build({ patient: '\u0002\u0001' })],
        ] as const;
        for (const [row, key] of rows) {
            const byWard = defineIndexKey({ name: 'by', on: [part('ward', string())], row });
            const entry = byWard.build({ ward: 'icu', row: key });
            expect(byWard.parse(entry)).to.deep.equal({ ward: 'icu', row: key });
            expect(inside(byWard.prefix({ ward: 'icu' }), entry)).to.equal(true);
            refusal('KEY_PART_FORMAT', () => byWard.build({ ward: 'icu', row: 'foreign' }));
        }
    });

    it('hides the row when the row holds health information', () => {
        const byWard = defineIndexKey({ name: 'by', on: [part('ward', string())], row: ordered });
        expect(byWard.parts[1].phi).to.equal(true);
    });

    it('tells what to remove and what to write', () => {
        const state = enumOf('open', 'done');
        const byState = defineIndexKey({ name: 'by', on: [part('state', state)], row: ordered });
        const row = ordered.build({ patient: 'p' });
        const open = byState.build({ state: 'open', row });
        const done = byState.build({ state: 'done', row });
        const from = { state: 'open' } as const;
        const to = { state: 'done' } as const;
        expect(byState.changes(row, from, to)).to.deep.equal({ remove: [open], put: [done] });
        expect(byState.changes(row, undefined, to)).to.deep.equal({ remove: [], put: [done] });
        expect(byState.changes(row, from, undefined)).to.deep.equal({ remove: [open], put: [] });
        expect(byState.changes(row, from, from)).to.deep.equal({ remove: [], put: [] });
        expect(byState.changes(row, undefined, undefined)).to.deep.equal({ remove: [], put: [] });
    });
});

describe('a transaction ULID', () => {
    it('says its time, transaction and sequence', () => {
        const id = txUlid({ at, tx: '0123456789abcdef'.repeat(4), seq: 7 });
        expect(parseTxUlid(id)).to.deep.equal({ at, txPrefix: '0123456789abcdef', seq: 7 });
    });

    it('sorts by time, then transaction, then sequence, and loses nothing', () => {
        const hex = fc.stringMatching(/^[0-9a-f]{16}$/);
        const values = fc.record({
            at: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
            head: hex,
            seq: fc.integer({ min: 0, max: 32_767 }),
        });
        fc.assert(
            fc.property(values, values, (a, b) => {
                const id = ({ at: ms, head, seq }: typeof a) =>
                    txUlid({ at: ms, tx: head + '0'.repeat(48), seq });
                const order =
                    Math.sign(a.at - b.at) ||
                    compareKeys(a.head, b.head) ||
                    Math.sign(a.seq - b.seq);
                expect(compareKeys(id(a), id(b))).to.equal(order);
                expect(parseTxUlid(id(a))).to.deep.equal({
                    at: a.at,
                    txPrefix: a.head,
                    seq: a.seq,
                });
            }),
            { numRuns: 10_000 },
        );
    });

    it('refuses what does not fit', () => {
        expect(refusal('KEY_PART_RANGE', () => txUlid({ at: -1, tx, seq: 0 })).part).to.equal('at');
        expect(refusal('KEY_PART_RANGE', () => txUlid({ at, tx, seq: 32_768 })).part).to.equal(
            'seq',
        );
        expect(refusal('KEY_PART_FORMAT', () => txUlid({ at, tx: 'x', seq: 0 })).part).to.equal(
            'tx',
        );
        refusal('KEY_PART_FORMAT', () => parseTxUlid('01ARZ3NDEKTSV4RRFFQ69G5FAU'));
    });
});

describe('the patterns', () => {
    it('tell a caller without types what is wrong', () => {
        const room = [part('room', string())] as const;
        const series = defineTimeSeriesKey({ name: 's', entity: room, bucket: 'day' });
        const count = defineDeltaCounterKey({ name: 'c', counter: room });
        const sharded = defineShardedKey({ name: 'h', parts: room, shardBy: patient, shards: 2 });
        for (const key of [series, count, sharded]) {
            refusal('KEY_PART_TYPE', () => key.build(undefined as never));
        }
        refusal('KEY_PART_TYPE', () => series.plan({ room: 'r' }, undefined as never));
        const dates = { from: new Date(0), to: new Date(1) };
        const error = refusal('KEY_PART_TYPE', () => series.plan({ room: 'r' }, dates as never));
        expect(error.part).to.equal('from');
        const noTime = { from: 0 } as never;
        expect(
            refusal('KEY_PART_NOT_FINITE', () => count.closedEpochs({ room: 'r' }, noTime)).part,
        ).to.equal('asOf');
        refusal('KEY_PART_TYPE', () => count.closedEpochs({ room: 'r' }, undefined as never));
        refusal('KEY_DEFINITION_INVALID', () =>
            defineSlotKey({ name: 'v', resource: room, minutes: 7 }),
        );
    });

    it('scan exactly one counter, item or series, whatever else the values hold', () => {
        const two = [part('org', string()), part('id', string())] as const;
        const count = defineDeltaCounterKey({ name: 'c', counter: two });
        const sharded = defineShardedKey({ name: 'h', parts: two, shardBy: patient, shards: 2 });
        const series = defineTimeSeriesKey({ name: 's', entity: two, bucket: 'day' });
        const part1 = { org: 'o' } as never;
        const window = { from: at, to: at + 1 };
        const scans: (() => unknown)[] = [
            () => count.rows(part1),
            () => count.totals(part1),
            () => count.closedRows(part1, { asOf: at }),
            () => count.closedEpochs(part1, { from: at - day, asOf: at }),
            () => sharded.rows(part1),
            () => series.plan(part1, window),
        ];
        for (const scan of scans) expect(refusal('KEY_PART_TYPE', scan).part).to.equal('id');

        // A row may be given: what is no part of the counter is left aside.
        const row = count.parse(count.build({ org: 'o', id: 'i', at, tx, seq: 0 }));
        expect(count.rows(row)).to.deep.equal(count.rows({ org: 'o', id: 'i' }));
        const reading = series.parse(series.build({ org: 'o', id: 'i', at, tx, seq: 0 }));
        expect(series.plan(reading, window)).to.deep.equal(
            series.plan({ org: 'o', id: 'i' }, window),
        );
    });

    it('refuse limits that limit nothing', () => {
        const room = [part('room', string())] as const;
        const count = defineDeltaCounterKey({ name: 'c', counter: room });
        const visit = defineSlotKey({ name: 'v', resource: room, minutes: 15 });
        const series = defineTimeSeriesKey({ name: 's', entity: room, bucket: 'day' });
        const of = { room: 'r' };
        for (const limit of [Number.NaN, 0, -1, 1.5, '9' as never]) {
            const refused: (() => unknown)[] = [
                () => count.closedEpochs(of, { from: 0, asOf: at, maxEpochs: limit }),
                () => visit.slots(of, { from: 0, to: day, maxSlots: limit }),
                () => series.plan(of, { from: 0, to: day, maxScans: limit }),
            ];
            for (const each of refused) refusal('KEY_DEFINITION_INVALID', each);
        }
        for (const graceMs of [Number.NaN, -1, '5' as never]) {
            refusal('KEY_DEFINITION_INVALID', () => count.closedRows(of, { asOf: at, graceMs }));
        }
        refusal('KEY_PART_TYPE', () => visit.slots(of, undefined as never));
        refusal('KEY_PART_TYPE', () => count.closedRows(of, undefined as never));
        const noField = { name: 'h', parts: room, shardBy: undefined as never, shards: 2 };
        refusal('KEY_DEFINITION_INVALID', () => defineShardedKey(noField));
    });

    it('state their conflicts', () => {
        expect(Object.keys(CONFLICT_BEHAVIOUR)).to.have.length(7);
        expect(conflictProbability({ concurrent: 50, keys: 1 })).to.equal(1);
        expect(conflictProbability({ concurrent: 1, keys: 16 })).to.equal(0);
        expect(conflictProbability({ concurrent: 50, keys: 256 })).to.be.closeTo(0.17, 0.01);
        expect(conflictProbability({ concurrent: 0, keys: 256 })).to.be.NaN;
    });
});
