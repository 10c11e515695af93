import type { AttributionOptions } from './attribute.js';
import { referTo } from './attribute.js';
import type { Block, TxReadWriteSet, Version } from './model.js';
import { VALIDATION_CODES } from './validation-code.js';
import { compareVersions } from './version.js';
import { type LastWrite, type TransactionRef, WriterIndex } from './writer-index.js';

/** A read that has been overtaken, and by whom. */
export interface StaleRead {
    readonly namespace: string;
    /** The private data collection; undefined for public keys. */
    readonly collection: string | undefined;
    /** The key; in a collection its hash. */
    readonly key: string;
    readonly readVersion: Version | undefined;
    readonly writer: TransactionRef;
}

/**
 * Knows from the block stream which keys were written lately, and so whether an endorsed transaction
 * is too late already: endorsing it anew costs milliseconds, having it invalidated a block. It needs
 * no state and may start at any block. A transaction endorsed on a state newer than the last block
 * added here is not called stale; ranges are not looked at.
 */
export class VersionTracker {
    readonly #index: WriterIndex;

    /** Writes older than `keepBlocks` blocks are forgotten. Default 100. */
    constructor({ keepBlocks = 100 }: AttributionOptions = {}) {
        this.#index = new WriterIndex(keepBlocks);
    }

    /** Takes the next block, whose verdicts are the peer's unless `codes` gives others. */
    add(block: Block, codes?: readonly number[]): void {
        this.#index.beginBlock(block.number);
        for (const tx of block.transactions) {
            if (tx.rwset === undefined) continue;
            if ((codes?.[tx.txNum] ?? tx.code) === VALIDATION_CODES.VALID) {
                this.#index.note(tx.rwset, referTo(block, tx));
            }
        }
    }

    /** The first read that can no longer be valid, or undefined when none is known. */
    staleRead(rwset: TxReadWriteSet): StaleRead | undefined {
        for (const { namespace, reads, collections } of rwset.namespaces) {
            for (const { key, version } of reads) {
                const write = this.#index.get(namespace, key);
                if (write !== undefined && isOvertaken(version, write)) {
                    const { writer } = write;
                    return { namespace, collection: undefined, key, readVersion: version, writer };
                }
            }
            for (const { collection, reads: hashed } of collections) {
                for (const { keyHash, version } of hashed) {
                    const write = this.#index.getHashed(namespace, collection, keyHash);
                    if (write !== undefined && isOvertaken(version, write)) {
                        const { writer } = write;
                        return {
                            namespace,
                            collection,
                            key: keyHash,
                            readVersion: version,
                            writer,
                        };
                    }
                }
            }
        }
        return undefined;
    }
}

/** Whether a write came after a read. An absent key was read before it was last put. */
function isOvertaken(read: Version | undefined, { writer, effect }: LastWrite): boolean {
    return read === undefined ? effect !== 'delete' : compareVersions(writer, read) > 0;
}
