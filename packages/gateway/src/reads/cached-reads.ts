import type { CacheRule, SecondLevelCache } from '../client/options.js';
import type { KeyChange, KnownWrites } from '../reorder/known-writes.js';
import { readWriteSetOf } from '../strategy/key-learner.js';
import type { Call, Endorsed } from '../transport/transport.js';
import type { CachedRead, ReadCache } from './read-cache.js';
import { footprintOf, isTouchedBy, type Footprint } from './read-footprint.js';

/** What cached reads are made of. */
export interface CachedReadsParts {
    readonly cache: ReadCache;
    readonly known: KnownWrites;
    /** Whether all blocks known to exist have come in; without them nothing cached may be believed. */
    readonly live: () => boolean;
    /** Blocks seen so far. */
    readonly height: () => bigint;
    /** Endorses the read: the only call that says what was read. */
    readonly endorse: (call: Call) => Promise<Endorsed>;
    readonly secondLevel?: SecondLevelCache | undefined;
    /** Who reads on which channel: what a contract answers may depend on either. */
    readonly reader: string;
    /** Told when the second level fails; reads go on without it. */
    readonly secondLevelFailed?: (error: unknown) => void;
}

/** Counts of what the cache did. */
export interface ReadCounts {
    readonly hits: number;
    readonly secondLevelHits: number;
    readonly misses: number;
    /** Reads that joined one under way. */
    readonly shared: number;
    readonly invalidated: number;
}

interface Loading {
    readonly rule: CacheRule;
    readonly changes: readonly KeyChange[];
    readonly askSecond: boolean;
}

interface UnderWay {
    readonly promise: Promise<Uint8Array>;
    /** Changed while it is read. */
    readonly changes: KeyChange[];
}

const longestAgeMs = 60_000;

/** Names a call. */
export function nameOfCall({ chaincode, contract, transaction, args }: Call): string {
    const texts = args.map((arg) =>
        typeof arg === 'string' ? arg : { base64: Buffer.from(arg).toString('base64') },
    );
    return JSON.stringify([chaincode, contract ?? '', transaction, texts]);
}

/**
 * Reads that are answered from memory until a block changes a key they rest on. What a read rests
 * on is known from its read set, which is why a miss is endorsed rather than evaluated.
 */
export class CachedReads {
    readonly #parts: CachedReadsParts;
    readonly #underWay = new Map<string, UnderWay>();
    readonly #counts = { hits: 0, secondLevelHits: 0, misses: 0, shared: 0, invalidated: 0 };

    constructor(parts: CachedReadsParts) {
        this.#parts = parts;
    }

