import type { VersionedValue } from '@goodput/rwset';

/** One key of the state set anew, or removed when it has no value. */
export interface StateWrite {
    readonly namespace: string;
    readonly key: string;
    readonly value: VersionedValue | undefined;
}

/** Where a transaction stands, and what became of it. */
export interface TransactionPlace {
    readonly txId: string;
    readonly code: number;
    readonly blockNumber: number;
    readonly index: number;
}

/** Everything one block adds to a ledger. It is kept whole or not at all. */
export interface LedgerRecord {
    readonly number: number;
    readonly block: Uint8Array;
    /** The hash of the block's header, in hexadecimal. */
    readonly hash: string;
    readonly transactions: readonly TransactionPlace[];
    readonly writes: readonly StateWrite[];
}

/** What a ledger goes back to: blocks from `height` on are forgotten. */
export interface Rewind {
    readonly height: number;
    readonly txIds: readonly string[];
    readonly hashes: readonly string[];
    readonly writes: readonly StateWrite[];
}

/** What a storage held when it was opened. */
export interface StoredLedger {
    readonly height: number;
    readonly hashes: Iterable<readonly [hash: string, number: number]>;
    readonly transactions: Iterable<TransactionPlace>;
    readonly writes: AsyncIterable<StateWrite> | Iterable<StateWrite>;
}

/** Where blocks go, and (if it lasts) everything else that a restart has to find again. */
export interface LedgerStorage {
    load(): Promise<StoredLedger>;
    /** Resolves when the record cannot be lost any more. */
    append(record: LedgerRecord): Promise<void>;
    /** Keeps notes that belong to no block. */
    write(writes: readonly StateWrite[]): Promise<void>;
    block(number: number): Uint8Array | undefined;
    rewind(to: Rewind): Promise<void>;
    close(): Promise<void>;
}

/** Blocks in memory; everything else is in memory anyway. */
export class MemoryStorage implements LedgerStorage {
    #blocks: Uint8Array[] = [];

    load(): Promise<StoredLedger> {
        return Promise.resolve({ height: 0, hashes: [], transactions: [], writes: [] });
    }

    append(record: LedgerRecord): Promise<void> {
        this.#blocks.push(record.block);
        return Promise.resolve();
    }

    write(): Promise<void> {
        return Promise.resolve();
    }

    block(number: number): Uint8Array | undefined {
        return this.#blocks[number];
    }

    rewind(to: Rewind): Promise<void> {
        this.#blocks.length = to.height;
        return Promise.resolve();
    }

    close(): Promise<void> {
        this.#blocks = [];
        return Promise.resolve();
    }
}
