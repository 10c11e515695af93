import { builtIn, type Codec } from '../codec.js';
import { makeKey } from '../define-key.js';
import { escapeTerminator, TERMINATOR, unescapeTerminator } from '../escape.js';
import type { LedgerKey, OrderedKey } from '../ledger-key.js';
import { part, type AnyPart, type Part, type PartValues } from '../part.js';
import { refuse, refuseText } from '../refuse.js';
import { compareKeys } from '../text.js';

/** What {@link defineIndexKey} takes. */
export interface IndexDefinition<N extends string, P extends readonly AnyPart[]> {
    readonly name: N;
    /** What the index sorts by. @example [part('ward', string()), part('dueAt', timestamp())] */
    readonly on: P;
    /** The definition of the rows it points to. */
    readonly row: LedgerKey;
}

/** All parts of an index key. */
export type IndexParts<P extends readonly AnyPart[]> = readonly [...P, Part<'row', string>];

/** How an index must change when its row does. */
export interface IndexChange {
    /** Keys to delete. */
    readonly remove: string[];
    /** Keys to write, with any non-empty value. */
    readonly put: string[];
}

/**
 * A secondary index made by hand: the values it sorts by, and the key of the row. It works on both state
 * databases and is phantom-checked, which a rich query is not.
 *
 * Conflicts: as its row's, because it ends with the row's key. A transaction that scans a range
 * of the index conflicts with rows that enter or leave that range.
 */
export interface IndexKey<N extends string, P extends readonly AnyPart[]> extends OrderedKey<
    N,
    IndexParts<P>
> {
    readonly pattern: 'index';
    /** What to delete and write when a row's indexed values change; `undefined` for no row. */
    changes(
        row: string,
        before: PartValues<P> | undefined,
        after: PartValues<P> | undefined,
    ): IndexChange;
}

/** The key that has these texts as its parts. */
function joinTexts(row: LedgerKey, texts: readonly string[]): string {
    const composite = row.layout === 'composite';
    const terminator = composite ? '\0' : TERMINATOR;
    const escape = composite ? (text: string) => text : escapeTerminator;
    return texts.reduce((key, text) => key + escape(text) + terminator, row.extent.startKey);
}

/** Writes a whole key of another definition as one part: the texts of its parts, as a tuple has them. */
function rowKey(row: LedgerKey): Codec<string> {
    const kind = `key(${row.name})`;
    return builtIn('legal', {
        kind,
        encode(key) {
            const texts = row.tryParse(key) && row.split(key);
            if (texts === undefined) {
                return refuse(
                    'KEY_PART_FORMAT',
                    `must be a key of ${row.name}`,
                    typeof key,
                    `Give what ${row.name}.build() returned.`,
                );
            }
            return texts.map((text) => escapeTerminator(text) + TERMINATOR).join('');
        },
        decode(text) {
            const texts = text.split(TERMINATOR);
            if (texts.pop() !== '') refuseText(kind, text);
            const key = joinTexts(
                row,
                texts.map((each) => unescapeTerminator(each) ?? refuseText(kind, text)),
            );
            if (row.tryParse(key) === undefined) refuseText(kind, text);
            return key;
        },
        compare: compareKeys,
    });
}

/**
 * Defines keys of a secondary index.
 *
 * @example
 * ```ts
 * import { defineIndexKey, defineKey, part, string, uuid } from '@goodput/keys';
 *
 * const order = defineKey({ name: 'order', layout: 'composite', parts: [part('id', uuid())] });
 * const byWard = defineIndexKey({ name: 'order.byWard', on: [part('ward', string())], row: order });
 * const row = order.build({ id: '0190163d-8694-739b-aea5-966c26f8ad91' });
 * const key = byWard.build({ ward: 'icu', row });
 * console.log(byWard.parse(key).row === row); // => true
 * console.log(byWard.changes(row, { ward: 'icu' }, { ward: 'icu' }).put.length); // => 0
 * ```
 */
export function defineIndexKey<const N extends string, const P extends readonly AnyPart[]>(
    definition: IndexDefinition<N, P>,
): IndexKey<N, P> {
    const { name, on, row } = definition;
    const phi = row.parts.some((each) => each.phi);
    const key = makeKey({
        name,
        layout: 'ordered',
        parts: [...on, part('row', rowKey(row), { phi })],
    });
    function changes(rowText: string, before: object | undefined, after: object | undefined) {
        const old = before && key.build({ ...before, row: rowText });
        const fresh = after && key.build({ ...after, row: rowText });
        if (old === fresh) return { remove: [], put: [] };
        return {
            remove: old === undefined ? [] : [old],
            put: fresh === undefined ? [] : [fresh],
        };
    }
    const made = { ...key, pattern: 'index', changes };
    return Object.freeze(made) as unknown as IndexKey<N, P>;
}
