import type { AnyPart, PartValues, ShardedKey } from '@goodput/keys';
import { AmountScale, storedUnits, type Amount } from './amount.js';
import { ChaincodeError } from './errors.js';
import { unitOfContext, type UnitContext } from './rows.js';
import type { UnitOfWork } from './unit-of-work.js';

/** How a {@link BoundedCounter} counts. */
export interface BoundedCounterOptions {
    /** Decimals of an amount. @default 0 */
    readonly scale?: number;
    /**
     * Shards a transaction may ask when its own has too little. More find the last units; fewer meet
     * fewer other transactions.
     *
     * @default all of them
     */
    readonly probes?: number;
}

/** What is counted, and the field whose value picks the shard. */
export type ShardTarget<P extends readonly AnyPart[], B extends AnyPart> = PartValues<P> &
    PartValues<readonly [B]>;

/**
 * A counter that never falls below zero, split into allowances: each shard may give away what it has,
 * and asks nobody. Transactions of different shards do not meet. Made by {@link boundedCounter}.
 */
export class BoundedCounter<P extends readonly AnyPart[], B extends AnyPart> {
    readonly #key: ShardedKey<string, P, B>;
    readonly #scale: AmountScale;
    readonly #probes: number;

    constructor(key: ShardedKey<string, P, B>, options: BoundedCounterOptions) {
        this.#key = key;
        this.#scale = new AmountScale(options.scale ?? 0);
        this.#probes = Math.min(options.probes ?? key.shards, key.shards);
        if (!Number.isInteger(this.#probes) || this.#probes < 1) {
            throw new ChaincodeError(
                'CHAINCODE_SETUP_INVALID',
                `probes is ${String(options.probes)}; give a whole number above 0`,
            );
        }
    }

    /** Adds to the shard the target picks. */
    async put(ctx: UnitContext, target: ShardTarget<P, B>, amount: Amount): Promise<void> {
        const units = this.#scale.positive(amount);
        const unit = unitOfContext(ctx);
        const key = this.#shardsFrom(target)[0] ?? '';
        await unit.putState(key, String((await this.#has(unit, key)) + units));
    }

    /**
     * Takes an amount, from the target's own shard if it has as much, otherwise from the ones after it
     * as well. When they do not have it together nothing is written and `CHAINCODE_BOUND_EXCEEDED` is
     * thrown.
     */
    async take(ctx: UnitContext, target: ShardTarget<P, B>, amount: Amount): Promise<void> {
        const units = this.#scale.positive(amount);
        const unit = unitOfContext(ctx);
        const taken = new Map<string, bigint>();
        let missing = units;
        for (const key of this.#shardsFrom(target).slice(0, this.#probes)) {
            const has = await this.#has(unit, key);
            const part = has < missing ? has : missing;
            if (part > 0n) taken.set(key, has - part);
            missing -= part;
            if (missing === 0n) break;
        }
        if (missing > 0n) this.#refuse(units, missing);
        for (const [key, left] of taken) await unit.putState(key, String(left));
    }

    /** Spreads an amount evenly over all shards, on top of what they have. */
    async fill(ctx: UnitContext, counted: PartValues<P>, amount: Amount): Promise<void> {
        const unit = unitOfContext(ctx);
        const shards = await this.#all(unit, counted);
        await this.#spread(unit, shards, this.#scale.positive(amount));
    }

    /** Evens out the shards. It reads and writes all of them: do it when it is quiet. */
    async rebalance(ctx: UnitContext, counted: PartValues<P>): Promise<void> {
        const unit = unitOfContext(ctx);
        const shards = await this.#all(unit, counted);
        const total = shards.reduce((sum, { has }) => sum + has, 0n);
        await this.#spread(
            unit,
            shards.map(({ key, has }) => ({ key, has: 0n, was: has })),
            total,
        );
    }

    /** All there is, in smallest units. In a writing transaction it conflicts with everybody. */
    async read(ctx: UnitContext, counted: PartValues<P>): Promise<bigint> {
        const shards = await this.#all(unitOfContext(ctx), counted);
        return shards.reduce((sum, { has }) => sum + has, 0n);
    }

    /** Decimal text of smallest units. */
    text(units: bigint): string {
        return this.#scale.text(units);
    }

    async #has(unit: UnitOfWork, key: string): Promise<bigint> {
        return storedUnits(await unit.getState(key));
    }

    async #all(unit: UnitOfWork, counted: PartValues<P>): Promise<{ key: string; has: bigint }[]> {
        const shards: { key: string; has: bigint }[] = [];
        for (const key of this.#key.all(counted))
            shards.push({ key, has: await this.#has(unit, key) });
        return shards;
    }

    async #spread(
        unit: UnitOfWork,
        shards: readonly { readonly key: string; readonly has: bigint; readonly was?: bigint }[],
        total: bigint,
    ): Promise<void> {
        const count = BigInt(shards.length);
        for (const [index, { key, has, was }] of shards.entries()) {
            const share = total / count + (BigInt(index) < total % count ? 1n : 0n);
            if (has + share !== (was ?? has)) await unit.putState(key, String(has + share));
        }
    }

    /** The keys of all shards, the target's own first and the others in a fixed order after it. */
    #shardsFrom(target: ShardTarget<P, B>): string[] {
        const own = this.#key.build(target);
        const all = this.#key.all(target);
        const first = all.indexOf(own);
        return [...all.slice(first), ...all.slice(0, first)];
    }

    #refuse(wanted: bigint, missing: bigint): never {
        throw new ChaincodeError(
            'CHAINCODE_BOUND_EXCEEDED',
            `${this.#key.name} has ${this.#scale.text(wanted - missing)} of the ${this.#scale.text(wanted)} wanted in the ${this.#probes} shards asked`,
            { wanted: this.#scale.text(wanted), found: this.#scale.text(wanted - missing) },
        );
    }
}

/**
 * Makes a counter with a floor of zero of a key from `defineShardedKey`.
 *
 * @example
 * ```ts
 * import { boundedCounter, type GoodputContext } from '@goodput/chaincode';
 * import { defineShardedKey, part, string } from '@goodput/keys';
 *
 * const stock = boundedCounter(
 *   defineShardedKey({
 *     name: 'stock',
 *     parts: [part('sku', string())],
 *     shardBy: part('order', string()),
 *     shards: 16,
 *   }),
 * );
 *
 * export async function sell(ctx: GoodputContext, sku: string, order: string): Promise<void> {
 *   await stock.take(ctx, { sku, order }, 1n);
 * }
 * ```
 */
export function boundedCounter<const P extends readonly AnyPart[], const B extends AnyPart>(
    key: ShardedKey<string, P, B>,
    options: BoundedCounterOptions = {},
): BoundedCounter<P, B> {
    return new BoundedCounter(key, options);
}
