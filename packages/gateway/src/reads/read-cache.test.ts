import { expect } from 'chai';
import fc from 'fast-check';
import type { KeyChange } from '../reorder/known-writes.js';
import { ReadCache, type CachedRead } from './read-cache.js';
import { footprintKey, isTouchedBy, type Footprint } from './read-footprint.js';

const change = (key: string, namespace = 'cc'): KeyChange => ({
    namespace,
    key,
    version: { blockNum: 1, txNum: 0 },
});

function entry(footprint: Footprint, text = 'x'): CachedRead {
    return { result: Buffer.from(text), footprint, readAt: performance.now() };
}

const ofKeys = (...keys: string[]): Footprint => ({
    keys: keys.map((key) => footprintKey('cc', key)),
    ranges: [],
});
const ofRange = (start: string, end: string): Footprint => ({
    keys: [],
    ranges: [{ namespace: 'cc', start, end }],
});

describe('the cache of reads', () => {
    const bounds = { entries: 100, bytes: 100_000 };

    it('drops an answer when a key it rests on changes, and no other', () => {
        const cache = new ReadCache(bounds);
        cache.set('one', entry(ofKeys('a', 'b')));
        cache.set('two', entry(ofKeys('c')));
        expect(cache.invalidate([change('b'), change('c', 'other')])).to.deep.equal(['one']);
        expect([cache.get('one'), cache.size]).to.deep.equal([undefined, 1]);
    });

    it('counts what an answer rests on among its bytes', () => {
        const cache = new ReadCache({ entries: 1_000, bytes: 200_000 });
        const many = Array.from({ length: 200 }, (_, n) => `key${n}`);
        for (let n = 0; n < 20; n++) cache.set(`read${n}`, entry(ofKeys(...many)));
        expect(cache.size).to.be.within(1, 10);
    });

    it('drops an answer when a key appears in a range it scanned', () => {
        const cache = new ReadCache(bounds);
        cache.set('m to p', entry(ofRange('m', 'p')));
        cache.set('m to the end', entry(ofRange('m', '')));
        expect(cache.invalidate([change('l'), change('lz')])).to.deep.equal([]);
        expect(cache.invalidate([change('z')])).to.deep.equal(['m to the end']);
        expect(cache.invalidate([change('p')])).to.deep.equal([]);
        expect(cache.invalidate([change('m')])).to.deep.equal(['m to p']);
    });

    it('forgets the links of what it evicts', () => {
        const cache = new ReadCache({ entries: 2, bytes: 100_000 });
        for (const key of ['a', 'b', 'c']) cache.set(key, entry(ofKeys(key)));
        expect(cache.invalidate([change('a')])).to.deep.equal([]);
        expect(cache.invalidate([change('b'), change('c')])).to.deep.equal(['b', 'c']);
    });

    it('keeps exactly what the changes do not touch', () => {
        const key = fc.constantFrom('a', 'b', 'c', 'd', '\u{10000}', '\uffff');
        const footprint = fc.oneof(
            fc.uniqueArray(key, { minLength: 1 }).map((keys) => ofKeys(...keys)),
            fc.tuple(key, fc.oneof(key, fc.constant(''))).map(([from, to]) => ofRange(from, to)),
        );
        fc.assert(
            fc.property(
                fc.array(footprint, { maxLength: 10 }),
                fc.array(
                    key.map((each) => change(each)),
                    { maxLength: 4 },
                ),
                (footprints, changes) => {
                    const cache = new ReadCache(bounds);
                    footprints.forEach((each, index) => {
                        cache.set(String(index), entry(each));
                    });
                    const dropped = cache.invalidate(changes);
                    footprints.forEach((each, index) => {
                        const gone = dropped.includes(String(index));
                        expect(gone).to.equal(isTouchedBy(each, changes));
                        expect(cache.get(String(index)) === undefined).to.equal(gone);
                    });
                },
            ),
            { numRuns: 2_000 },
        );
    });
});
