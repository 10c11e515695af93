import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import {
    defineDeltaCounterKey,
    defineIndexKey,
    defineKey,
    defineShardedKey,
    defineSlotKey,
    defineTimeSeriesKey,
    enumOf,
    optional,
    part,
    string,
    timestamp,
    tuple,
    uint,
    type AnyPart,
    type KeyRange,
    type PartialComposite,
} from './index.js';

const parts = [
    part('patient', string()),
    part('code', enumOf('hr', 'spo2')),
    part('at', timestamp()),
] as const;
const ordered = defineKey({ name: 'vital', layout: 'ordered', parts });
const composite = defineKey({ name: 'vital', layout: 'composite', parts });
const loose = defineKey({
    name: 'loose',
    layout: 'ordered',
    parts: [part('id', uint()), part('tag', optional(string()))],
});

/** Checked by the compiler only: what is refused here would throw if it ran. */
function neverRun(): void {
    const full = { patient: 'p', code: 'hr', at: 0 } as const;
    // @ts-expect-error a part is missing
    ordered.build({ patient: 'p', code: 'hr' });
    // @ts-expect-error not a member of the enumeration
    ordered.build({ ...full, code: 'pulse' });
    // @ts-expect-error the wrong type
    ordered.build({ ...full, at: '2026' });
    // @ts-expect-error a Date is no instant
    ordered.build({ ...full, at: new Date() });
    // @ts-expect-error a literal with a part that does not exist
    ordered.build({ patient: 'p', code: 'hr', at: 0, when: 1 });
    // @ts-expect-error the first part is left out
    ordered.prefix({ code: 'hr' });
    // @ts-expect-error a part in between is left out
    composite.prefix({ patient: 'p', at: 0 });
    // @ts-expect-error every part is given
    ordered.prefix(full);
    // @ts-expect-error no such part
    ordered.prefix({ patiant: 'p' });
    // @ts-expect-error undefined would widen the scan
    ordered.prefix({ patient: undefined });
    // @ts-expect-error composite keys have no range
    const range: unknown = composite.range;
    // @ts-expect-error bounds are of the part after the prefix, which is an enumeration
    ordered.range({ patient: 'p' }, { from: 0 });
    // @ts-expect-error bounds of a time are numbers
    ordered.range({ patient: 'p', code: 'hr' }, { from: 'x' });
    // @ts-expect-error a layout that does not exist
    defineKey({ name: 'x', layout: 'sorted', parts });
    // @ts-expect-error attributes belong to composite keys
    const attributes: unknown = ordered.attributes;
    expect([range, attributes]).to.have.length(2);
    // @ts-expect-error the tag may be left out, the id may not
    loose.build({ tag: 'x' });
    // @ts-expect-error a part of a sealed definition cannot be changed
    ordered.parts[0] = parts[0];
    const series = defineTimeSeriesKey({ name: 's', entity: [parts[0]], bucket: 'day' });
    // @ts-expect-error a reading needs its transaction and sequence
    series.build({ patient: 'p', at: 0 });
    // @ts-expect-error the bucket follows from the time
    series.build({ patient: 'p', at: 0, tx: '', seq: 0, bucket: 0 });
    // @ts-expect-error no such size
    defineTimeSeriesKey({ name: 's', entity: [parts[0]], bucket: 'fortnight' });
    const sharded = defineShardedKey({
        name: 's',
        parts: [parts[0]],
        shardBy: parts[2],
        shards: 4,
    });
    // @ts-expect-error the sharding field is needed
    sharded.build({ patient: 'p' });
    // @ts-expect-error and has its own type
    sharded.shardOf('x');
}

