import { MemoryState } from './memory-state.js';
import { summarizeRange } from './merkle.js';
import type {
    Block,
    BlockTransaction,
    CollectionReadWriteSet,
    MerkleSummary,
    MetadataEntry,
    NamespaceReadWriteSet,
    RangeQuery,
    TxReadWriteSet,
} from './model.js';
import { Pseudonyms } from './pseudonyms.js';
import { isDecidedHere, validateBlock } from './validate.js';
import { VALIDATION_CODES } from './validation-code.js';
import { hashDeletes } from './write-set.js';

/** What can be left as it is. */
export type Redactable =
    | 'keys'
    | 'values'
    | 'args'
    | 'functions'
    | 'chaincodes'
    | 'identities'
    | 'txIds'
    | 'events'
    | 'responses'
    | 'channel';

/** Options of {@link redactBlocks}. */
export interface RedactOptions {
    /** What to leave as it is. Default: the functions' names, without which little can be learnt. */
    readonly keep?: readonly Redactable[];
}

const NOTHING: Uint8Array = new Uint8Array(0);
const ANYTHING: Uint8Array = Buffer.from('0');

/**
 * Takes out of blocks what is nobody's business and leaves what conflicts are made of. Keys get
 * numbers that keep their order, so that equal ones stay equal and ranges still hold what they held;
 * values become one byte. Replaying the result gives the same verdicts and the same blockers.
 *
 * Give it all blocks of a log at once: names are numbered over all of them. Times, verdicts, sizes and
 * the shape of the traffic stay in, and can say something to those who know the business.
 */
export function redactBlocks(
    blocks: readonly Block[],
    { keep = ['functions'] }: RedactOptions = {},
): Block[] {
    const names = new Pseudonyms(blocks);
    const kept = new Set(keep);
    const state = new MemoryState();
    return blocks.map((block) => {
        const { updates } = validateBlock(state, { ...block, transactions: trusted(block) });
        const summaries = new Summaries(state, names, kept.has('keys'));
        const transactions = block.transactions.map((tx) =>
            redactTransaction(tx, names, kept, summaries),
        );
        state.apply(updates);
        return { number: block.number, previousHash: NOTHING, dataHash: NOTHING, transactions };
    });
}

/** The peer's own verdicts, which hold even when the state before the first block is unknown. */
function trusted(block: Block): { rwset: TxReadWriteSet | undefined; code: number }[] {
    return block.transactions.map(({ rwset, code }) => {
        const isInvalid = code !== VALIDATION_CODES.VALID && isDecidedHere(code);
        if (isInvalid) return { rwset, code: VALIDATION_CODES.INVALID_OTHER_REASON };
        if (code !== VALIDATION_CODES.VALID || rwset === undefined) return { rwset, code };
        const namespaces = rwset.namespaces.map((set) => ({
            ...set,
            reads: [],
            rangeQueries: [],
            collections: set.collections.map((each) => ({ ...each, reads: [] })),
        }));
        return { rwset: { namespaces }, code };
    });
}

/** Hashes of keys are worthless once the keys have other names: they are worked out anew. */
class Summaries {
    readonly #state: MemoryState;
    readonly #names: Pseudonyms;
    readonly #keepKeys: boolean;

    constructor(state: MemoryState, names: Pseudonyms, keepKeys: boolean) {
        this.#state = state;
        this.#names = names;
        this.#keepKeys = keepKeys;
    }