    get counts(): ReadCounts {
        return { ...this.#counts };
    }

    async read(call: Call, rule: CacheRule): Promise<Uint8Array> {
        const name = nameOfCall(call);
        const entry = this.#usable(name, rule);
        if (entry !== undefined) {
            this.#counts.hits += 1;
            if (isStaleByAge(entry, rule)) this.#renew(name, call, rule);
            return Uint8Array.from(entry.result);
        }
        const underWay = this.#underWay.get(name);
        // One that something has changed under must not be shared by who comes after the change.
        if (underWay?.changes.length === 0) {
            this.#counts.shared += 1;
            return Uint8Array.from(await underWay.promise);
        }
        return Uint8Array.from(await this.#fetch(name, call, rule));
    }

    /** A block changed these keys. */
    changed(changes: readonly KeyChange[]): void {
        for (const { changes: seen } of this.#underWay.values()) {
            for (const change of changes) seen.push(change);
        }
        const dropped = this.#parts.cache.invalidate(changes);
        this.#counts.invalidated += dropped.length;
        for (const name of dropped) this.#forgetSecondLevel(name);
    }

    /** Blocks may have been missed: nothing in memory can be believed. */
    clear(): void {
        this.#parts.cache.clear();
    }

    #usable(name: string, rule: CacheRule): CachedRead | undefined {
        const { cache, live } = this.#parts;
        const entry = live() ? cache.get(name) : undefined;
        if (entry === undefined) return undefined;
        if (isYoung(entry, rule)) return entry;
        cache.delete(name);
        return undefined;
    }

    #renew(name: string, call: Call, rule: CacheRule): void {
        if (this.#underWay.has(name)) return;
        // The answer in use stays in use until it is too old; failing to renew it is no failure.
        this.#fetch(name, call, rule, false).catch(() => undefined);
    }

    /** @param askSecond - whether an answer that another process has had will do */
    #fetch(name: string, call: Call, rule: CacheRule, askSecond = true): Promise<Uint8Array> {
        const changes: KeyChange[] = [];
        const promise = this.#load(name, call, { rule, changes, askSecond }).finally(() => {
            if (this.#underWay.get(name)?.promise === promise) this.#underWay.delete(name);
        });
        this.#underWay.set(name, { promise, changes });
        return promise;
    }

    async #load(
        name: string,
        call: Call,
        { rule, changes, askSecond }: Loading,
    ): Promise<Uint8Array> {
        const shared = askSecond ? await this.#fromSecondLevel(name, rule) : undefined;
        if (shared !== undefined && this.#keep(name, shared, changes)) {
            this.#counts.secondLevelHits += 1;
            return shared.result;
        }
        this.#counts.misses += 1;
        const readAt = performance.now();
        const { bytes, result } = await this.#parts.endorse(call);
        const rwset = readWriteSetOf(bytes);
        // What reads nothing that is recorded (a rich query without results) cannot be kept current.
        const footprint = rwset && footprintOf(rwset);
        if (rwset === undefined || footprint === undefined || isEmpty(footprint)) return result;
        const { known } = this.#parts;
        const stale = known.isStale(rwset) || known.mayHaveMissed(rwset);
        if (!stale && this.#keep(name, { result, footprint, readAt }, changes)) {
            this.#toSecondLevel(name, { result, footprint, readAt }, rule.ttlMs ?? longestAgeMs);
        }
        return result;
    }

    #keep(name: string, entry: CachedRead, changes: readonly KeyChange[]): boolean {
        if (!this.#parts.live() || isTouchedBy(entry.footprint, changes)) return false;
        this.#parts.cache.set(name, entry);
        return true;
    }

    /** Another process may have stopped dropping what has changed: only what is known unchanged counts. */
    async #fromSecondLevel(name: string, rule: CacheRule): Promise<CachedRead | undefined> {
        const { secondLevel, secondLevelFailed, known } = this.#parts;
        if (secondLevel === undefined || !this.#parts.live()) return undefined;
        try {
            const bytes = await secondLevel.get(this.#sharedName(name));
            const entry = bytes && decodeEntry(bytes);
            if (entry === undefined || !known.unchangedSince(entry.footprint, entry.height)) {
                return undefined;
            }
            return isYoung(entry, rule) ? entry : undefined;
        } catch (error) {
            secondLevelFailed?.(error);
            return undefined;
        }
    }

    #toSecondLevel(name: string, entry: CachedRead, ttlMs: number): void {
        const { height } = this.#parts;
        this.#tellSecondLevel((cache) =>
            cache.set(this.#sharedName(name), encodeEntry(entry, height()), ttlMs),
        );
    }

    #forgetSecondLevel(name: string): void {
        this.#tellSecondLevel((cache) => cache.delete(this.#sharedName(name)));
    }

    /** Other clients, of other identities or channels, may keep theirs in the same place. */
    #sharedName(name: string): string {
        return `${this.#parts.reader} ${name}`;
    }

    /** It is the application's: it may also throw at once. */
    #tellSecondLevel(what: (cache: SecondLevelCache) => Promise<void>): void {
        const { secondLevel, secondLevelFailed } = this.#parts;
        if (secondLevel === undefined) return;
        const told = async (): Promise<void> => what(secondLevel);
        told().catch((error: unknown) => {
            secondLevelFailed?.(error);
        });
    }
}

function isYoung({ readAt }: CachedRead, { ttlMs = longestAgeMs }: CacheRule): boolean {
    return performance.now() - readAt < ttlMs;
}

function isStaleByAge({ readAt }: CachedRead, { staleAfterMs }: CacheRule): boolean {
    return staleAfterMs !== undefined && performance.now() - readAt >= staleAfterMs;
}

function isEmpty({ keys, ranges }: Footprint): boolean {
    return keys.length + ranges.length === 0;
}

/** An answer as other processes find it. */
interface SharedEntry {
    readonly footprint: Footprint;
    /** Up to which block it is known to hold. */
    readonly height: number;
    /** `Date.now()` when it was read. */
    readonly at: number;
    readonly result: string;
}

function encodeEntry({ result, footprint, readAt }: CachedRead, height: bigint): Uint8Array {
    const entry: SharedEntry = {
        footprint,
        height: Number(height),
        at: Date.now() - (performance.now() - readAt),
        result: Buffer.from(result).toString('base64'),
    };
    return Buffer.from(JSON.stringify(entry));
}

function decodeEntry(bytes: Uint8Array): CachedRead & { readonly height: number } {
    const entry = JSON.parse(Buffer.from(bytes).toString('utf8')) as SharedEntry;
    return {
        footprint: entry.footprint,
        height: entry.height,
        result: Buffer.from(entry.result, 'base64'),
        readAt: performance.now() - Math.max(0, Date.now() - entry.at),
    };
}
