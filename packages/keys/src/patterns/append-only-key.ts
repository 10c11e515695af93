import { makeKey } from '../define-key.js';
import type { OrderedKey } from '../ledger-key.js';
import type { AnyPart } from '../part.js';
import { stampParts, type StampParts } from './stamp.js';

/** What {@link defineAppendOnlyKey} takes. */
export interface AppendOnlyDefinition<N extends string, P extends readonly AnyPart[]> {
    readonly name: N;
    /** What the rows are appended to. @example [part('patient', string(), { phi: true })] */
    readonly stream: P;
}

/** All parts of an append-only key. */
export type AppendOnlyParts<P extends readonly AnyPart[]> = readonly [...P, ...StampParts];

/**
 * Rows that are only ever added: stream, transaction, sequence.
 *
 * Conflicts: none. Write them blind (`putState` without `getState`): the transaction id makes each new
 * row unlike every other. Rows of a stream come in no particular order of time; where you need that,
 * take a time series.
 */
export interface AppendOnlyKey<N extends string, P extends readonly AnyPart[]> extends OrderedKey<
    N,
    AppendOnlyParts<P>
> {
    readonly pattern: 'append-only';
}

/**
 * Defines keys for rows that are only ever added.
 *
 * @example
 * ```ts
 * import { defineAppendOnlyKey, part, string } from '@goodput/keys';
 *
 * const note = defineAppendOnlyKey({ name: 'note', stream: [part('patient', string())] });
 * const key = note.build({ patient: 'p1', tx: 'ab'.repeat(32), seq: 0 });
 * console.log(note.parse(key).seq); // => 0
 * ```
 */
export function defineAppendOnlyKey<const N extends string, const P extends readonly AnyPart[]>(
    definition: AppendOnlyDefinition<N, P>,
): AppendOnlyKey<N, P> {
    const { name, stream } = definition;
    const key = makeKey({ name, layout: 'ordered', parts: [...stream, ...stampParts] });
    const made = { ...key, pattern: 'append-only' };
    return Object.freeze(made) as unknown as AppendOnlyKey<N, P>;
}
