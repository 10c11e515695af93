import { KeyError } from './errors.js';
import { AFTER_TERMINATOR } from './escape.js';
import { KeyText, type Values } from './key-text.js';
import type {
    CompositeKey,
    KeyDefinition,
    KeyLayout,
    KeyRange,
    LedgerKey,
    OrderedKey,
    PartialComposite,
    RangeBounds,
} from './ledger-key.js';
import { checkPart, type AnyPart } from './part.js';
import { compareKeys, utf8Length } from './text.js';

/** Most parts a key may have. */
export const MAX_PARTS = 16;

const nameBytes = 64;
// Control characters would confuse layouts, and "/", "{", "}" would confuse templates.
// eslint-disable-next-line no-control-regex
const badInName = /[\u0000-\u001f\u007f/{}]|\p{Surrogate}|\u{10ffff}/u;

function checkDefinition(name: string, layout: KeyLayout, parts: readonly AnyPart[]): void {
    const invalid = (problem: string, value: unknown, fix: string): KeyError =>
        new KeyError('KEY_NAME_INVALID', { problem, value, fix });
    if (typeof name !== 'string' || name === '' || badInName.test(name)) {
        throw invalid(
            "a key's name must be text without control characters, /, { and }",
            name,
            'Rename the key.',
        );
    }
    if (utf8Length(name) > nameBytes) {
        throw invalid(`a key's name must have at most ${nameBytes} bytes`, name, 'Shorten it.');
    }
    if (!['composite', 'ordered'].includes(layout)) {
        throw new KeyError('KEY_DEFINITION_INVALID', {
            key: name,
            problem: "layout must be 'composite' or 'ordered'",
            value: layout,
            fix: "Take 'ordered' when you scan from one value to another.",
        });
    }
    if (layout === 'ordered' && !/^[A-Za-z]/.test(name)) {
        throw invalid("an ordered key's name must begin with a letter", name, 'Rename the key.');
    }
    if (!Array.isArray(parts)) {
        throw new KeyError('KEY_DEFINITION_INVALID', {
            key: name,
            problem: 'parts must be a list',
            value: parts,
            fix: 'Give parts: [part(name, codec), …].',
        });
    }
    // A list may have holes, which forEach would skip.
    for (const each of parts as readonly AnyPart[]) checkPart(each);
    const names = parts.map((part: AnyPart) => part.name);
    const twice = names.find((each, index) => names.indexOf(each) !== index);
    if (parts.length === 0 || parts.length > MAX_PARTS || twice !== undefined) {
        throw new KeyError('KEY_DEFINITION_INVALID', {
            key: name,
            problem:
                twice === undefined
                    ? `a key has 1 to ${MAX_PARTS} parts, not ${parts.length}`
                    : `two parts are called ${twice}`,
            fix: 'Change the list of parts.',
        });
    }
}

/** Refuses what is no object of values, which only JavaScript without types can give. */
export function checkObject(key: string, values: unknown): void {
    if (typeof values === 'object' && values !== null) return;
    throw new KeyError('KEY_PART_TYPE', {
        key,
        problem: 'the values must be an object with a member for each part',
        fix: 'Give an object.',
    });
}

/**
 * The values of exactly these parts. A scan of "one counter" would otherwise silently be one of all of
 * them where a part was left out, or of a piece where a part too many was given.
 */
export function onlyThese(key: string, parts: readonly AnyPart[], values: object): Values {
    checkObject(key, values);
    const given = values as Values;
    return Object.fromEntries(parts.map(({ name }) => [name, given[name]]));
}

/** Number of leading parts that are given; refuses gaps, unknown names and full keys. */
function prefixCount(text: KeyText, parts: readonly AnyPart[], values: Values): number {
    const names = parts.map(({ name }) => name);
    checkObject(text.name, values);
    const given = Object.keys(values);
    const unknown = given.find((name) => !names.includes(name));
    if (unknown !== undefined) {
        throw new KeyError('KEY_PART_UNKNOWN', {
            key: text.name,
            part: unknown,
            problem: 'is not a part of the key',
            fix: `Its parts are ${names.join(', ')}.`,
        });
    }
    const gap = names.slice(0, given.length).find((name) => !given.includes(name));
    if (gap !== undefined) {
        throw new KeyError('KEY_PREFIX_GAP', {
            key: text.name,
            part: gap,
            problem: 'is left out of the prefix though a later part is given',
            fix: `A prefix names the first parts, in this order: ${names.join(', ')}.`,
        });
    }
    if (given.length === parts.length) {
        throw new KeyError('KEY_PREFIX_FULL', {
            key: text.name,
            problem: 'the prefix names every part, so it is one whole key',
            fix: 'Read it with build() and getState: a scan would record a range for nothing.',
        });
    }
    return given.length;
}

/** `text` with its terminator raised by one: the end of everything that begins with `text`. */
function endOf(text: string, afterTerminator: string): string {
    return text.slice(0, -1) + afterTerminator;
}

function ordered(text: KeyText, start: string, end: string): KeyRange {
    if (compareKeys(start, end) > 0) {
        throw new KeyError('KEY_RANGE_REVERSED', {
            key: text.name,
            problem: 'the range ends before it begins',
            fix: 'Exchange from and to; for newest-first parts, too, from is the earlier value.',
        });
    }
    return { startKey: start, endKey: end };
}

/** A misspelt end would be taken for an open one, and the scan would meet every row. */
function checkBounds(key: string, bounds: object): void {
    checkObject(key, bounds);
    const unknown = Object.keys(bounds).find((end) => end !== 'from' && end !== 'to');
    if (unknown === undefined) return;
    throw new KeyError('KEY_PART_UNKNOWN', {
        key,
        part: unknown,
        problem: 'is not an end of a range',
        fix: 'Give { from, to }, or one of them, or {}.',
    });
}