    /**
     * The summary of a range that held. One that did not gets hashes that match nothing: those it had
     * were made of the real keys, and would let anybody confirm a guess at them.
     */
    of(namespace: string, query: RangeQuery, summary: MerkleSummary, held: boolean): MerkleSummary {
        if (this.#keepKeys) return summary;
        if (!held) return blank(summary);
        const now = [...this.#state.range(namespace, query.startKey, query.endKey)];
        const last = query.itrExhausted ? undefined : this.#state.get(namespace, query.endKey);
        const reads = now.map(({ key, version }) => ({ key, version }));
        if (last !== undefined) reads.push({ key: query.endKey, version: last.version });
        const renamed = reads.map(({ key, version }) => ({
            key: this.#names.key(namespace, key),
            version,
        }));
        return summarizeRange(renamed, summary.maxDegree).merkle ?? blank(summary);
    }
}

function blank(summary: MerkleSummary): MerkleSummary {
    return { ...summary, maxLevelHashes: summary.maxLevelHashes.map(() => Buffer.alloc(32, 1)) };
}

function redactTransaction(
    tx: BlockTransaction,
    names: Pseudonyms,
    kept: ReadonlySet<Redactable>,
    summaries: Summaries,
): BlockTransaction {
    const chaincode = (name: string): string =>
        kept.has('chaincodes') ? name : names.namespace(name);
    const txId = (id: string): string => (kept.has('txIds') ? id : names.txId(id));
    const isKnown = kept.has('identities');
    return {
        ...tx,
        txId: txId(tx.txId),
        channelId: kept.has('channel') || tx.channelId === '' ? tx.channelId : 'channel',
        creatorMspId: isKnown ? tx.creatorMspId : names.msp(tx.creatorMspId),
        creator: isKnown ? tx.creator : NOTHING,
        chaincode: tx.chaincode && {
            name: chaincode(tx.chaincode.name),
            version: kept.has('chaincodes') ? tx.chaincode.version : '',
        },
        functionName: kept.has('functions') ? tx.functionName : names.functionName(tx.functionName),
        args: kept.has('args') ? tx.args : [],
        endorsers: tx.endorsers.map(({ mspId, identity }) =>
            isKnown ? { mspId, identity } : { mspId: names.msp(mspId), identity: NOTHING },
        ),
        event:
            tx.event && kept.has('events')
                ? {
                      ...tx.event,
                      chaincode: chaincode(tx.event.chaincode),
                      txId: txId(tx.event.txId),
                  }
                : undefined,
        response:
            tx.response && !kept.has('responses')
                ? { status: tx.response.status, message: '', payload: NOTHING }
                : tx.response,
        problem: tx.problem,
        rwset: tx.rwset && {
            namespaces: tx.rwset.namespaces.map((set) => ({
                ...redactNamespace(set, tx, names, kept, summaries),
                namespace: chaincode(set.namespace),
            })),
        },
    };
}

function redactNamespace(
    set: NamespaceReadWriteSet,
    tx: BlockTransaction,
    names: Pseudonyms,
    kept: ReadonlySet<Redactable>,
    summaries: Summaries,
): NamespaceReadWriteSet {
    const key = (name: string): string =>
        kept.has('keys') ? name : names.key(set.namespace, name);
    const value = (bytes: Uint8Array): Uint8Array =>
        kept.has('values') || bytes.length === 0 ? bytes : ANYTHING;
    const entries = (list: readonly MetadataEntry[]): MetadataEntry[] =>
        list.map((entry) => ({ name: entry.name, value: value(entry.value) }));
    const held = tx.code === VALIDATION_CODES.VALID;
    return {
        namespace: set.namespace,
        reads: set.reads.map((read) => ({ ...read, key: key(read.key) })),
        writes: set.writes.map((write) => ({
            key: key(write.key),
            isDelete: write.isDelete,
            value: value(write.value),
        })),
        metadataWrites: set.metadataWrites.map((write) => ({
            key: key(write.key),
            entries: entries(write.entries),
        })),
        rangeQueries: set.rangeQueries.map((query) => ({
            ...query,
            startKey: key(query.startKey),
            endKey: key(query.endKey),
            rawReads: query.rawReads?.map((read) => ({ ...read, key: key(read.key) })),
            merkle: query.merkle && summaries.of(set.namespace, query, query.merkle, held),
        })),
        collections: set.collections.map((each) =>
            redactCollection(each, set, names, kept, entries),
        ),
    };
}

function redactCollection(
    set: CollectionReadWriteSet,
    { namespace }: NamespaceReadWriteSet,
    names: Pseudonyms,
    kept: ReadonlySet<Redactable>,
    entries: (list: readonly MetadataEntry[]) => MetadataEntry[],
): CollectionReadWriteSet {
    const hash = (keyHash: string): string =>
        kept.has('keys') ? keyHash : names.keyHash(namespace, set.collection, keyHash);
    return {
        collection: kept.has('chaincodes') ? set.collection : names.collection(set.collection),
        reads: set.reads.map((read) => ({ ...read, keyHash: hash(read.keyHash) })),
        writes: set.writes.map((write) => ({
            ...write,
            keyHash: hash(write.keyHash),
            valueHash:
                kept.has('values') || hashDeletes(write) ? write.valueHash : Buffer.alloc(32, 1),
        })),
        metadataWrites: set.metadataWrites.map((write) => ({
            keyHash: hash(write.keyHash),
            entries: entries(write.entries),
        })),
        pvtRwsetHash:
            kept.has('values') || set.pvtRwsetHash.length === 0
                ? set.pvtRwsetHash
                : Buffer.alloc(32, 1),
    };
}
