import { makeKey } from '../define-key.js';
import type { CompositeKey } from '../ledger-key.js';
import type { AnyPart } from '../part.js';

/** What {@link defineUniqueKey} takes. */
export interface UniqueDefinition<N extends string, P extends readonly AnyPart[]> {
    readonly name: N;
    /** What may exist once only. @example [part('registry', enumOf('nhs')), part('number', string())] */
    readonly claim: P;
}

/**
 * A claim on a value that may exist once: a registration number, an idempotency token.
 *
 * Conflicts: on purpose. Read the key with `getState`, and write the claimant under it when it is missing:
 * of two claims at once Fabric commits exactly one. Bring the value into one form first (case, spaces,
 * NFC), or two spellings are two claims; and for something secret claim its HMAC, with {@link hash}.
 */
export interface UniqueKey<N extends string, P extends readonly AnyPart[]> extends CompositeKey<
    N,
    P
> {
    readonly pattern: 'unique';
}

/**
 * Defines keys that claim a value.
 *
 * @example
 * ```ts
 * import { defineUniqueKey, part, string } from '@goodput/keys';
 *
 * const licence = defineUniqueKey({ name: 'licence', claim: [part('number', string())] });
 * console.log(licence.build({ number: 'GMC-7' }) === '\0licence\0GMC-7\0'); // => true
 * ```
 */
export function defineUniqueKey<const N extends string, const P extends readonly AnyPart[]>(
    definition: UniqueDefinition<N, P>,
): UniqueKey<N, P> {
    const { name, claim } = definition;
    const key = makeKey({ name, layout: 'composite', parts: claim });
    return Object.freeze({ ...key, pattern: 'unique' }) as unknown as UniqueKey<N, P>;
}
