import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { ChaincodeError } from './errors.js';

/** How much an {@link ArtefactCache} may hold. */
export interface ArtefactCacheOptions<T extends object> {
    /** Bytes of content whose artefacts are kept. @default 16 MiB @example 1_000_000 */
    readonly maxBytes?: number;
    /** What an artefact costs, when its content's length says too little. @default content length */
    readonly sizeOf?: (artefact: T, contentBytes: number) => number;
}

const DEFAULT_BYTES = 16 * 1024 * 1024;

/** The SHA-256 of some content, in hex: the name an {@link ArtefactCache} knows it by. */
export function contentHash(content: string | Uint8Array): string {
    return createHash('sha256').update(content).digest('hex');
}

/**
 * Things made of ledger content that are worth keeping between transactions: a compiled policy, a schema.
 *
 * The only name a thing can have is the hash of what it was made of, which the cache computes itself.
 * So nothing can be kept as "the latest" of anything, and two endorsers, one with a full cache and one
 * just started, cannot come to different results. `make` must depend on the content alone.
 *
 * @example
 * ```ts
 * import { ArtefactCache } from '@goodput/chaincode';
 *
 * const policies = new ArtefactCache<{ words: string[] }>((text) => ({ words: text.split(' ') }));
 * const once = policies.of('allow read');
 * console.log(policies.of('allow read') === once); // => true
 * ```
 */
export class ArtefactCache<T extends object> {
    readonly #make: (content: string) => T;
    readonly #kept: LRUCache<string, T>;
    readonly #sizeOf: (artefact: T, contentBytes: number) => number;

    constructor(make: (content: string) => T, options: ArtefactCacheOptions<T> = {}) {
        const { maxBytes = DEFAULT_BYTES, sizeOf = (_made: T, bytes: number) => bytes } = options;
        if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) {
            throw new ChaincodeError(
                'CHAINCODE_SETUP_INVALID',
                `maxBytes is ${String(maxBytes)}; give a whole number above 0`,
            );
        }
        this.#make = make;
        this.#sizeOf = sizeOf;
        this.#kept = new LRUCache({ maxSize: maxBytes });
    }

    /** How many artefacts are kept. */
    get size(): number {
        return this.#kept.size;
    }

    /**
     * What is kept of the content with that hash. Whoever uses it in place of {@link ofHash} must see to it
     * that the transaction records the same reads as when nothing is kept.
     */
    kept(hash: string): T | undefined {
        return this.#kept.get(hash);
    }

    /** What the content makes, made at most once while it is kept. */
    of(content: string): T {
        return this.#get(contentHash(content), content);
    }

    /**
     * The same for content the ledger names by its hash, which is refused when it does not have it.
     *
     * It is loaded each time, kept or not: loading reads the ledger, and endorsers of which some have a
     * full cache and some an empty one must record the same reads. What is saved is making the artefact.
     */
    async ofHash(hash: string, load: () => Promise<string>): Promise<T> {
        const content = await load();
        if (contentHash(content) !== hash) {
            throw new ChaincodeError(
                'CHAINCODE_CONTENT_MISMATCH',
                `the content loaded for ${hash} has another hash; what the ledger keeps under it is wrong`,
            );
        }
        return this.#get(hash, content);
    }

    #get(hash: string, content: string): T {
        const kept = this.#kept.get(hash);
        if (kept !== undefined) return kept;
        const made = this.#make(content);
        const bytes = Math.max(1, Math.ceil(this.#sizeOf(made, Buffer.byteLength(content))));
        this.#kept.set(hash, made, { size: bytes });
        return made;
    }
}
