import { expect } from 'chai';
import fc from 'fast-check';
import { compareKeys } from './key-order.js';
import { MemoryState } from './memory-state.js';
import { OrderedKeys } from './ordered-keys.js';

const unit = fc.constantFrom(
    'a',
    'b',
    '\u0000',
    '\u007f',
    'é',
    '\ud7ff',
    '\ue000',
    '\uffff',
    '\u{10000}',
    '\u{10ffff}',
);
const key = fc.array(unit, { maxLength: 4 }).map((units) => units.join(''));
const bytes = (text: string): Buffer => Buffer.from(text);

describe('The order of keys', () => {
    it('is that of their UTF-8 bytes', () => {
        fc.assert(
            fc.property(key, key, (a, b) => {
                expect(Math.sign(compareKeys(a, b))).to.equal(bytes(a).compare(bytes(b)));
            }),
            { numRuns: 10_000 },
        );
    });

    it('differs from that of JavaScript beyond U+FFFF', () => {
        expect(['\uffff', '\u{10000}'].sort()).to.deep.equal(['\u{10000}', '\uffff']);
        expect(compareKeys('\u{10000}', '\uffff')).to.be.greaterThan(0);
    });
});

describe('Ordered keys', () => {
    const plain = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 4 });
    for (const [name, keys] of [
        ['plain keys', plain],
        ['keys beyond U+FFFF', key],
    ] as const) {
        it(`behave as a sorted array, with ${name}`, () => {
            const action = fc.tuple(fc.boolean(), keys);
            fc.assert(
                fc.property(fc.array(action, { maxLength: 60 }), key, key, (actions, from, to) => {
                    const ours = new OrderedKeys();
                    const theirs = new Set<string>();
                    for (const [isAdd, each] of actions) {
                        if (isAdd) {
                            expect(ours.add(each)).to.equal(!theirs.has(each));
                            theirs.add(each);
                        } else expect(ours.delete(each)).to.equal(theirs.delete(each));
                    }
                    const expected = [...theirs]
                        .sort((a, b) => bytes(a).compare(bytes(b)))
                        .filter((each) => bytes(each).compare(bytes(from)) >= 0)
                        .filter((each) => to === '' || bytes(each).compare(bytes(to)) < 0);
                    expect([...ours.range(from, to)]).to.deep.equal(expected);
                    expect(ours.size).to.equal(theirs.size);
                }),
                { numRuns: 3000 },
            );
        });
    }

    it('hold when chunks split and empty', () => {
        const keys = new OrderedKeys();
        const numbers = Array.from({ length: 20_000 }, (_, i) => (i * 7919) % 20_000);
        for (const n of numbers) keys.add(String(n).padStart(6, '0'));
        expect([...keys.range('', '')]).to.deep.equal(
            numbers.map((n) => String(n).padStart(6, '0')).sort(),
        );
        for (const n of numbers) if (n % 3 !== 0) keys.delete(String(n).padStart(6, '0'));
        expect([...keys.range('000010', '000020')]).to.deep.equal(['000012', '000015', '000018']);
        for (const n of numbers) keys.delete(String(n).padStart(6, '0'));
        expect(keys.size).to.equal(0);
        expect([...keys.range('', '')]).to.deep.equal([]);
    });

    it('let a range be walked while keys come and go', () => {
        const keys = new OrderedKeys();
        for (const each of ['a', 'c', 'e', 'g']) keys.add(each);
        const seen: string[] = [];
        for (const each of keys.range('', '')) {
            seen.push(each);
            if (each === 'c') {
                keys.delete('c');
                keys.delete('e');
                keys.add('b');
                keys.add('f');
            }
        }
        expect(seen).to.deep.equal(['a', 'c', 'f', 'g']);
    });
});

describe('The state in memory', () => {
    it('keeps namespaces and collections apart', () => {
        const state = new MemoryState();
        const version = { blockNum: 1, txNum: 0 };
        const value = { value: bytes('v'), version, metadata: undefined };
        state.apply([
            { namespace: 'a', collection: undefined, key: 'k', value, version },
            { namespace: 'a', collection: 'c', key: 'ff', value, version },
        ]);
        expect(state.get('a', 'k')?.version).to.deep.equal(version);
        expect(state.get('b', 'k')).to.equal(undefined);
        expect(state.getHashed('a', 'c', 'ff')?.version).to.deep.equal(version);
        expect(state.getHashed('a', 'd', 'ff')).to.equal(undefined);
        expect(state.size('a')).to.equal(1);
        state.apply([
            { namespace: 'a', collection: undefined, key: 'k', value: undefined, version },
            { namespace: 'a', collection: 'c', key: 'ff', value: undefined, version },
        ]);
        expect(state.get('a', 'k')).to.equal(undefined);
        expect(state.getHashed('a', 'c', 'ff')).to.equal(undefined);
    });
});