type OrderedMembers = Pick<OrderedKey<string, readonly AnyPart[]>, 'between'> & {
    prefix(values: Values): KeyRange;
    range(prefix: Values, bounds: RangeBounds<unknown>): KeyRange;
};

function orderedMembers(text: KeyText, parts: readonly AnyPart[]): OrderedMembers {
    const prefixText = (values: Values): string =>
        text.join(values, prefixCount(text, parts, values));
    return {
        prefix(values) {
            const startKey = prefixText(values);
            return { startKey, endKey: endOf(startKey, AFTER_TERMINATOR) };
        },
        range(values, bounds) {
            const count = prefixCount(text, parts, values);
            const prefix = text.join(values, count);
            const whole = { startKey: prefix, endKey: endOf(prefix, AFTER_TERMINATOR) };
            const at = (value: unknown): string => text.extend(prefix, count, value);
            checkBounds(text.name, bounds);
            const { from, to } = bounds;
            if (parts[count]?.codec.descending !== true) {
                return ordered(
                    text,
                    from === undefined ? whole.startKey : at(from),
                    to === undefined ? whole.endKey : at(to),
                );
            }
            // Greater values come first: begin behind those equal to `to`, end behind `from`'s.
            return ordered(
                text,
                to === undefined ? whole.startKey : endOf(at(to), AFTER_TERMINATOR),
                from === undefined ? whole.endKey : endOf(at(from), AFTER_TERMINATOR),
            );
        },
        between(from, to) {
            const endKey = prefixText(to);
            const isWhole = endKey === text.start;
            return ordered(
                text,
                prefixText(from),
                isWhole ? endOf(endKey, AFTER_TERMINATOR) : endKey,
            );
        },
    };
}

function compositeMembers(text: KeyText, parts: readonly AnyPart[]) {
    const noRange = (): never => {
        throw new KeyError('KEY_RANGE_COMPOSITE', {
            key: text.name,
            problem: 'Fabric offers no range scan inside composite keys',
            fix: "Define the key with layout 'ordered', or scan whole attributes with prefix().",
        });
    };
    return {
        attributes: (values: Values): string[] => text.attributes(values),
        prefix(values: Values): PartialComposite {
            const count = prefixCount(text, parts, values);
            const startKey = text.join(values, count);
            return {
                objectType: text.name,
                attributes: text.split(startKey) ?? [],
                startKey,
                endKey: `${startKey}\u{10ffff}`,
            };
        },
        range: noRange,
        between: noRange,
    };
}

/**
 * Defines a key: its name, how its parts are joined, and how each is written.
 *
 * Layout `composite` gives what `stub.createCompositeKey` gives. Layout `ordered` gives a simple key,
 * which, unlike a composite one, `getStateByRange` scans from anywhere to anywhere, also in a
 * transaction that writes.
 *
 * @example
 * ```ts
 * import { defineKey, enumOf, part, string, timestamp } from '@goodput/keys';
 *
 * const vital = defineKey({
 *   name: 'vital',
 *   layout: 'ordered',
 *   parts: [
 *     part('patient', string(), { phi: true }),
 *     part('code', enumOf('heart-rate', 'spo2')),
 *     part('at', timestamp()),
 *   ],
 * });
 * const key = vital.build({ patient: 'p1', code: 'spo2', at: Date.UTC(2026, 0, 1) });
 * console.log(vital.parse(key).code); // => spo2
 * console.log(vital.template); // => vital/{patient}/{code}/{at}
 *
 * // Everything of one patient and code in a day, for stub.getStateByRange:
 * const { startKey, endKey } = vital.range(
 *   { patient: 'p1', code: 'spo2' },
 *   { from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 0, 2) },
 * );
 * console.log(startKey <= key && key < endKey); // => true
 * ```
 */
export function defineKey<const N extends string, const P extends readonly AnyPart[]>(
    definition: KeyDefinition<N, 'composite', P>,
): CompositeKey<N, P>;
export function defineKey<const N extends string, const P extends readonly AnyPart[]>(
    definition: KeyDefinition<N, 'ordered', P>,
): OrderedKey<N, P>;
export function defineKey(
    definition: KeyDefinition<string, KeyLayout, readonly AnyPart[]>,
): unknown {
    return makeKey(definition);
}

/** A key whose types its maker states: what the patterns are built on. */
export interface UntypedKey extends LedgerKey {
    build(values: Values): string;
    parse(key: string): Values;
    prefix(values: Values): KeyRange;
    range(prefix: Values, bounds: RangeBounds<unknown>): KeyRange;
}

/** {@link defineKey} without its types. */
export function makeKey(
    definition: KeyDefinition<string, KeyLayout, readonly AnyPart[]>,
): UntypedKey {
    const { name, layout } = definition;
    checkDefinition(name, layout, definition.parts);
    const parts = Object.freeze([...definition.parts]);
    const text = new KeyText(name, layout, parts);
    const composite = layout === 'composite';
    return Object.freeze({
        name,
        layout,
        parts,
        template: `${name}${parts.map((each) => `/{${each.name}}`).join('')}`,
        extent: composite
            ? { startKey: text.start, endKey: `${text.start}\u{10ffff}` }
            : { startKey: text.start, endKey: endOf(text.start, AFTER_TERMINATOR) },
        build: (values: Values) => text.build(values),
        parse: (key: string) => text.parse(key),
        tryParse(key: string): Values | undefined {
            try {
                return text.parse(key);
            } catch (error) {
                if (error instanceof KeyError) return undefined;
                throw error;
            }
        },
        split: (key: string) => text.split(key),
        ...(composite ? compositeMembers(text, parts) : orderedMembers(text, parts)),
    });
}
