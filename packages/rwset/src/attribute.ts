import { explainRange } from './explain-range.js';
import type { Block, BlockTransaction, KeyRead, RangeQuery, Version } from './model.js';
import { isReadConflict, VALIDATION_CODES } from './validation-code.js';
import { isSameVersion } from './version.js';
import {
    lastChange,
    type LastWrite,
    liveVersion,
    type TransactionRef,
    WriterIndex,
} from './writer-index.js';

/**
 * How a transaction lost. `intra-block`: a key it read was written earlier in its own block.
 * `stale`: by an earlier block. `phantom-…`: a key of a range it queried came, changed or went.
 * `phantom`: one of those, and which is not known because the key's past was not seen.
 * `private-hash`: a private key it read was written.
 */
export type ConflictClass =
    | 'intra-block'
    | 'stale'
    | 'phantom-insert'
    | 'phantom-update'
    | 'phantom-delete'
    | 'phantom'
    | 'private-hash';

/** Who invalidated whom, over what. */
export interface Conflict {
    readonly victim: TransactionRef;
    /** The peer's verdict: MVCC or phantom read conflict. */
    readonly code: number;
    readonly class: ConflictClass;
    readonly namespace: string | undefined;
    /** The private data collection; only with class `private-hash`. */
    readonly collection: string | undefined;
    /** The key that decided it; in a collection its hash. Undefined when it is not known. */
    readonly key: string | undefined;
    /** The range that no longer held; only with phantoms. */
    readonly range: RangeQuery | undefined;
    /** The version the victim had read; undefined when it had found nothing. */
    readonly readVersion: Version | undefined;
    /** The valid transaction that wrote the key last. Undefined when it was not seen. */
    readonly blocker: TransactionRef | undefined;
    /** How many blocks lie between blocker and victim; 0 within one block. */
    readonly ageInBlocks: number | undefined;
}

/** Options of {@link ConflictAttributor}. */
export interface AttributionOptions {
    /**
     * How many blocks a write is remembered. What is forgotten can no longer be named as blocker;
     * memory grows with the number of distinct keys written in that time. Default: for ever.
     */
    readonly keepBlocks?: number;
}

/**
 * Watches blocks go by and says of every read conflict who caused it. It needs no state and may
 * start at any block: what it has not seen it does not guess. Verdicts are the peer's own.
 *
 * @example
 * ```ts no-run
 * import { readFileSync } from 'node:fs';
 * import { ConflictAttributor, decodeBlock } from '@goodput/rwset';
 *
 * const attributor = new ConflictAttributor();
 * for (const file of process.argv.slice(2)) {
 *     for (const { victim, blocker, key } of attributor.add(decodeBlock(readFileSync(file)))) {
 *         console.log(`${victim.txId} lost ${key ?? '?'} to ${blocker?.txId ?? 'an earlier block'}`);
 *     }
 * }
 * ```
 */
export class ConflictAttributor {
    readonly #index: WriterIndex;

    constructor({ keepBlocks = Infinity }: AttributionOptions = {}) {
        this.#index = new WriterIndex(keepBlocks);
    }

    /**
     * Takes the next block and returns its conflicts in order. The verdicts are those the block
     * carries, unless `codes` gives others (a block from an orderer carries none).
     */
    add(block: Block, codes?: readonly number[]): Conflict[] {
        const conflicts: Conflict[] = [];
        this.#index.beginBlock(block.number);
        for (const tx of block.transactions) {
            if (tx.rwset === undefined) continue;
            const code = codes?.[tx.txNum] ?? tx.code;
            if (code === VALIDATION_CODES.VALID) {
                this.#index.note(tx.rwset, referTo(block, tx));
            } else if (isReadConflict(code)) {
                conflicts.push(this.#explain(referTo(block, tx), tx, code));
            }
        }
        return conflicts;
    }

    #explain(victim: TransactionRef, tx: BlockTransaction, code: number): Conflict {
        const found =
            code === VALIDATION_CODES.PHANTOM_READ_CONFLICT
                ? this.#explainRanges(tx)
                : this.#explainReads(tx, victim.blockNum);
        const blocker = found.write?.writer;
        return {
            victim,
            code,
            class: classOf(found, victim),
            namespace: found.namespace,
            collection: found.collection,
            key: found.key,
            range: found.range,
            readVersion: found.readVersion,
            blocker,
            ageInBlocks: blocker && victim.blockNum - blocker.blockNum,
        };
    }

