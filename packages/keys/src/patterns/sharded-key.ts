import { uint } from '../codecs/uint.js';
import { checkObject, makeKey, onlyThese } from '../define-key.js';
import { placeError } from '../errors.js';
import type { KeyRange, LedgerKey } from '../ledger-key.js';
import { checkPart, part, type AnyPart, type Flat, type Part, type PartValues } from '../part.js';
import { refuseOption } from '../refuse.js';

/** What {@link defineShardedKey} takes. */
export interface ShardedDefinition<
    N extends string,
    P extends readonly AnyPart[],
    B extends AnyPart,
> {
    readonly name: N;
    /** What is split into shards. @example [part('item', string())] */
    readonly parts: P;
    /** The field whose value picks the shard; it is not part of the key. @example part('order', uuid()) */
    readonly shardBy: B;
    /** How many shards, 2 to 4096; fixed for the life of the key. @example 16 */
    readonly shards: number;
}

/** All parts of a sharded key. */
export type ShardedParts<P extends readonly AnyPart[]> = readonly [...P, Part<'shard', number>];

/** The values a sharded key is built of: its parts and the field that picks the shard. */
export type ShardingValues<P extends readonly AnyPart[], B extends AnyPart> = Flat<
    PartValues<P> & PartValues<readonly [B]>
>;

/**
 * One hot value split into shards, each picked by a field of the operation, so that every endorser
 * picks the same one.
 *
 * Conflicts: fewer. Two transactions still meet when they pick one shard: of k in a window, one meets
 * another with probability 1 - (1 - 1/shards)^(k - 1) ({@link conflictProbability}). Where the
 * change commutes take {@link DeltaCounterKey}, which never conflicts; shards are for values that must be
 * read before they are written, such as a stock that may not fall below zero.
 */
export interface ShardedKey<
    N extends string,
    P extends readonly AnyPart[],
    B extends AnyPart,
> extends LedgerKey {
    readonly name: N;
    readonly parts: ShardedParts<P>;
    readonly pattern: 'sharded';
    readonly shards: number;
    /** The shard a value of the field picks. */
    shardOf(
        value: ShardingValues<readonly [], B>[B['name'] & keyof ShardingValues<readonly [], B>],
    ): number;
    /** The key of the shard that these values pick. */
    build(values: ShardingValues<P, B>): string;
    parse(key: string): PartValues<ShardedParts<P>>;
    tryParse(key: string): PartValues<ShardedParts<P>> | undefined;
    /** The keys of all shards, for reading each with `getState`. */
    all(values: PartValues<P>): string[];
    /** All shards as one scan. */
    rows(values: PartValues<P>): KeyRange;
}

/**
 * Spreads text evenly over `shards`: FNV-1a over its UTF-8 bytes, stirred by the final mix of
 * MurmurHash3. Part of the key format: it never changes.
 */
export function shardOfText(text: string, shards: number): number {
    let hash = 0x811c9dc5;
    for (const byte of new TextEncoder().encode(text)) {
        hash = Math.imul(hash ^ byte, 0x01000193);
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return ((hash ^ (hash >>> 16)) >>> 0) % shards;
}

/**
 * Defines keys for one hot value split into shards.
 *
 * @example
 * ```ts
 * import { defineShardedKey, part, string } from '@goodput/keys';
 *
 * const stock = defineShardedKey({
 *   name: 'stock',
 *   parts: [part('item', string())],
 *   shardBy: part('order', string()),
 *   shards: 16,
 * });
 * console.log(stock.parse(stock.build({ item: 'saline', order: 'o-77' })).shard); // => 1
 * console.log(stock.all({ item: 'saline' }).length); // => 16
 * ```
 */
export function defineShardedKey<
    const N extends string,
    const P extends readonly AnyPart[],
    const B extends AnyPart,
>(definition: ShardedDefinition<N, P, B>): ShardedKey<N, P, B> {
    const { name, parts, shardBy, shards } = definition;
    if (!Number.isSafeInteger(shards) || shards < 2 || shards > 4096) {
        refuseOption('shards', 'a whole number from 2 to 4096', shards);
    }
    checkPart(shardBy);
    const digits = String(shards - 1).length;
    const key = makeKey({
        name,
        layout: 'ordered',
        parts: [...parts, part('shard', uint({ digits }))],
    });
    const shardOf = (value: unknown): number => {
        try {
            return shardOfText(shardBy.codec.encode(value), shards);
        } catch (error) {
            throw placeError(error, { key: name, part: shardBy.name, phi: shardBy.phi, value });
        }
    };
    const made = {
        ...key,
        pattern: 'sharded',
        shards,
        shardOf,
        build(values: Readonly<Record<string, unknown>>) {
            checkObject(name, values);
            return key.build({ ...values, shard: shardOf(values[shardBy.name]) });
        },
        all: (values: object) =>
            Array.from({ length: shards }, (_, shard) => key.build({ ...values, shard })),
        rows: (values: object) => key.prefix(onlyThese(name, parts, values)),
    };
    return Object.freeze(made) as unknown as ShardedKey<N, P, B>;
}
