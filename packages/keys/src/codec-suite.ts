import type { Codec } from './codec.js';
import { showValue } from './errors.js';
import { escapeTerminator, TERMINATOR } from './escape.js';
import { checkText, compareKeys } from './text.js';

/** What {@link codecSuite} takes. */
export interface CodecSuiteOptions<T> {
    /** Your test runner's `describe`. */
    readonly describe: (title: string, body: () => void) => unknown;
    /** Your test runner's `it` or `test`. */
    readonly it: (title: string, body: () => void) => unknown;
    readonly codec: Codec<T>;
    /**
     * 2 to 500 values, equal ones allowed: the smallest, the greatest, neighbours, one that is the
     * beginning of another, and whatever looks awkward.
     */
    readonly samples: readonly T[];
    /** Values that `encode` must refuse. @default none @example [Number.NaN, '7'] */
    readonly refused?: readonly unknown[];
    /** Texts that `decode` must refuse. @default none @example ['', '07'] */
    readonly refusedTexts?: readonly string[];
}

function fail(problem: string, ...values: readonly unknown[]): never {
    throw new Error(`${problem}: ${values.map(showValue).join(' and ')}`);
}

function throws(work: () => unknown): boolean {
    try {
        work();
        return false;
    } catch {
        // Any error counts as a refusal: custom codecs throw what they like.
        return true;
    }
}

/** Texts much like one the codec wrote. */
function mutationsOf(text: string): string[] {
    const doubled = text + text;
    return [
        '',
        text.slice(0, -1),
        text.slice(1),
        `${text}0`,
        `0${text}`,
        ` ${text}`,
        doubled,
    ].concat(text.toUpperCase(), `${text}\u0001`, `-${text}`);
}

/**
 * Tests whether a codec keeps the promises of {@link Codec}, in any test runner.
 *
 * @example
 * ```ts no-run
 * import { describe, it } from 'node:test';
 * import { codecSuite, uint } from '@goodput/keys';
 *
 * codecSuite({
 *   describe: (title, body) => void describe(title, body),
 *   it: (title, body) => void it(title, body),
 *   codec: uint({ digits: 4 }),
 *   samples: [0, 9, 10, 9999],
 *   refused: [10_000, -1, 0.5],
 * });
 * ```
 */
export function codecSuite<T>(options: CodecSuiteOptions<T>): void {
    const { describe, it, codec, samples, refused = [], refusedTexts = [] } = options;
    if (samples.length < 2 || samples.length > 500) {
        throw new Error(`codecSuite needs 2 to 500 samples, got ${samples.length}`);
    }
    const eachPair = (check: (a: T, b: T) => void): void => {
        for (const a of samples) for (const b of samples) check(a, b);
    };

    describe(`the codec ${codec.kind}`, () => {
        it('writes only text that a ledger key may contain', () => {
            for (const value of samples) checkText(codec.encode(value));
        });

        it('writes the same text every time', () => {
            for (const value of samples) {
                if (codec.encode(value) !== codec.encode(value)) fail('two texts for', value);
            }
        });

        it('reads back what it wrote', () => {
            for (const value of samples) {
                const text = codec.encode(value);
                const back = codec.decode(text);
                if (codec.compare(value, back) !== 0) fail('another value came back', value, back);
                if (codec.encode(back) !== text) fail('what came back has another text', value);
            }
        });

        it('has an order', () => {
            eachPair((a, b) => {
                if (Math.sign(codec.compare(a, b)) + Math.sign(codec.compare(b, a)) !== 0) {
                    fail('compare(a, b) and compare(b, a) agree', a, b);
                }
            });
        });

        it('writes different values differently, in the order of the values', () => {
            eachPair((a, b) => {
                const ofTexts = compareKeys(codec.encode(a), codec.encode(b));
                if (ofTexts !== Math.sign(codec.compare(a, b))) fail('order is lost', a, b);
            });
        });

        it('keeps the order whatever follows it in a key', () => {
            const composite = (value: T, tail: string) => `${codec.encode(value)}\0${tail}`;
            const ordered = (value: T, tail: string) =>
                escapeTerminator(codec.encode(value)) + TERMINATOR + tail;
            eachPair((a, b) => {
                if (codec.compare(a, b) >= 0) return;
                for (const join of [composite, ordered]) {
                    if (compareKeys(join(a, '\u{10fffe}'), join(b, '')) >= 0) {
                        fail('order is lost inside a key', a, b);
                    }
                }
            });
        });

        it('reads no text that it would not write', () => {
            for (const text of samples.flatMap((value) => mutationsOf(codec.encode(value)))) {
                if (throws(() => codec.decode(text))) continue;
                if (codec.encode(codec.decode(text)) !== text) fail('decode accepts', text);
            }
            for (const text of refusedTexts) {
                if (!throws(() => codec.decode(text))) fail('decode accepts', text);
            }
        });

        it('refuses what it cannot write', () => {
            for (const value of refused) {
                if (!throws(() => codec.encode(value as T))) fail('encode accepts', value);
            }
        });
    });
}