    /** The first read that no longer holds, in the order in which a peer looks. */
    #explainReads(tx: BlockTransaction, blockNum: number): Found {
        const unseen: Found[] = [];
        for (const { namespace, reads, collections } of tx.rwset?.namespaces ?? []) {
            for (const { key, version } of reads) {
                const write = decisive(this.#index.get(namespace, key), blockNum);
                const found: Found = { namespace, key, readVersion: version, write };
                if (isBroken(version, write, blockNum)) return found;
                if (write === undefined && namespace !== LIFECYCLE) unseen.push(found);
            }
            for (const { collection, reads: hashed } of collections) {
                for (const { keyHash, version } of hashed) {
                    const last = this.#index.getHashed(namespace, collection, keyHash);
                    const write = decisive(last, blockNum);
                    const found: Found = {
                        namespace,
                        collection,
                        key: keyHash,
                        readVersion: version,
                        write,
                    };
                    if (isBroken(version, write, blockNum)) return found;
                    if (write === undefined && namespace !== LIFECYCLE) unseen.push(found);
                }
            }
        }
        // One read alone can be to blame, although its writer came before the first block seen.
        const [only] = unseen;
        return unseen.length === 1 && only !== undefined ? only : {};
    }

    #explainRanges(tx: BlockTransaction): Found {
        for (const { namespace, rangeQueries } of tx.rwset?.namespaces ?? []) {
            for (const range of rangeQueries) {
                const broken = explainRange(namespace, range, this.#index);
                if (broken !== undefined) return { namespace, range, ...broken };
            }
        }
        return { isPhantom: true };
    }
}

/** Reads of the chaincode's definition, which every transaction has and upgrades alone break. */
const LIFECYCLE = '_lifecycle';

/** What is found out about a conflict. */
interface Found {
    readonly namespace?: string;
    readonly collection?: string;
    readonly key?: string | undefined;
    readonly range?: RangeQuery;
    readonly readVersion?: Version | undefined;
    readonly write?: LastWrite | undefined;
    /** Of a phantom: what the write did, compared with what the victim saw. */
    readonly effect?: LastWrite['effect'];
    readonly isPhantom?: boolean;
}

function classOf(found: Found, victim: TransactionRef): ConflictClass {
    if (found.effect !== undefined && found.effect !== 'unknown') return `phantom-${found.effect}`;
    if (found.range !== undefined || found.isPhantom === true) return 'phantom';
    if (found.collection !== undefined) return 'private-hash';
    return found.write?.writer.blockNum === victim.blockNum ? 'intra-block' : 'stale';
}

/** Within its block any write counts; of earlier ones only those that changed something. */
function decisive(write: LastWrite | undefined, blockNum: number): LastWrite | undefined {
    if (write === undefined || write.writer.blockNum === blockNum) return write;
    return lastChange(write);
}

/** Whether a read fails: any write in the same block fails it, even one that changed nothing. */
function isBroken(
    read: KeyRead['version'],
    write: LastWrite | undefined,
    blockNum: number,
): boolean {
    if (write === undefined) return false;
    return write.writer.blockNum === blockNum || !isSameVersion(read, liveVersion(write));
}

/** Names a transaction of a block. */
export function referTo(block: Block, tx: BlockTransaction): TransactionRef {
    return {
        blockNum: block.number,
        txNum: tx.txNum,
        txId: tx.txId,
        chaincode: tx.chaincode?.name ?? '',
        functionName: tx.functionName,
    };
}
