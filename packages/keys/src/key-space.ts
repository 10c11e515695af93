import { KeyError } from './errors.js';
import type { LedgerKey } from './ledger-key.js';

/** A declared set of keys that belong together, such as everything clinical. */
export interface KeySpace {
    readonly name: string;
    /** The keys declared, and the companions that come with them. */
    readonly keys: readonly LedgerKey[];
}

/** What {@link defineKeySpace} takes. */
export interface KeySpaceDefinition {
    readonly name: string;
    readonly keys: readonly LedgerKey[];
}

function overlap(problem: string): KeyError {
    return new KeyError('KEY_SPACE_OVERLAP', {
        problem,
        fix: 'Rename one of them, or move it into another namespace (chaincode).',
    });
}

/** Refuses keys of one namespace that could be taken for each other. */
function checkApart(keys: readonly LedgerKey[], foreign: readonly string[]): void {
    const seen = new Map<string, LedgerKey>();
    for (const key of keys) {
        const other = seen.get(key.name);
        if (other !== undefined && other !== key) {
            throw overlap(
                `two keys are called ${key.name} (${other.parts.length} parts ${other.layout}, ${key.parts.length} parts ${key.layout}), so a scan of one meets rows of the other`,
            );
        }
        if (other === key) throw overlap(`the key ${key.name} is declared twice`);
        seen.set(key.name, key);
    }
    for (const prefix of foreign) {
        const met = keys.find(
            ({ extent: { startKey } }) =>
                startKey.startsWith(prefix) || prefix.startsWith(startKey),
        );
        if (met !== undefined || prefix === '') {
            throw overlap(
                met === undefined
                    ? 'a foreign prefix is empty'
                    : `a foreign prefix and the key ${met.name} overlap`,
            );
        }
    }
}

/** Declares keys that belong together; refuses two that could be taken for each other. */
export function defineKeySpace(definition: KeySpaceDefinition): KeySpace {
    const { name } = definition;
    if (typeof name !== 'string' || name.trim() === '') {
        throw new KeyError('KEY_NAME_INVALID', {
            problem: 'a key space needs a name',
            value: name,
            fix: 'Name it.',
        });
    }
    const keys = definition.keys.flatMap((key) => [key, ...(key.companions ?? [])]);
    checkApart(keys, []);
    return Object.freeze({ name, keys: Object.freeze(keys) });
}

/** What {@link defineKeySpaces} takes. */
export interface KeySpacesDefinition {
    readonly spaces: readonly KeySpace[];
    /**
     * Names of spaces that one transaction may write together, in pairs. @default none
     * @example [['clinical', 'audit']]
     */
    readonly together?: readonly (readonly [string, string])[];
    /**
     * What keys made elsewhere in the same namespace begin with; refused when they could meet a
     * declared key. @default none @example ['config:']
     */
    readonly foreign?: readonly string[];
}

/** All key spaces of one namespace. */
export interface KeySpaces {
    readonly spaces: readonly KeySpace[];
    /** Every key of every space. */
    readonly keys: readonly LedgerKey[];
    /** The space that holds a raw key, if any. */
    spaceOf(key: string): KeySpace | undefined;
    /** Whether one transaction may write all of these spaces. */
    mayWriteTogether(names: readonly string[]): boolean;
    /** Refuses the keys one transaction would write, if their spaces must stay apart. */
    checkWrites(keys: readonly string[]): void;
}

/**
 * Declares the key spaces of one namespace and which of them a transaction may write together.
 *
 * Keeping spaces apart keeps transactions small: a clinical write that also touches a billing row
 * inherits every conflict of billing.
 *
 * @example
 * ```ts
 * import { defineKey, defineKeySpace, defineKeySpaces, part, string } from '@goodput/keys';
 *
 * const simple = (name: string) =>
 *   defineKey({ name, layout: 'composite', parts: [part('id', string())] });
 * const note = simple('note');
 * const invoice = simple('invoice');
 * const spaces = defineKeySpaces({
 *   spaces: [
 *     defineKeySpace({ name: 'clinical', keys: [note] }),
 *     defineKeySpace({ name: 'financial', keys: [invoice] }),
 *   ],
 * });
 * console.log(spaces.spaceOf(note.build({ id: 'n1' }))?.name); // => clinical
 * console.log(spaces.mayWriteTogether(['clinical', 'financial'])); // => false
 * ```
 */
export function defineKeySpaces(definition: KeySpacesDefinition): KeySpaces {
    const { spaces, together = [], foreign = [] } = definition;
    const keys = spaces.flatMap((space) => space.keys);
    checkApart(keys, foreign);
    const names = new Set(spaces.map(({ name }) => name));
    if (names.size !== spaces.length) throw overlap('two key spaces have the same name');
    const checkKnown = (name: string): void => {
        if (names.has(name)) return;
        throw new KeyError('KEY_SPACE_UNKNOWN', {
            problem: 'there is no key space of that name',
            value: name,
            fix: `The spaces are ${[...names].join(', ')}.`,
        });
    };
    together.flat().forEach(checkKnown);
    const allowed = new Set(together.flatMap(([a, b]) => [`${a}\n${b}`, `${b}\n${a}`]));

    const spaceOf = (key: string): KeySpace | undefined =>
        spaces.find((space) => space.keys.some(({ extent }) => key.startsWith(extent.startKey)));

    function mayWriteTogether(wanted: readonly string[]): boolean {
        wanted.forEach(checkKnown);
        return wanted.every((a) => wanted.every((b) => a === b || allowed.has(`${a}\n${b}`)));
    }

    function checkWrites(written: readonly string[]): void {
        const found = new Set<string>();
        for (const key of written) {
            const space = spaceOf(key);
            if (space === undefined) {
                throw new KeyError('KEY_SPACE_UNKNOWN', {
                    problem: 'a key to be written belongs to no declared key space',
                    fix: 'Build it with a key of one of the spaces.',
                });
            }
            found.add(space.name);
        }
        if (mayWriteTogether([...found])) return;
        throw new KeyError('KEY_SPACE_MIXED', {
            problem: `one transaction writes the spaces ${[...found].join(', ')}, which must stay apart`,
            fix: 'Write them in separate transactions, or declare the pair in together.',
        });
    }
    return Object.freeze({ spaces, keys, spaceOf, mayWriteTogether, checkWrites });
}
