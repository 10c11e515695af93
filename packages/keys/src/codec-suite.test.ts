import { expect } from 'chai';
import { codecSuite, compareKeys, type Codec } from './index.js';

/** Titles of the tests that a codec fails, run by a runner of our own. */
function failuresOf<T>(
    codec: Codec<T>,
    samples: readonly T[],
    options: { refused?: readonly unknown[]; refusedTexts?: readonly string[] } = {},
): string[] {
    const failed: string[] = [];
    codecSuite({
        describe: (_, body) => {
            body();
        },
        it: (title, body) => {
            try {
                body();
            } catch {
                failed.push(title);
            }
        },
        codec,
        samples,
        ...options,
    });
    return failed;
}

const digits: Codec<number> = {
    kind: 'digit',
    encode(value) {
        if (!Number.isInteger(value) || value < 0 || value > 9) throw new Error('not a digit');
        return String(value);
    },
    decode(text) {
        if (!/^[0-9]$/.test(text)) throw new Error('not a digit');
        return Number(text);
    },
    compare: (a, b) => a - b,
};
const samples = [0, 1, 1, 9];

describe('the codec suite', () => {
    it('passes a codec that keeps its promises', () => {
        const refused = [10, -1, 0.5];
        expect(failuresOf(digits, samples, { refused, refusedTexts: ['a'] })).to.deep.equal([]);
    });

    it('finds numbers that do not sort', () => {
        const plain = { ...digits, encode: String, decode: Number };
        expect(failuresOf(plain, [9, 10])).to.include(
            'writes different values differently, in the order of the values',
        );
    });

    it('finds values that share a key', () => {
        const floor = { ...digits, encode: (value: number) => String(Math.floor(value)) };
        const failed = failuresOf(floor, [1, 1.5, 2]);
        expect(failed).to.include(
            'writes different values differently, in the order of the values',
        );
        expect(failed).to.include('reads back what it wrote');
        expect(failuresOf(digits, samples, { refused: [5] })).to.deep.equal([
            'refuses what it cannot write',
        ]);
    });

    it('finds text no key may contain', () => {
        for (const text of ['', 'a\0', '\ud800', '\u{10ffff}']) {
            const bad: Codec<string> = {
                kind: 'bad',
                encode: (value) => text + value.slice(0, text === '' ? 0 : 1),
                decode: (written) => written,
                compare: compareKeys,
            };
            expect(failuresOf(bad, ['a', 'b'])).to.include(
                'writes only text that a ledger key may contain',
            );
        }
    });

    it('finds decoding that is too kind', () => {
        const kind = { ...digits, decode: Number };
        expect(failuresOf(kind, samples)).to.deep.equal(['reads no text that it would not write']);
        expect(failuresOf(digits, samples, { refusedTexts: ['7'] })).to.deep.equal([
            'reads no text that it would not write',
        ]);
    });

    it('finds moods and orders that are none', () => {
        let mood = 0;
        const moody = { ...digits, encode: (value: number) => `${value}${mood++}` };
        expect(failuresOf(moody, samples)).to.include('writes the same text every time');
        const odd = { ...digits, compare: () => 1 };
        expect(failuresOf(odd, samples)).to.include('has an order');
        const other = { ...digits, decode: () => 3 };
        expect(failuresOf(other, samples)).to.include('reads back what it wrote');
    });

    it('wants samples enough to compare', () => {
        expect(() => failuresOf(digits, [1])).to.throw('2 to 500 samples');
    });
});
