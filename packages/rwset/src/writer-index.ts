import { RwsetError } from './errors.js';
import { collectionId } from './memory-state.js';
import type { TxReadWriteSet, Version } from './model.js';
import { OrderedKeys } from './ordered-keys.js';
import { deletes, hashDeletes } from './write-set.js';

/** Enough of a transaction to name it to a person. */
export interface TransactionRef {
    readonly blockNum: number;
    readonly txNum: number;
    readonly txId: string;
    readonly chaincode: string;
    readonly functionName: string;
}

/** What a write did to its key; `unknown` when the key's past was not seen. */
export type WriteEffect = 'insert' | 'update' | 'delete' | 'unknown';

/** The last thing that happened to a key. */
export interface LastWrite {
    readonly writer: TransactionRef;
    readonly effect: WriteEffect;
    /** Whether it deleted a key that was not there, and so changed nothing. */
    readonly isIdle: boolean;
    /** Of an idle write: the last one before it that was not. */
    readonly before: LastWrite | undefined;
}

interface Space {
    readonly writes: Map<string, LastWrite>;
    /** Built when the first range has to be searched; deleted keys stay in. */
    keys: OrderedKeys | undefined;
}

/** The version a key has after its last write; undefined when that deleted it. */
export function liveVersion({ writer, effect }: LastWrite): Version | undefined {
    return effect === 'delete' ? undefined : writer;
}

/** The last write that changed the key, if it was seen. */
export function lastChange(write: LastWrite): LastWrite | undefined {
    return write.isIdle ? write.before : write;
}

/**
 * Who wrote each key last, deletes included: what the state itself forgets. With `keepBlocks` set,
 * writes older than that many blocks are forgotten.
 */
export class WriterIndex {
    readonly #spaces = new Map<string, Space>();
    readonly #keepBlocks: number;
    readonly #ages: { blockNum: number; written: [Space, string, LastWrite][] }[] = [];
    #complete: boolean | undefined;
    #last: number | undefined;

    constructor(keepBlocks: number) {
        this.#keepBlocks = keepBlocks;
    }

    /** Whether every write since genesis is known. */
    get complete(): boolean {
        return this.#complete === true;
    }

    /**
     * Makes ready for a block: forgets what is too old, and everything when blocks were left out, as
     * nobody knows what happened in them.
     *
     * @throws RwsetError `RWSET_BLOCK_OUT_OF_ORDER` when the block is not a later one than the last.
     */
    beginBlock(blockNum: number): void {
        if (this.#last !== undefined && blockNum <= this.#last) {
            throw new RwsetError(
                'RWSET_BLOCK_OUT_OF_ORDER',
                `Block ${blockNum} comes after block ${this.#last}. Add each block once, in order.`,
            );
        }
        if (this.#last !== undefined && blockNum > this.#last + 1) {
            this.#spaces.clear();
            this.#ages.length = 0;
            this.#complete = false;
        }
        this.#last = blockNum;
        this.#complete ??= blockNum === 0;
        if (this.#keepBlocks === Infinity) return;
        this.#ages.push({ blockNum, written: [] });
        while (
            this.#ages[0] !== undefined &&
            this.#ages[0].blockNum < blockNum - this.#keepBlocks
        ) {
            this.#complete = false;
            for (const [space, key, write] of this.#ages.shift()?.written ?? []) {
                if (space.writes.get(key) !== write) continue;
                space.writes.delete(key);
                space.keys?.delete(key);
            }
        }
    }

    /** The last write of a public key. */
    get(namespace: string, key: string): LastWrite | undefined {
        return this.#spaces.get(namespace)?.writes.get(key);
    }

    /** The last write of a private key. */
    getHashed(namespace: string, collection: string, keyHash: string): LastWrite | undefined {
        return this.#spaces.get(collectionId(namespace, collection))?.writes.get(keyHash);
    }

    /** The last writes of a range's keys in byte order, those of deleted keys included. */
    *range(
        namespace: string,
        startKey: string,
        endKey: string,
        includeEnd: boolean,
    ): Generator<[key: string, write: LastWrite], void> {
        const space = this.#spaces.get(namespace);
        if (space === undefined) return;
        if (space.keys === undefined) {
            space.keys = new OrderedKeys();
            for (const key of space.writes.keys()) space.keys.add(key);
        }
        for (const key of space.keys.range(startKey, endKey)) {
            const write = space.writes.get(key);
            if (write !== undefined) yield [key, write];
        }
        const last = includeEnd ? space.writes.get(endKey) : undefined;
        if (last !== undefined) yield [endKey, last];
    }

    /** Notes the writes of a valid transaction. */
    note(rwset: TxReadWriteSet, writer: TransactionRef): void {
        for (const { namespace, writes, metadataWrites, collections } of rwset.namespaces) {
            if (writes.length + metadataWrites.length > 0) {
                const space = this.#space(namespace);
                for (const write of writes) this.#note(space, write.key, deletes(write), writer);
                for (const { key } of metadataWrites) this.#noteMetadata(space, key, writer);
            }
            for (const set of collections) {
                if (set.writes.length + set.metadataWrites.length === 0) continue;
                const space = this.#space(collectionId(namespace, set.collection));
                for (const write of set.writes) {
                    this.#note(space, write.keyHash, hashDeletes(write), writer);
                }
                for (const { keyHash } of set.metadataWrites) {
                    this.#noteMetadata(space, keyHash, writer);
                }
            }
        }
    }

    #note(space: Space, key: string, isDelete: boolean, writer: TransactionRef): void {
        const before = space.writes.get(key);
        let effect: WriteEffect;
        if (isDelete) {
            const isIdle = before === undefined ? this.complete : before.effect === 'delete';
            this.#set(space, key, {
                writer,
                effect: 'delete',
                isIdle,
                before: isIdle && before !== undefined ? lastChange(before) : undefined,
            });
            return;
        }
        if (before !== undefined) effect = before.effect === 'delete' ? 'insert' : 'update';
        else effect = this.complete ? 'insert' : 'unknown';
        this.#set(space, key, { writer, effect, isIdle: false, before: undefined });
    }

    /** Metadata gives a key that is there a new version, and does nothing to one that is not. */
    #noteMetadata(space: Space, key: string, writer: TransactionRef): void {
        const before = space.writes.get(key);
        if (before?.writer === writer || before?.effect === 'delete') return;
        if (before === undefined && this.complete) return;
        this.#set(space, key, { writer, effect: 'update', isIdle: false, before: undefined });
    }

    #set(space: Space, key: string, write: LastWrite): void {
        space.writes.set(key, write);
        space.keys?.add(key);
        this.#ages.at(-1)?.written.push([space, key, write]);
    }

    #space(name: string): Space {
        let space = this.#spaces.get(name);
        if (space === undefined) {
            space = { writes: new Map(), keys: undefined };
            this.#spaces.set(name, space);
        }
        return space;
    }
}