describe('the types of a key', () => {
    it('follow from its parts', () => {
        expect(neverRun).to.be.a('function');
        expectTypeOf<Parameters<typeof ordered.build>[0]>().toEqualTypeOf<{
            readonly patient: string;
            readonly code: 'hr' | 'spo2';
            readonly at: number;
        }>();
        expectTypeOf<ReturnType<typeof ordered.parse>>().toEqualTypeOf<{
            readonly patient: string;
            readonly code: 'hr' | 'spo2';
            readonly at: number;
        }>();
        expectTypeOf<Parameters<typeof loose.build>[0]>().toEqualTypeOf<{
            readonly id: number;
            readonly tag?: string | undefined;
        }>();
        expectTypeOf(ordered.name).toEqualTypeOf<'vital'>();
        expectTypeOf(ordered.template).toEqualTypeOf<'vital/{patient}/{code}/{at}'>();
        expectTypeOf(ordered.prefix({ patient: 'p' })).toEqualTypeOf<KeyRange>();
        expectTypeOf(composite.prefix({})).toEqualTypeOf<PartialComposite>();
        expectTypeOf(
            composite.prefix({ patient: 'p', code: 'hr' }),
        ).toEqualTypeOf<PartialComposite>();
        expectTypeOf(ordered.range({}, { from: 'a', to: 'b' })).toEqualTypeOf<KeyRange>();
        expectTypeOf(ordered.between({ patient: 'a' }, {})).toEqualTypeOf<KeyRange>();
        const pair = tuple(string(), uint());
        expect(pair.kind).to.equal('tuple(string, uint(16))');
        expectTypeOf<ReturnType<typeof pair.decode>>().toEqualTypeOf<readonly [string, number]>();
    });

    it('loosen when the parts are only known at run time', () => {
        const dynamic: readonly AnyPart[] = parts;
        const key = defineKey({ name: 'dynamic', layout: 'ordered', parts: dynamic });
        const built = key.build({ patient: 'p', code: 'hr', at: 0 });
        const { startKey } = key.range({ patient: 'p', code: 'hr' }, { from: 0 });
        expect(built).to.equal(startKey);
        expectTypeOf(key.template).toEqualTypeOf<string>();
        expectTypeOf(key.parse(built)['patient']).toEqualTypeOf<unknown>();
    });

    it('follow from the parts of a pattern', () => {
        const series = defineTimeSeriesKey({ name: 's', entity: [parts[0]], bucket: 'day' });
        expectTypeOf<Parameters<typeof series.build>[0]>().toEqualTypeOf<{
            readonly patient: string;
            readonly at: number;
            readonly tx: string;
            readonly seq: number;
        }>();
        expectTypeOf<ReturnType<typeof series.parse>>().toEqualTypeOf<{
            readonly patient: string;
            readonly bucket: number;
            readonly at: number;
            readonly tx: string;
            readonly seq: number;
        }>();
        const counter = defineDeltaCounterKey({ name: 'c', counter: [parts[0]] });
        expectTypeOf(counter.total.name).toEqualTypeOf<'c.total'>();
        expectTypeOf<Parameters<typeof counter.total.build>[0]>().toEqualTypeOf<{
            readonly patient: string;
            readonly epoch: number;
        }>();
        const slot = defineSlotKey({ name: 'v', resource: [parts[0]], minutes: 15 });
        expectTypeOf<Parameters<typeof slot.build>[0]>().toEqualTypeOf<{
            readonly patient: string;
            readonly slot: number;
        }>();
        const sharded = defineShardedKey({
            name: 's',
            parts: [parts[0]],
            shardBy: part('order', uint()),
            shards: 4,
        });
        expectTypeOf<Parameters<typeof sharded.shardOf>[0]>().toEqualTypeOf<number>();
        expectTypeOf<ReturnType<typeof sharded.parse>>().toEqualTypeOf<{
            readonly patient: string;
            readonly shard: number;
        }>();
        const index = defineIndexKey({ name: 'i', on: [parts[1]], row: ordered });
        expectTypeOf<Parameters<typeof index.build>[0]>().toEqualTypeOf<{
            readonly code: 'hr' | 'spo2';
            readonly row: string;
        }>();
        expect([series, slot, sharded, index].map(({ name }) => name)).to.have.length(4);
    });
});
