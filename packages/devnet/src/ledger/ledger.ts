import type { IndexFiles } from '@goodput/couchdb';
import type { common } from '@hyperledger/fabric-protos';

import type { Collection } from './collections.js';
import { levelFailure, LevelStorage } from './level-storage.js';
import type { PrivateWrites, SimulateOptions, Simulation } from './simulation.js';
import type { IndexOutcome } from './state-database.js';
import { StateLedger } from './state-ledger.js';
import { MemoryStorage } from './storage.js';
import type { TransactionPlace } from './storage.js';

/** How a ledger is opened. */
export interface LedgerOptions {
    readonly channel: string;
    /** The MSP ids of the channel's organisations: each has a collection of its own. */
    readonly organizations?: readonly string[];
    /** Whose rules hold for keys, values and queries. Default `leveldb`. */
    readonly stateDatabase?: 'leveldb' | 'couchdb';
    /**
     * A folder of its own to keep the ledger in: it survives restarts, and a process killed at any
     * moment loses no committed block. Absent, the ledger is in memory and gone when it is closed.
     */
    readonly directory?: string;
    /** How many rows a peer asks CouchDB for at once. Default 1,000, as in `core.yaml`. */
    readonly internalQueryLimit?: number;
    /** Told what a peer would write to its log: warnings of CouchDB, refused indexes. */
    readonly log?: (line: string) => void;
    /**
     * The URL of a CouchDB, with user and password if it wants them. The state is written there as a
     * peer would, and rich queries are answered by it. Only with `stateDatabase: 'couchdb'`; absent,
     * the same rules hold and rich queries are answered by the embedded engine.
     */
    readonly couchdb?: string;
    /** At this many results a query silently ends. Default 100,000, as in a peer's `core.yaml`. */
    readonly totalQueryLimit?: number;
}

/** A block as it was committed. */
export interface CommittedBlock {
    readonly block: common.Block;
    /** One `TxValidationCode` per transaction. */
    readonly codes: readonly number[];
    readonly number: number;
}

/** One channel's blocks and state. */
export interface Ledger {
    readonly channel: string;
    /** The number of blocks. */
    readonly height: number;
    /** The hash of the last block's header; empty before the first block. */
    readonly lastHash: Uint8Array;
    /** Begins a simulation. Its view stays as it is until `done()`: a commit waits for that. */
    simulate(txId: string, options?: SimulateOptions): Promise<Simulation>;
    /**
     * Decides and appends the next block. `codes[i]` is the verdict of the signature and policy
     * checks (0, or why not); duplicates and read conflicts are found here. Verdicts and commit hash
     * are written into the block's metadata.
     *
     * @throws DevnetError when the block does not continue the chain; nothing is written then.
     */
    commit(
        block: common.Block,
        codes: readonly number[],
        privateData?: ReadonlyMap<string, readonly PrivateWrites[]>,
    ): Promise<CommittedBlock>;
    blockByNumber(number: number): common.Block | undefined;
    blockByHash(hash: Uint8Array): common.Block | undefined;
    blockByTxId(txId: string): common.Block | undefined;
    transaction(txId: string): TransactionPlace | undefined;
    /** The committed metadata of a key, such as its endorsement policy, by name. */
    keyMetadata(namespace: string, key: string): ReadonlyMap<string, Uint8Array> | undefined;
    /** The same of a private key, by the SHA-256 of the key. */
    privateMetadata(
        namespace: string,
        collection: string,
        keyHash: Uint8Array,
    ): ReadonlyMap<string, Uint8Array> | undefined;
    /**
     * The private writes that came with a block's valid transactions, by the transaction's place in
     * it. What has expired or was purged since is not among them.
     */
    privateData(blockNumber: number): ReadonlyMap<number, readonly PrivateWrites[]>;
    /** A collection as the chaincode's committed definition has it, or an organisation's own. */
    collection(chaincode: string, name: string): Collection | undefined;
    /**
     * Makes the CouchDB indexes of a chaincode's package, given the content of its files by path
     * (`META-INF/statedb/couchdb/…`). Call it when the chaincode's definition is committed. As on a peer
     * an index that CouchDB refuses is reported and logged, and the others are made all the same. With
     * state database `leveldb` nothing happens.
     *
     * @throws CouchdbError when a file would not pass a peer's packaging.
     */
    deployIndexes(chaincode: string, files: IndexFiles): Promise<readonly DeployedIndex[]>;
    /** Calls `listener` after each commit, in order, until the returned function is called. */
    onCommit(listener: (committed: CommittedBlock) => void): () => void;
    /** The ledger as it is now, to {@link Ledger.restore} it later. Costs next to nothing. */
    snapshot(): LedgerSnapshot;
    /** Goes back to an earlier state, forgetting the blocks since. */
    restore(snapshot: LedgerSnapshot): Promise<void>;
    /** Ends everything: what is still running fails, and there are no blocks to be read any more. */
    close(): Promise<void>;
}

/** What became of one index file of a chaincode. */
export interface DeployedIndex extends IndexOutcome {
    /** The collection the index is for; '' for the public state. */
    readonly collection: string;
}

/** A ledger at one height. Only the ledger that gave it can go back to it. */
export interface LedgerSnapshot {
    readonly height: number;
}

/** Opens a channel's ledger. */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
    const { channel, directory, stateDatabase = 'leveldb' } = options;
    const storage =
        directory === undefined
            ? new MemoryStorage()
            : await LevelStorage.open({ directory, channel, stateDatabase });
    const ledger = new StateLedger(options, storage);
    try {
        await ledger.load();
    } catch (error) {
        await storage.close();
        throw directory === undefined ? error : levelFailure(directory, error);
    }
    return ledger;
}
